"""How much a post moved those who could see it: likes, comments and shares for each follower at that time.

Followers, never reach: what the networks call reach and views counts other things. What is unknown is None.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from storage.post_facts import FollowersRead, PostFacts


def engagement(post: PostFacts) -> int | None:
    """Likes, comments and shares together; None: one of them is not known."""
    counts = (post.like_count, post.comment_count, post.share_count)
    return None if None in counts else sum(count for count in counts if count is not None)


def followers_then(post: PostFacts, near: timedelta) -> FollowersRead | None:
    """The known reading of followers nearest to its publication, of two as near the earlier.

    None: there is none so near, or the network withheld the number.
    """
    known = [
        read
        for read in (post.before, post.after)
        if read is not None
        and read.follower_count is not None
        and abs(read.observed_at - post.published_at) <= near
    ]
    return min(known, key=lambda read: abs(read.observed_at - post.published_at), default=None)


def engagement_rate(post: PostFacts, near: timedelta) -> Fraction | None:
    """Engagement in percent of the followers then; None: one of the two is not known, or nobody followed."""
    moved, followers = engagement(post), followers_then(post, near)
    if moved is None or followers is None or not followers.follower_count:
        return None
    return Fraction(100 * moved, followers.follower_count)

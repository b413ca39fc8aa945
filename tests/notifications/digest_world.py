"""A week, a month, and a community's figures for the letters that tell of them."""

from __future__ import annotations

from datetime import date, timedelta

from collector.domain.figures import CommunityFigures
from collector.domain.notification import Audience, Recipient
from collector.domain.period import month_of, week_until

WEEK = week_until(date(2026, 11, 16))
MONTH = month_of(date(2026, 10, 1))
NOW = WEEK.end + timedelta(hours=9)
DAY = timedelta(days=1)
HOSTILE = "<script>alert(1)</script>\r\nBcc: x@example.org\u202e" + "ы" * 5000
TO = Recipient(Audience.DEPARTMENT, "Информационный отдел", "info@example.org")


def plain(text: str) -> str:
    """With common spaces, and without line ends."""
    return " ".join(text.replace("\u202f", " ").split())


def figures(**more: object) -> CommunityFigures:
    values = {
        "branch_id": 1,
        "community_id": 1,
        "network": "vk",
        "url": "https://vk.com/club1",
        "title": "Профсоюз",
        "access": "open",
        "access_since": MONTH.start - 100 * DAY,
        "followers_start": 100,
        "followers_start_at": WEEK.start - timedelta(hours=1),
        "followers_end": 112,
        "followers_end_at": WEEK.end - timedelta(hours=1),
        "posts": 3,
        "posts_before": 5,
        **more,
    }
    return CommunityFigures(**values)  # type: ignore[arg-type]

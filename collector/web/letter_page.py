"""What the page of a letter shows: the branch, the silence, and what was said of it, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from collector.domain.episode import Episode, Mute
from collector.domain.schedule import CLOCK_TOLERANCE
from collector.notifications import words
from collector.notifications.links import LetterLink
from storage.page import PageBranch
from storage.store import Store


@dataclass(frozen=True, slots=True)
class LetterPage:
    """The facts. `episode`: the one that the letter was about; None: it was about none, or it is known no more.

    `present`: the branch's open silence, which may be another one by now; None: it is not silent.
    """

    branch: PageBranch
    episode: Episode | None
    present: Episode | None
    mute: Mute | None
    days: int
    """Days without a post, of the present silence."""

    @property
    def can_acknowledge(self) -> bool:
        """Whether «Мы знаем» would change anything."""
        return self.episode is not None and self.episode.is_open and self.episode.acknowledged_at is None


def letter_page(store: Store, link: LetterLink, now: datetime) -> LetterPage | None:
    """The page's facts; None: the database knows no such branch. Raises StoreError."""
    branch = store.page_branch(link.branch_id)
    if branch is None:
        return None
    episode = _told_of(store, link)
    present = store.silences.open_episodes([link.branch_id]).get(link.branch_id)
    mute = store.silences.mutes(now).get(link.branch_id)
    days = 0 if present is None else words.days_between(present.counted_from, now)
    return LetterPage(branch, episode, present, mute, days)


def _told_of(store: Store, link: LetterLink) -> Episode | None:
    """The episode that the letter was about.

    A database restored from a backup knows nothing of those that were found since, and gives their numbers to
    others: of another branch, or found later than the letter was written.
    """
    found = None if link.silence_id is None else store.silences.episode(link.silence_id)
    if found is None or found.branch_id != link.branch_id:
        return None
    is_later = link.made_at is not None and found.detected_at > link.made_at + CLOCK_TOLERANCE
    return None if is_later else found

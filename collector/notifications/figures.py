"""Numbers of a period in Russian words. What is unknown is «нет данных», and growth from nothing is «новое»."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from collector.domain.figures import CommunityFigures
from collector.domain.period import ReportPeriod
from collector.notifications.rendering import one_line
from collector.notifications.words import near_day, network_name, number

NO_DATA = "нет данных"
NEW = "новое"
_FRESH_FOR = timedelta(days=2)
"""A number that was observed so long before an instant is told with its day."""
_LONGEST_TITLE = 40
_MINUS = "\u2212"
_NBSP = "\u00a0"


class Named(Protocol):
    """What a community is told by."""

    @property
    def network(self) -> str:
        """The network."""

    @property
    def title(self) -> str | None:
        """Its title; None: not known."""

    @property
    def url(self) -> str:
        """Its link."""


def community_name(it: Named, among: Sequence[Named]) -> str:
    """Its network's name, and its title only where the network does not tell which one it is."""
    name = network_name(it.network)
    if sum(each.network == it.network for each in among) == 1:
        return name
    return f"{name} «{one_line(it.title or it.url, _LONGEST_TITLE)}»"


def post_total(counts: Sequence[int | None]) -> str:
    """All posts that are known of, said so where some are not."""
    known = [each for each in counts if each is not None]
    if not known:
        return NO_DATA
    return number(sum(known)) if len(known) == len(counts) else f"не меньше {number(sum(known))}"


def followers_end(figures: CommunityFigures, period: ReportPeriod) -> str:
    """Followers at the end of a period: «1 234», «1 234 на 3 ноября», «1 234 на 20 апреля 2018 года», «нет данных»."""
    return _at(figures.followers_end, figures.followers_end_at, period.end)


def followers_start(figures: CommunityFigures, period: ReportPeriod) -> str:
    """The same at its beginning."""
    return _at(figures.followers_start, figures.followers_start_at, period.start)


def followers_change(figures: CommunityFigures, period: ReportPeriod, *, percent: bool = False) -> str | None:
    """How followers changed: «+12», «−3», «без изменений», «новое». None: that cannot be known."""
    before, after = figures.followers_start, figures.followers_end
    if before is None or after is None or not _is_fresh(figures.followers_end_at, period.end):
        return None
    if not _is_fresh(figures.followers_start_at, period.start):
        return None
    if before == 0 and after > 0:
        return NEW
    change = after - before
    if change == 0:
        return "без изменений"
    share = f", {signed(round(100 * change / before, 1))}{_NBSP}%" if percent else ""
    return signed(change) + share


def signed(value: float) -> str:
    """A number with its sign, and a true minus."""
    return f"{'+' if value > 0 else _MINUS if value < 0 else ''}{number(abs(value))}"


def _is_fresh(observed_at: datetime | None, instant: datetime) -> bool:
    return observed_at is not None and observed_at >= instant - _FRESH_FOR


def _at(followers: int | None, observed_at: datetime | None, instant: datetime) -> str:
    if followers is None or observed_at is None:
        return NO_DATA
    if _is_fresh(observed_at, instant):
        return number(followers)
    return f"{number(followers)} на{_NBSP}{near_day(observed_at, instant)}"

"""The overview: each branch of a league, its state in the Monday letter's words, its communities' followers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from collector.domain.calendar import moscow_day, moscow_day_begins
from collector.domain.episode import Episode, Mute
from collector.domain.model import Access, BranchKind
from collector.domain.silence import Assessment, BranchFacts, assess
from collector.notifications import words
from collector.notifications.standing import notes_in_words, standing, state_in_words
from collector.web.department.desk import Desk
from collector.web.department.spark import Spark, spark
from storage.overview import CommunityNow

PAGE = 100
"""Branches on a page: 80,000 are too many for a browser, and for a reader."""
LINE_DAYS = 90
_SPAN_DAYS = 3
"""A point of the line: the newest reading in so many days."""
_FRESH = timedelta(days=2)
"""A count older than this has its day beside it."""

_TABS = {BranchKind.TERRITORIAL: "ТПО", BranchKind.PRIMARY: "ППО", BranchKind.CITY: "МГО"}


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community in a branch's line. `followers` is a number, or the word that stands where none is known."""

    network: str
    title: str | None
    url: str
    followers: str
    as_of: str
    """The day of the count, where it is not fresh; else empty."""
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class BranchLine:
    """A branch's line, in words. `last_post`: how long ago its last known post was; empty: none is known."""

    code: str
    label: str
    name: str
    standing: str
    state: str
    last_post: str
    last_post_at: datetime | None
    last_post_url: str | None
    communities: tuple[CommunityLine, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tab:
    """A league as a tab."""

    kind: BranchKind
    title: str
    branch_count: int
    silent_count: int


def add_to(app: FastAPI, desk: Desk) -> None:
    """The route of the overview."""

    @app.api_route("/", methods=["GET", "HEAD"])
    def overview(
        request: Request,
        league: BranchKind = BranchKind.TERRITORIAL,
        q: Annotated[str, Query(max_length=200)] = "",
        silent: bool = False,
        number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
    ) -> Response:
        now = desk.now()
        found = desk.store.department.branches(
            league, q, only_silent=silent, offset=(number - 1) * PAGE, limit=PAGE
        )
        if number > 1 and not found.codes:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        return desk.page(
            request,
            "overview.html.j2",
            current="",
            lines=_lines(desk, found.codes, now),
            total=found.total,
            tabs=_tabs(desk),
            league=league,
            sought=q,
            only_silent=silent,
            number=number,
            last=max(-(-found.total // PAGE), 1),
            line_days=LINE_DAYS,
            now=now,
        )


def _tabs(desk: Desk) -> list[Tab]:
    by_kind = {each.kind: each for each in desk.store.department.leagues()}
    return [
        Tab(kind, title, by_kind[kind].branch_count, by_kind[kind].silent_count)
        for kind, title in _TABS.items()
        if kind in by_kind
    ]


def _lines(desk: Desk, codes: Sequence[str], now: datetime) -> list[BranchLine]:
    """The branches of these codes, in this order."""
    if not codes:
        return []
    facts = {
        each.code: each
        for batch in desk.store.evidence.facts(
            default_threshold=desk.rule.threshold,
            count_reposts=desk.rule.count_reposts,
            warn_before=None,
            codes=codes,
        )
        for each in batch
    }
    ids = [each.branch_id for each in facts.values()]
    communities = desk.store.department.communities(ids)
    followers = desk.store.department.follower_lines(ids, spans(now))
    episodes = desk.store.silences.open_episodes(ids)
    mutes = desk.store.silences.mutes(now)
    return [
        _line(
            branch,
            [(each, followers.get(each.community_id, [])) for each in communities.get(branch.branch_id, ())],
            episodes.get(branch.branch_id),
            mutes.get(branch.branch_id),
            now,
        )
        # One may have been retired since the codes were read.
        for branch in (facts[code] for code in codes if code in facts)
    ]


def _line(
    facts: BranchFacts,
    communities: Sequence[tuple[CommunityNow, Sequence[int | None]]],
    episode: Episode | None,
    mute: Mute | None,
    now: datetime,
) -> BranchLine:
    verdict = assess(facts.communities, facts.policy, now)
    last = verdict.last_post
    return BranchLine(
        code=facts.code,
        label=words.branch_label(facts.kind, facts.code),
        name=facts.name,
        standing=standing(verdict).value,
        state=state_in_words(verdict, now),
        last_post="" if last is None else words.days_ago(last.published_at, now),
        last_post_at=None if last is None else last.published_at,
        last_post_url=None if last is None else last.url,
        communities=tuple(_community(each, line, now) for each, line in communities),
        notes=tuple(findings(facts, verdict, [each for each, _ in communities], episode, mute, now)),
    )


def findings(
    facts: BranchFacts,
    verdict: Assessment,
    communities: Sequence[CommunityNow],
    episode: Episode | None,
    mute: Mute | None,
    now: datetime,
) -> list[str]:
    """What must be known beside the state: as in the Monday letter, and what could not be read."""
    since = {each.community_id: each.access_since for each in communities}
    found = notes_in_words(facts, verdict, since, episode, mute, now)
    for each in communities:
        if each.access not in (Access.OPEN, Access.UNKNOWN):
            continue
        name = words.network_name(each.network)
        if each.last_seen_at is not None and each.follower_count is None:
            found.append(f"{name}: число подписчиков скрыто")
        if each.failure_kind is not None:
            found.append(f"{name}: не удаётся прочитать")
    return found


def _community(each: CommunityNow, line: Sequence[int | None], now: datetime) -> CommunityLine:
    return CommunityLine(
        network=words.network_name(each.network),
        title=each.title,
        url=each.url,
        followers=followers_in_words(each),
        as_of=_as_of(each, now),
        spark=spark(line),
    )


def followers_in_words(each: CommunityNow) -> str:
    """How many follow it; where that is not known, why."""
    if each.follower_count is not None:
        return words.number(each.follower_count)
    return "ещё не читали" if each.last_seen_at is None else "скрыто"


def _as_of(each: CommunityNow, now: datetime) -> str:
    if each.follower_count is None or each.last_seen_at is None or now - each.last_seen_at <= _FRESH:
        return ""
    return words.near_day(each.last_seen_at, now)


def spans(now: datetime) -> list[tuple[datetime, datetime]]:
    """The last days in equal parts, each `[begin, end)`, the last one ending with today, by Moscow's days."""
    end = moscow_day(now) + timedelta(days=1)
    firsts = [end - timedelta(days=left) for left in range(LINE_DAYS, 0, -_SPAN_DAYS)]
    return [
        (moscow_day_begins(first), moscow_day_begins(first + timedelta(days=_SPAN_DAYS))) for first in firsts
    ]

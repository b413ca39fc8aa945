"""A branch's page: its state, its charts, its communities, its silences, letters about it, its posts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from collector.domain.calendar import moscow_day
from collector.domain.period import ReportPeriod
from collector.domain.silence import assess
from collector.notifications import words
from collector.notifications.figures import community_name
from collector.notifications.standing import access_in_words, standing, state_in_words
from collector.web.department.branch_past import episode_line, letter_line
from collector.web.department.charts import Point, followers_chart, locale_options, posts_chart
from collector.web.department.desk import HEADERS, Desk
from collector.web.department.overview import findings, followers_in_words
from storage.branch_page import BranchCard, CommunityDays
from storage.overview import CommunityNow

POSTS = 50
_EPISODES = 20
_LETTERS = 30
_LONGEST_CODE = 200
NO_ACCOUNT = "аккаунта ещё не было"


class Span(StrEnum):
    """How far back the charts go."""

    QUARTER = "quarter"
    YEAR = "year"
    ALL = "all"


SPANS = {Span.QUARTER: "90 дней", Span.YEAR: "год", Span.ALL: "всё время"}
_SPAN_DAYS = {Span.QUARTER: 90, Span.YEAR: 365}


@dataclass(frozen=True, slots=True)
class CommunityLine:
    """A community, in words."""

    name: str
    title: str | None
    url: str
    access: str
    access_since: datetime | None
    followers: str
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class DayLine:
    """A day of the table beside the charts: of each community its followers and its posts, in words."""

    on: date
    cells: tuple[tuple[str, str], ...]


def add_to(app: FastAPI, desk: Desk) -> None:
    """The routes of a branch. A code may have a slash in it."""

    @app.api_route("/branches/{code:path}", methods=["GET", "HEAD"])
    def branch(
        request: Request,
        code: str,
        span: Span = Span.QUARTER,
        number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
    ) -> Response:
        now = desk.now()
        card = _card(desk, code)
        communities = _communities(desk, card)
        posts, total = desk.store.department.posts(card.branch_id, offset=(number - 1) * POSTS, limit=POSTS)
        if number > 1 and not posts:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        days, known = _known(desk, communities, span, now)
        state = _state(desk, card, communities, now)
        return desk.page(
            request,
            "branch.html.j2",
            current="",
            card=card,
            label=words.branch_label(card.kind, card.code),
            state=state,
            communities=[_community(each) for each in communities],
            names=_names(communities).values(),
            span=span,
            spans=SPANS,
            days=[
                _day(day, communities, known, moscow_day(now))
                for day in reversed(_told_days(days, known, span))
            ],
            has_chart=any(each.followers or each.posts for each in known.values()),
            episodes=[
                episode_line(each) for each in desk.store.silences.episodes([card.code], limit=_EPISODES)
            ],
            letters=[letter_line(each) for each in desk.store.department.letters(card.branch_id, _LETTERS)],
            episodes_limit=_EPISODES,
            letters_limit=_LETTERS,
            posts=posts,
            total=total,
            number=number,
            last=max(-(-total // POSTS), 1),
            now=now,
        )

    @app.api_route("/charts/{chart}/{code:path}", methods=["GET", "HEAD"])
    def chart(chart: str, code: str, span: Span = Span.QUARTER) -> Response:
        if chart not in ("followers", "posts"):
            raise HTTPException(HTTPStatus.NOT_FOUND)
        communities = _communities(desk, _card(desk, code))
        days, known = _known(desk, communities, span, desk.now())
        names = _names(communities)
        if chart == "followers":
            spec = followers_chart(
                days, {name: _points(days, known[number]) for number, name in names.items()}
            )
        else:
            spec = posts_chart(days, {name: known[number].posts for number, name in names.items()})
        return JSONResponse({"spec": spec, "options": locale_options()}, headers=HEADERS)


def _card(desk: Desk, code: str) -> BranchCard:
    """Raises HTTPException where there is no such branch."""
    # What cannot be printed is no code, and PostgreSQL takes no NUL.
    is_code = len(code) <= _LONGEST_CODE and code.isprintable()
    card = desk.store.department.branch(code) if is_code else None
    if card is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return card


def _communities(desk: Desk, card: BranchCard) -> Sequence[CommunityNow]:
    """Its communities; of a branch that left the list those that it had."""
    is_retired = card.retired_at is not None
    found = desk.store.department.communities([card.branch_id], with_retired=is_retired)
    return found.get(card.branch_id, [])


def _names(communities: Sequence[CommunityNow]) -> dict[int, str]:
    """What each community is called here, by its number: no two alike, or a chart would take them for one."""
    names: dict[int, str] = {}
    for each in communities:
        name = community_name(each, communities)
        names[each.community_id] = f"{name}, {each.community_id}" if name in names.values() else name
    return names


def _known(
    desk: Desk, communities: Sequence[CommunityNow], span: Span, now: datetime
) -> tuple[list[date], Mapping[int, CommunityDays]]:
    """The days of a span, and what is known of the communities on them."""
    today = moscow_day(now)
    ids = [each.community_id for each in communities]
    if span is Span.ALL:
        first_at = desk.store.department.first_reading(ids)
        first = today if first_at is None else min(moscow_day(first_at), today)
    else:
        first = today - timedelta(days=_SPAN_DAYS[span] - 1)
    period = ReportPeriod.of_days(first, today)
    return list(period.days), desk.store.department.days(ids, period)


def _told_days(days: Sequence[date], known: Mapping[int, CommunityDays], span: Span) -> Sequence[date]:
    """The days that the table has a line for: of years, those of which anything is known."""
    if span is not Span.ALL:
        return days
    return [day for day in days if any(day in each.followers or day in each.posts for each in known.values())]


def _points(days: Sequence[date], known: CommunityDays) -> list[Point]:
    return [Point(known.followers.get(day), _followers(day, known)) for day in days]


def _followers(day: date, known: CommunityDays) -> str:
    """How many followed it on a day; where that is not known, why."""
    if day not in known.followers:
        return NO_ACCOUNT if _is_absent(day, known) else "не читали"
    count = known.followers[day]
    return "скрыто" if count is None else words.number(count)


def _is_absent(day: date, known: CommunityDays) -> bool:
    return known.absent_until is not None and day <= known.absent_until


@dataclass(frozen=True, slots=True)
class State:
    """How the branch stands, in words, and what to see to."""

    standing: str
    words: str
    findings: tuple[str, ...]


def _state(desk: Desk, card: BranchCard, communities: Sequence[CommunityNow], now: datetime) -> State:
    if card.retired_at is not None:
        return State("unknown", f"исключена из списка {words.near_day(card.retired_at, now)}", ())
    rule = desk.rule
    found = [
        facts
        for batch in desk.store.evidence.facts(
            default_threshold=rule.threshold,
            count_reposts=rule.count_reposts,
            warn_before=None,
            codes=[card.code],
        )
        for facts in batch
    ]
    if not found:
        # Retired since its card was read.
        raise HTTPException(HTTPStatus.NOT_FOUND)
    facts = found[0]
    verdict = assess(facts.communities, facts.policy, now)
    episode = desk.store.silences.open_episodes([card.branch_id]).get(card.branch_id)
    mute = desk.store.silences.mutes(now).get(card.branch_id)
    return State(
        standing(verdict).value,
        state_in_words(verdict, now),
        tuple(findings(facts, verdict, communities, episode, mute, now)),
    )


def _community(each: CommunityNow) -> CommunityLine:
    return CommunityLine(
        name=words.network_name(each.network),
        title=each.title,
        url=each.url,
        access=access_in_words(each.access),
        access_since=each.access_since,
        followers=followers_in_words(each),
        seen_at=each.last_seen_at,
    )


def _day(
    day: date, communities: Sequence[CommunityNow], known: Mapping[int, CommunityDays], today: date
) -> DayLine:
    return DayLine(day, tuple(_cell(day, each, known[each.community_id], today) for each in communities))


def _cell(day: date, community: CommunityNow, known: CommunityDays, today: date) -> tuple[str, str]:
    """Followers and posts. That there was no post is told of days seen to their end; of today, as far as it is."""
    count, seen_until = known.posts.get(day, 0), community.wall_last_seen_at
    if not count and _is_absent(day, known):
        return "—", "—"
    whole = ReportPeriod.of_days(day, day)
    is_seen_today = seen_until is not None and day == today == moscow_day(seen_until)
    is_known = whole.is_seen(community.posts_known_since, whole.end if is_seen_today else seen_until)
    return _followers(day, known), words.number(count) if count or is_known else "—"

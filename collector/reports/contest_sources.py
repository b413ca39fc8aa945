"""Where each number of a contest comes from: a row for each reading of followers, and for each post."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta

from collector.domain.calendar import moscow_day
from collector.domain.contest import LeagueRules, Metric
from collector.notifications import words
from collector.reports.contest import counting_communities
from collector.reports.contest_values import followers_at_ends
from collector.reports.engagement import engagement, engagement_rate, followers_then
from collector.reports.phrases import how_far, in_digits, origin
from collector.reports.points import Point, rounded
from collector.reports.report import Cell, Column, Kind, Table, nothing, text
from storage.contest import ContestCommunity, ContestFacts
from storage.growth import RunFacts
from storage.post_facts import PostFacts
from storage.readings import KnownCount

_UNKNOWN = "нет данных"
_COLUMNS = [
    Column("Организация"),
    Column("Сеть"),
    Column("Что"),
    Column("Ссылка", Kind.LINK),
    Column("День", Kind.DATE),
    Column("День замера", Kind.DATE),
    Column("Подписчиков", Kind.COUNT),
    Column("Лайки, комментарии, репосты", Kind.COUNT),
    Column("Вовлечённость, %", Kind.SHARE),
    Column("Откуда числа", Kind.LONG),
]


def contest_sources(facts: ContestFacts, rules: LeagueRules, runs: Mapping[int, RunFacts]) -> Table:
    """All readings and own posts that the communities which count were judged by."""
    rows = [
        row
        for code, communities in counting_communities(facts).items()
        for each in communities
        for row in (
            *_reading_rows(code, each, facts, runs),
            *(
                _post_row(code, each, post, rules, runs)
                for post in each.posts
                if not post.is_repost and _is_about_posts(rules)
            ),
        )
    ]
    return Table("Источники", _COLUMNS, rows, name="sources")


def runs_used(facts: ContestFacts, rules: LeagueRules) -> set[int]:
    """The runs that brought these numbers."""
    found: set[int] = set()
    for communities in counting_communities(facts).values():
        for each in communities:
            for _, point in _ends(each, facts):
                found.update(origin.run_id for _, origin in point.origins)
            for post in each.posts:
                then = followers_then(post, rules.reading_within)
                found.update(run for run in (post.run_id, then.run_id if then else None) if run is not None)
    return found


def readings_apart(facts: ContestFacts, rules: LeagueRules, codes: Collection[str]) -> list[str]:
    """Of these branches each reading of followers that is not of its very day, in words."""
    if not {Metric.NET_FOLLOWER_CHANGE, Metric.GROWTH_PERCENT, Metric.FOLLOWERS_PER_PRIMARY} & {
        each.metric for each in rules.metrics
    }:
        return []
    return [
        f"{code}, {words.network_name(each.growth.network)}, {in_digits(day)}: {how_far(point.days_off)}"
        for code, communities in counting_communities(facts).items()
        if code in codes
        for each in communities
        for day, point in _ends(each, facts)
        if point.days_off
    ]


def _is_about_posts(rules: LeagueRules) -> bool:
    followers = {Metric.NET_FOLLOWER_CHANGE, Metric.GROWTH_PERCENT, Metric.FOLLOWERS_PER_PRIMARY}
    return bool(rules.minimum_own_posts or {each.metric for each in rules.metrics} - followers)


def _ends(community: ContestCommunity, facts: ContestFacts) -> Iterator[tuple[date, Point]]:
    ends = followers_at_ends(community, facts.period)
    yield facts.period.first_day - timedelta(days=1), ends.start
    yield facts.period.last_day, ends.end


def _reading_rows(
    code: str, community: ContestCommunity, facts: ContestFacts, runs: Mapping[int, RunFacts]
) -> Iterator[list[Cell]]:
    of = community.growth
    for day, point in _ends(community, facts):
        for _, reading in point.origins:
            yield [
                text(code),
                text(words.network_name(of.network)),
                text("замер подписчиков"),
                text(of.url),
                Cell(day),
                Cell(reading.on),
                Cell(reading.follower_count)
                if isinstance(reading, KnownCount)
                else nothing("—", "сообщества ещё не было"),
                nothing(""),
                nothing(""),
                text(origin(runs.get(reading.run_id), reading.run_id)),
            ]


def _post_row(
    code: str, community: ContestCommunity, post: PostFacts, rules: LeagueRules, runs: Mapping[int, RunFacts]
) -> list[Cell]:
    moved, then = engagement(post), followers_then(post, rules.reading_within)
    rate = engagement_rate(post, rules.reading_within)
    came_from = [
        f"{what}: {origin(runs.get(run_id), run_id)}"
        for what, run_id in (("публикация", post.run_id), ("подписчики", then.run_id if then else None))
        if run_id is not None
    ]
    return [
        text(code),
        text(words.network_name(community.growth.network)),
        text("публикация"),
        text(post.url),
        Cell(moscow_day(post.published_at)),
        nothing(_UNKNOWN) if then is None else Cell(moscow_day(then.observed_at)),
        nothing(_UNKNOWN) if then is None or then.follower_count is None else Cell(then.follower_count),
        nothing(_UNKNOWN) if moved is None else Cell(moved),
        nothing(_UNKNOWN) if rate is None else Cell(rounded(rate.numerator, rate.denominator, 2)),
        text("; ".join(came_from) or _UNKNOWN),
    ]

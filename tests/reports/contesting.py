"""A November of communities for the contests, said in few words, and the contest over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from collector.domain.calendar import moscow_day
from collector.domain.contest import League, LeagueRules, Metric, Weighted
from collector.domain.model import Address, BranchDeclaration, BranchKind, Post, PostContent
from collector.domain.period import ReportPeriod, month_of
from collector.reports.contest import ContestResult, contest, counted_until, of_those_named, whole_days
from collector.reports.contest_report import Contest, contest_report
from collector.reports.contest_sources import runs_used
from collector.reports.contest_words import reasons
from collector.reports.report import Report
from storage.contest import ContestFacts
from storage.store import Store
from tests.storage.worlds import World, branch, post, read, vk, wall

NOVEMBER = month_of(date(2026, 11, 1))
BEFORE = datetime(2026, 10, 31, 12, tzinfo=UTC)
AFTER = datetime(2026, 12, 2, 12, tzinfo=UTC)
NOW = datetime(2026, 12, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)

RULES = LeagueRules(
    League.TERRITORIAL,
    "Лучшее сообщество",
    (BranchKind.TERRITORIAL,),
    (
        Weighted(Metric.NET_FOLLOWER_CHANGE, 1),
        Weighted(Metric.ENGAGEMENT_RATE, 2),
        Weighted(Metric.OWN_POSTS, 1),
    ),
)


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def liked(native_id: str, day: int, likes: int, comments: int = 0, shares: int = 0) -> Post:
    return post(
        native_id, at(day), like_count=likes, comment_count=comments, share_count=shares, view_count=9
    )


def month(
    world: World, number: int, start: int | None, end: int | None, *posts: tuple[Post, int], **more: Any
) -> None:
    """A community's November: followers before it and at its end, its posts, and the followers at each of them."""

    def look(when: datetime, followers: int | None, shown: Sequence[Post]) -> None:
        world.round(read(when, followers, wall(*shown), community_id=number, native_id=f"{number}", **more))

    look(BEFORE, start, ())
    for place, (each, followers) in enumerate(posts, start=1):
        look(each.published_at + HOUR, followers, [shown for shown, _ in posts[:place]])
    look(at(30, 20), end, [shown for shown, _ in posts])
    look(AFTER, end, [shown for shown, _ in posts])


def facts_of(
    store: Store, period: ReportPeriod = NOVEMBER, now: datetime = NOW, rules: LeagueRules = RULES
) -> ContestFacts | None:
    days = whole_days(period, moscow_day(now))
    if days is None:
        return None
    until = counted_until(period, rules, now)
    found = store.reports.contest_facts(days, rules.kinds, rules.networks, until, rules.reading_within)
    return of_those_named(found, rules)


def result_of(store: Store, rules: LeagueRules = RULES) -> ContestResult:
    facts = facts_of(store, rules=rules)
    assert facts is not None
    return contest(facts, rules)


def places(result: ContestResult) -> dict[str, tuple[int, int, int]]:
    """Of each branch its points, and its first and last place."""
    return {each.code: (each.points, each.first_place, each.last_place) for each in result.ranked}


def why_not(store: Store, rules: LeagueRules = RULES) -> dict[str, str]:
    """Of each branch that is not ranked the reasons, in words."""
    return {each.code: reasons(each.reasons, rules) for each in result_of(store, rules).not_ranked}


def report_of(
    store: Store, period: ReportPeriod = NOVEMBER, now: datetime = NOW, rules: LeagueRules = RULES
) -> Report:
    facts = facts_of(store, period, now, rules)
    result = ContestResult((), ()) if facts is None else contest(facts, rules)
    told = Contest(rules.league, period, rules, facts, result, now)
    runs = store.reports.runs_by_id(set() if facts is None else runs_used(facts, rules))
    return contest_report(told, runs)


def of_metrics(*metrics: Metric, **more: Any) -> LeagueRules:
    return replace(RULES, metrics=tuple(map(Weighted, metrics)), **more)


def small_contest(store: Store) -> World:
    """Three branches, worked out by hand.

    |     | followers | change, place | rates of the posts, %        | mean, place | posts, place |
    |-----|-----------|---------------|------------------------------|-------------|--------------|
    | ВАО | 100, 130  | +30, 1        | 10 of 100 = 10, 6 of 120 = 5 | 7.5, 2      | 2, 2         |
    | ЗАО | 200, 230  | +30, 1        | 2 of 200 = 1, three times    | 1.0, 3      | 3, 1         |
    | САО | 50, 55    | +5, 3         | 5 of 50 = 10                 | 10.0, 1     | 1, 3         |

    Weights 1, 2, 1. ВАО: 1 + 4 + 2 = 7. ЗАО: 1 + 6 + 1 = 8. САО: 3 + 2 + 3 = 8.
    """
    made = World(
        store, *(branch(code, vk(f"{at}")) for at, code in enumerate(("ВАО", "ЗАО", "САО"), start=1))
    )
    month(made, 1, 100, 130, (liked("1", 5, 7, 2, 1), 100), (liked("2", 12, 6), 120))
    month(made, 2, 200, 230, *((liked(f"{day}", day, 1, 1), 200) for day in (3, 4, 5)))
    month(made, 3, 50, 55, (liked("1", 20, 5), 50))
    return made


def primary(code: str, *communities: Address, name: str | None = None) -> BranchDeclaration:
    """A primary organisation under ВАО."""
    named = name or f"Первичка {code}"
    return BranchDeclaration(code, named, BranchKind.PRIMARY, parent_code="ВАО", communities=communities)


def saying(words: str, post: Post, reposted: str | None = None) -> Post:
    return replace(post, content=PostContent.of(words, (), reposted), is_repost=reposted is not None)


NEWS_BRANCHES = (branch("ВАО", vk("1")), primary("МИСиС", vk("2")), primary("РГСУ", vk("3")), primary("РХТУ"))


def small_month(store: Store) -> World:
    """Five posts.

    МИСиС's own: 10 of 100 = 10 %, and 5 of 100 = 5 %. ВАО passes on РГСУ's community: 20 of 200 = 10 %; it names
    РХТУ: 6 of 200 = 3 %; and one of ВАО's own is about nobody. РГСУ's wall has a repost alone.
    """
    made = World(store, *NEWS_BRANCHES)
    month(
        made, 1, 200, 210,
        (saying("Наши новости", liked("1", 6, 20), "3"), 200),
        (saying("РХТУ победил", liked("2", 9, 6)), 200),
        (saying("О погоде", liked("3", 12, 200)), 200),
    )  # fmt: skip
    month(
        made, 2, 100, 100,
        (saying("Слёт актива", liked("1", 5, 7, 2, 1)), 100),
        (saying("Выборы", liked("2", 12, 5)), 100),
    )  # fmt: skip
    month(made, 3, 50, 50, (saying("", liked("1", 7, 9), "77"), 50))
    return made

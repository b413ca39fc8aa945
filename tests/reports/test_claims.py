"""Claims against the data: the founding resolution's own, and what cannot be proven is not refuted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from collector.branches import Claim, Metric, load_branches, read_claims_csv
from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod
from collector.jobs.import_followers import import_followers
from collector.reports.claims import Judged, Verdict, Why, judge
from collector.reports.claims_report import claims_report
from collector.reports.growth import growth
from storage.history import PastCounts
from storage.store import Store
from tests.reports.growing import LATER
from tests.storage.worlds import DAY, NOON, World, branch, read, vk, wall
from tests.storage.worlds import post as a_post

CONFIG = Path(__file__).parents[2] / "config"
FIRST, LAST = NOON.date(), (NOON + 20 * DAY).date()


def judged(store: Store, *claims: Claim, today: date = LATER) -> list[Judged]:
    numbers = {}
    for claim in claims:
        period = ReportPeriod.of_days(claim.first_day, claim.last_day)
        kinds = tuple(BranchKind)
        lines, facts = store.reports.growth(period, kinds)
        numbers[claim.first_day, claim.last_day] = growth(lines, facts, period, today)
    found = judge(claims, numbers)
    report = claims_report(found, numbers, {})
    assert dict(report.method).keys() >= {"Период", "Составлено"}
    assert len(report.gaps()) == sum(each.why is not None or each.farthest != 0 for each in found)
    return found


def one(
    store: Store,
    metric: Metric,
    claimed: float,
    organization: str | None = "ВАО",
    network: str | None = "vk",
    **more: date,
) -> tuple[Verdict, float | None, Why | None]:
    (found,) = judged(store, Claim(2, organization, network, metric, claimed, FIRST, LAST), **more)
    return found.verdict, found.actual, found.why


@pytest.fixture
def world(sqlite_store: Store) -> World:
    made = World(sqlite_store, branch("ВАО", vk("1")), branch("САО", vk("2")))
    made.round(read(NOON, followers=163))
    made.round(read(NOON + 20 * DAY, followers=232))
    return made


def test_the_resolutions_own_claims(sqlite_store: Store) -> None:
    store = sqlite_store
    store.sync_branches(load_branches(CONFIG / "branches.mgo.yaml"), NOON)
    import_followers(store, CONFIG / "followers-2017-2018.csv", NOON)
    found = judged(store, *read_claims_csv(CONFIG / "claims-2018.csv"))
    assert [(each.claim.claimed, each.verdict, each.why) for each in found] == [
        (3188, Verdict.REFUTED, None),
        (204, Verdict.NOT_PROVABLE, Why.NO_BASELINE),
        (187, Verdict.NOT_PROVABLE, Why.NO_BASELINE),
        (198, Verdict.REFUTED, None),
        (481, Verdict.NOT_PROVABLE, Why.NO_BASELINE),
        (1318, Verdict.NOT_PROVABLE, Why.NO_NETWORK),
        (250, Verdict.NOT_PROVABLE, Why.POSTS_UNSEEN),
    ]
    assert found[0].actual == 3173
    assert found[3].actual == pytest.approx(100 * (232 - 163) / 163)


@pytest.mark.parametrize(
    ("metric", "claimed", "verdict"),
    [
        (Metric.FOLLOWERS, 232, Verdict.CONFIRMED),
        (Metric.FOLLOWERS, 233, Verdict.REFUTED),
        (Metric.CHANGE, 69, Verdict.CONFIRMED),
        (Metric.CHANGE, 70, Verdict.REFUTED),
        (Metric.PERCENT, 42, Verdict.CONFIRMED),
        (Metric.PERCENT, 42.3, Verdict.CONFIRMED),
        (Metric.PERCENT, 42.4, Verdict.REFUTED),
        (Metric.PERCENT, 43, Verdict.REFUTED),
    ],
)
def test_a_claim_is_as_exact_as_it_is_made(
    world: World, metric: Metric, claimed: float, verdict: Verdict
) -> None:
    assert one(world.store, metric, claimed)[0] is verdict


def test_what_is_not_known_is_not_refuted(world: World) -> None:
    assert one(world.store, Metric.CHANGE, 5, "САО") == (Verdict.NOT_PROVABLE, None, Why.UNKNOWN)
    assert one(world.store, Metric.CHANGE, 5, None) == (Verdict.NOT_PROVABLE, None, Why.UNKNOWN)
    assert one(world.store, Metric.CHANGE, 5, "ЮАО") == (Verdict.NOT_PROVABLE, None, Why.NO_BRANCH)
    assert one(world.store, Metric.CHANGE, 5, network="telegram")[2] is Why.NO_NETWORK
    assert one(world.store, Metric.FOLLOWERS, 5, today=FIRST)[2] is Why.FUTURE


def test_one_reading_proves_no_change_but_followers(world: World) -> None:
    world.round(read(NOON + 10 * DAY, followers=40, community_id=2, native_id="2"))
    assert one(world.store, Metric.CHANGE, 0, "САО")[2] is Why.ONE_READING
    assert one(world.store, Metric.FOLLOWERS, 40, "САО")[0] is Verdict.CONFIRMED


def test_a_percentage_needs_something_to_count_from(world: World) -> None:
    world.round(read(NOON, followers=0, community_id=2, native_id="2"))
    world.round(read(NOON + 20 * DAY, followers=30, community_id=2, native_id="2"))
    assert one(world.store, Metric.PERCENT, 100, "САО")[2] is Why.FROM_NOBODY
    assert one(world.store, Metric.PERCENT, 100, None)[2] is Why.SOME_WITHOUT_BASELINE
    assert one(world.store, Metric.CHANGE, 99, None)[0] is Verdict.CONFIRMED


def test_an_account_that_was_not_there_yet_proves_nothing(world: World) -> None:
    absent = PastCounts("t:2", "САО", 1, {}, [("vk", FIRST), ("vk", LAST)])
    world.store.import_past([absent], "t.csv", NOON)
    assert one(world.store, Metric.FOLLOWERS, 0, "САО")[2] is Why.ABSENT
    assert one(world.store, Metric.CHANGE, 69, None)[0] is Verdict.CONFIRMED


def test_posts_that_were_seen_can_refute_though_not_all_were(world: World) -> None:
    posts = [a_post(str(day), NOON + day * DAY) for day in (2, 5, 9)]
    world.round(read(NOON + 20 * DAY + DAY, wall=wall(*posts, since=NOON + DAY)))
    assert one(world.store, Metric.POSTS, 2) == (Verdict.REFUTED, 3, Why.POSTS_UNSEEN)
    assert one(world.store, Metric.POSTS, 3) == (Verdict.NOT_PROVABLE, None, Why.POSTS_UNSEEN)


def test_posts_of_a_period_that_was_seen_whole(world: World) -> None:
    world.round(read(NOON - DAY, wall=wall(), community_id=2, native_id="2"))
    posts = [a_post(str(day), NOON + day * DAY) for day in (2, 5, 9)]
    world.round(read(NOON + 21 * DAY, wall=wall(*posts), community_id=2, native_id="2"))
    assert one(world.store, Metric.POSTS, 3, "САО") == (Verdict.CONFIRMED, 3, None)


def test_the_distance_of_a_reading_is_told(world: World) -> None:
    claim = Claim(2, "ВАО", "vk", Metric.FOLLOWERS, 232, FIRST, (NOON + 22 * DAY).date())
    (found,) = judged(world.store, claim)
    assert (found.verdict, found.farthest) == (Verdict.CONFIRMED, -2)

"""The forecast: a range of days from three windows of 30, or why none can be told; no number where nothing was read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from collector.domain.calendar import moscow_day
from collector.domain.errors import FailureKind
from collector.domain.model import Access, BranchKind
from collector.domain.period import ReportPeriod
from collector.reports.forecast import NEAR, forecast, window_ends
from collector.reports.forecast_report import forecast_report
from collector.reports.report import Report
from storage.history import PastCounts
from storage.store import Store
from tests.reports.growing import cells
from tests.storage.worlds import DAY, NOON, World, branch, failed, read, vk

ENDS = [NOON + days * DAY for days in (0, 30, 60, 90)]
"""Instants on the windows' ends, if the forecast is told on the last of them."""
ON = ENDS[-1].date()
LABEL = "ВАО, ВКонтакте"


@pytest.fixture
def world(store: Store) -> World:
    return World(store, branch("ВАО", vk("1")))


@pytest.fixture
def quick(sqlite_store: Store) -> World:
    """For what does not depend on the database."""
    return World(sqlite_store, branch("ВАО", vk("1")))


def told(store: Store, on: date = ON, today: date | None = None, milestone: int = 1000) -> Report:
    kinds, ends = (BranchKind.TERRITORIAL,), window_ends(on)
    lines = store.reports.growth_branches(ReportPeriod.of_days(ends[0], on), kinds)
    facts = store.reports.pace_facts(ends, ends[0] - NEAR, kinds)
    return forecast_report(
        forecast(lines, facts, milestone, on, today or on), store.reports.runs_by_id(range(1, 1000))
    )


def line(store: Store, label: str = LABEL, **more: Any) -> dict[str, Any]:
    """Of a community's line the values, and words where there is none."""
    found = cells(told(store, **more))[label]
    short = {"Прогноз": "told", "Отметка: Раньше всего": "earliest", "Отметка: Позже всего": "latest"}
    return {
        short.get(title, title): cell.word if cell.value is None else cell.value
        for title, cell in found.items()
    }


def grow(world: World, *counts: int | None, number: int = 1) -> None:
    """A reading on each of the windows' ends."""
    for at, count in zip(ENDS, counts, strict=False):
        world.round(read(at, followers=count, community_id=number, native_id=str(number)))


def require_no_number(found: dict[str, Any]) -> None:
    assert (found["earliest"], found["latest"]) == ("—", "—")
    assert [found[title] for title in found if title.startswith("Прирост")] == ["—", "—", "—"]


def test_the_slowest_and_the_fastest_window_give_the_range(world: World) -> None:
    """+30, +60 and +90 in 30 days each: 320 that are missing take 320 / 3 = 107 days at most hurry, else 320."""
    grow(world, 500, 530, 590, 680)
    found = line(world.store)
    assert (found["Подписчиков"], found["Осталось до 1\u202f000"]) == (680, 320)
    assert [found[title] for title in found if title.startswith("Прирост")] == [30, 60, 90]
    assert (found["earliest"], found["latest"]) == (ON + timedelta(days=107), ON + timedelta(days=320))
    assert found["told"] == "с 20\u00a0апреля по 19\u00a0ноября 2027\u00a0года"


def test_an_even_pace_gives_one_day(quick: World) -> None:
    grow(quick, 700, 760, 820, 880)
    found = line(quick.store)
    assert found["earliest"] == found["latest"] == ON + timedelta(days=60)
    assert found["told"] == "около 4\u00a0марта 2027\u00a0года"


def test_a_range_whose_slow_end_never_comes_has_no_end(quick: World) -> None:
    grow(quick, 500, 500, 590, 680)
    found = line(quick.store)
    assert (found["earliest"], found["latest"]) == (ON + timedelta(days=107), "не видно")
    assert found["told"] == "не раньше 20\u00a0апреля 2027\u00a0года"


@pytest.mark.parametrize("counts", [(500, 500, 490, 490), (500, 500, 500, 501)])
def test_without_growth_there_is_no_day(quick: World, counts: tuple[int, ...]) -> None:
    """At one follower in 30 days, 499 take 40 years."""
    grow(quick, *counts)
    found = line(quick.store)
    assert (found["told"], found["earliest"], found["latest"]) == ("не при нынешнем росте", "—", "—")


@pytest.mark.parametrize(("count", "is_there"), [(999, False), (1000, True), (1001, True)])
def test_who_is_there_already(quick: World, count: int, is_there: bool) -> None:
    grow(quick, 990, 993, 996, count)
    assert (line(quick.store)["told"] == "уже") is is_there


def test_another_milestone(quick: World) -> None:
    grow(quick, 100, 130, 160, 190)
    found = line(quick.store, milestone=200)
    assert (found["Осталось до 200"], found["earliest"]) == (10, ON + timedelta(days=10))


def test_a_reading_beside_its_day_counts_by_its_own_days(world: World) -> None:
    """Of 33 days, +33 is one a day."""
    world.round(read(ENDS[0] - 3 * DAY, followers=500))
    for at, count in zip(ENDS[1:], (533, 563, 593), strict=True):
        world.round(read(at, followers=count))
    report = told(world.store)
    window = cells(report)[LABEL]["Прирост за 30\u00a0дней: к\u00a004.11.2026"]
    assert (window.value, window.note) == (33, "между замерами 33\u00a0дня")
    assert line(world.store)["earliest"] == line(world.store)["latest"] == ON + timedelta(days=407)
    assert report.sources is not None
    assert [[cell.value for cell in row][3:7] for row in report.sources().rows] == [
        [moscow_day(ENDS[0]), moscow_day(ENDS[0] - 3 * DAY), -3, 500],
        *([at.date(), at.date(), 0, count] for at, count in zip(ENDS[1:], (533, 563, 593), strict=True)),
    ]


def test_no_day_is_foretold_that_is_past_already(world: World) -> None:
    """By the reading of five days ago two are missing, at one a day or a little more."""
    for at, count in zip(ENDS, (900, 935, 968, 998), strict=True):
        world.round(read(at - 5 * DAY, followers=count))
    found = line(world.store)
    assert (found["earliest"], found["latest"]) == (ON, ON)


def test_a_gap_at_a_windows_end_leaves_no_forecast(world: World) -> None:
    for at, count in ((ENDS[0], 500), (ENDS[1] + 8 * DAY, 530), (ENDS[2], 590), (ENDS[3], 680)):
        world.round(read(at, followers=count))
    found = line(world.store)
    require_no_number(found)
    assert found["told"] == "около 4\u00a0ноября 2026\u00a0года нет замера"
    assert told(world.store).gaps() == [f"{LABEL}: {found['told']}"]
    world.round(read(ENDS[3] + 8 * DAY, followers=700))
    assert line(world.store)["Подписчиков"] == 680


def test_what_was_read_later_is_not_used(world: World) -> None:
    """An old forecast is told again as it was."""
    grow(world, 500, 530, 590)
    world.round(read(ENDS[3] + DAY, followers=680))
    assert line(world.store)["told"] == "около 3\u00a0января 2027\u00a0года нет замера"
    assert line(world.store, on=ON + timedelta(days=1))["latest"] == ON + timedelta(days=1 + 320)


def test_who_was_not_read_of_late_has_no_number(world: World) -> None:
    grow(world, 1500, 1530, 1590)
    found = line(world.store)
    require_no_number(found)
    assert (found["Подписчиков"], found["told"]) == ("—", "около 3\u00a0января 2027\u00a0года нет замера")


def test_a_withheld_count_is_no_number(world: World) -> None:
    grow(world, 500, None, 590, 680)
    found = line(world.store)
    require_no_number(found)
    assert found["told"] == "около 4\u00a0ноября 2026\u00a0года сеть скрыла число подписчиков"


def test_who_always_withholds_has_not_even_a_count(world: World) -> None:
    grow(world, None, None, None, None)
    found = line(world.store)
    require_no_number(found)
    assert (found["Подписчиков"], found["told"]) == (
        "—",
        "около 3\u00a0января 2027\u00a0года сеть скрыла число подписчиков",
    )


def test_an_account_that_is_younger_than_the_windows_has_no_forecast(world: World) -> None:
    absent = PastCounts("t:2", "ВАО", 10, {}, [("vk", (ENDS[0] + 10 * DAY).date())])
    world.store.import_past([absent], "table.csv", NOON)
    assert line(world.store)["told"] == (
        "сообщества ещё не было 15\u00a0октября 2026\u00a0года, и замеров с тех пор нет"
    )
    for at, count in zip(ENDS[1:], (30, 60, 90), strict=True):
        world.round(read(at, followers=count))
    found = line(world.store)
    require_no_number(found)
    assert (found["Подписчиков"], found["told"]) == (
        90,
        "сообщество новое: 15\u00a0октября 2026\u00a0года его ещё не было",
    )


def test_who_is_read_since_lately_only_is_not_called_new(world: World) -> None:
    for at, count in zip(ENDS[1:], (30, 60, 90), strict=True):
        world.round(read(at, followers=count))
    found = line(world.store)
    require_no_number(found)
    assert found["told"] == "первый замер только 4\u00a0ноября 2026\u00a0года: замеров мало"


def test_a_rename_changes_nothing(world: World) -> None:
    grow(world, 500, 530)
    for at, count in zip(ENDS[2:], (590, 680), strict=True):
        world.round(read(at, followers=count, screen_name="other", title="Другое имя"))
    assert line(world.store)["latest"] == ON + timedelta(days=320)


def test_a_closed_group_has_no_forecast_from_the_day_it_closed(world: World) -> None:
    grow(world, 500, 530, 590, 680)
    world.round(read(ENDS[3] + DAY, followers=690, access=Access.CLOSED))
    found = line(world.store, on=ON + timedelta(days=1))
    require_no_number(found)
    assert found["told"] == "сообщество закрыто, замечено 4\u00a0января 2027\u00a0года"
    # On the day before nobody knew.
    assert line(world.store)["latest"] == ON + timedelta(days=320)


def test_who_left_the_list_has_no_forecast(world: World) -> None:
    grow(world, 500, 530, 590)
    world.store.sync_branches((branch("САО"),), ENDS[2] + DAY)
    found = line(world.store)
    require_no_number(found)
    assert found["told"] == "исключено из списка 5\u00a0декабря 2026\u00a0года"
    # Nor a line, once that is more than 90 days ago.
    assert LABEL not in cells(told(world.store, on=(ENDS[3] + 70 * DAY).date()))


def test_without_a_community_or_a_reading_there_is_nothing_to_tell(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1")), branch("САО"))
    world.round(failed(ENDS[1], FailureKind.MISSING))
    report = told(store)
    assert [row[-2].value for row in report.tables[0].rows] == [
        "подписчиков ещё ни разу не удалось прочитать",
        "сообществ в списке нет",
    ]
    assert report.warnings == ("За 90\u00a0дней до этого дня нет ни одного замера: прогноза нет.",)
    assert report.charts == ()


def test_a_day_that_has_not_come_has_no_forecast(quick: World) -> None:
    grow(quick, 500, 530, 590, 680)
    report = told(quick.store, today=ON - timedelta(days=1))
    assert [row[-2].value for row in report.tables[0].rows] == ["этот день ещё не наступил"]
    assert report.warnings == ("День 3\u00a0января 2027\u00a0года ещё не наступил: чисел на него нет.",)


def test_without_branches_there_is_nothing_to_tell(sqlite_store: Store) -> None:
    assert told(sqlite_store).warnings == ("В списке нет таких организаций: считать нечего.",)


def test_two_communities_on_one_network_have_each_their_bar(store: Store) -> None:
    world = World(store, branch("ВАО", vk("1"), vk("2")))
    grow(world, 500, 530, 590, 680)
    grow(world, 100, 110, 120, 130, number=2)
    assert [row[0].value for row in told(store).tables[0].rows] == [f"{LABEL} (1)", f"{LABEL} (2)"]

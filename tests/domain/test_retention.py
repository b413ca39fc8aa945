"""What may be removed with time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.calendar import moscow_day_begins
from collector.domain.retention import CountsRead, is_due, older_than, thinned

FIRST = date(2026, 9, 1)
MIDNIGHTS = [moscow_day_begins(FIRST + timedelta(days=number)) for number in range(40)]


def at(day: int, hour: int, likes: int | None) -> CountsRead:
    """In Moscow's hours."""
    return CountsRead(MIDNIGHTS[day] + timedelta(hours=hour), (likes, None))


def kept(readings: list[CountsRead]) -> list[CountsRead]:
    gone = thinned(readings)
    return [each for each in readings if each not in gone]


def as_of(readings: list[CountsRead], moment: datetime) -> tuple[int | None, ...] | None:
    """As contests ask: the newest counts up to a moment."""
    told = [each.counts for each in readings if each.observed_at <= moment]
    return told[-1] if told else None


def test_of_a_day_the_last_reading_stays() -> None:
    first, noon, evening, newest = at(0, 9, 1), at(1, 12, 2), at(1, 20, 3), at(2, 12, 4)
    assert kept([first, noon, evening, newest]) == [first, evening, newest]


def test_a_value_that_lasted_for_hours_alone_goes_and_none_comes_in_its_place() -> None:
    first, rise, fall, newest = at(0, 9, 5), at(1, 10, 6), at(1, 20, 5), at(2, 12, 7)
    assert kept([first, rise, fall, newest]) == [first, newest]


def test_of_readings_that_repeat_the_counts_one_a_week_stays() -> None:
    readings = [at(day, 12, 5) for day in range(20)]
    assert kept(readings) == [at(0, 12, 5), at(7, 12, 5), at(14, 12, 5), at(19, 12, 5)]


def test_what_was_not_told_is_another_value_than_any_number() -> None:
    readings = [at(0, 12, 0), at(1, 12, None), at(2, 12, 0), at(3, 12, 0)]
    assert kept(readings) == readings


def test_what_was_read_at_midnight_is_known_up_to_midnight() -> None:
    readings = [at(0, 9, 1), at(0, 24, 2), at(1, 12, 3), at(2, 12, 4)]
    assert as_of(kept(readings), MIDNIGHTS[1]) == (2, None)


def test_nothing_of_nothing() -> None:
    assert thinned([]) == []
    assert thinned([at(0, 9, 1)]) == []
    assert thinned([at(0, 9, 1), at(0, 10, 2)]) == []


READINGS = st.lists(
    st.tuples(st.integers(0, 30 * 8), st.one_of(st.none(), st.integers(0, 3))),
    max_size=60,
    unique_by=lambda each: each[0],
).map(lambda drawn: [at(0, 3 * hour, likes) for hour, likes in sorted(drawn, key=lambda each: each[0])])


@given(READINGS, st.integers(0, 39))
def test_at_the_end_of_every_day_the_same_is_known_however_often_it_is_done(
    readings: list[CountsRead], day: int
) -> None:
    # Once up to a day, as some nights before, then all of it.
    before = MIDNIGHTS[day]
    old = [each for each in readings if each.observed_at < before]
    once = kept(old) + [each for each in readings if each.observed_at >= before]
    twice = kept(once)
    for midnight in MIDNIGHTS:
        assert as_of(once, midnight) == as_of(readings, midnight)
        assert as_of(twice, midnight) == as_of(readings, midnight)
    assert kept(twice) == twice
    assert twice[:1] == readings[:1]
    assert twice[-1:] == readings[-1:]


def test_an_age_is_reckoned_to_the_beginning_of_a_moscow_day() -> None:
    # 00:30 in Moscow on the 24th.
    newest = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
    assert older_than(timedelta(days=30), newest) == moscow_day_begins(date(2026, 10, 25))
    assert older_than(timedelta(days=36_500), newest).year == 1926


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, "2026-11-23 12:00", True),
        ("2026-11-22 23:30", "2026-11-23 12:00", False),  # 02:30 in Moscow
        ("2026-11-22 22:30", "2026-11-22 23:10", True),  # before and after two in the morning
        ("2026-11-22 23:30", "2026-11-23 22:50", False),
        ("2026-11-22 23:30", "2026-11-23 23:00", True),
        ("2026-11-01 23:30", "2026-11-23 12:00", True),
    ],
)
def test_it_is_due_once_a_night(last: str | None, now: str, due: bool) -> None:
    def instant(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)

    assert is_due(None if last is None else instant(last), instant(now)) is due

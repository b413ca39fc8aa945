"""Days as Moscow counts them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from collector.domain.calendar import moscow_day, moscow_day_bounds

INSTANTS = st.datetimes(datetime(2017, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, INSTANTS)
def test_the_bounds_hold_what_is_of_the_day_and_nothing_else(instant: datetime, other: datetime) -> None:
    begins, ends = moscow_day_bounds(instant)
    assert begins <= instant < ends
    assert (begins <= other < ends) == (moscow_day(other) == moscow_day(instant))


def test_a_day_begins_at_nine_in_the_evening_utc() -> None:
    begins, ends = moscow_day_bounds(datetime(2026, 10, 5, 21, tzinfo=UTC))
    assert (begins, ends - begins) == (datetime(2026, 10, 5, 21, tzinfo=UTC), timedelta(days=1))

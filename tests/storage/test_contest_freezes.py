"""Frozen contests: kept to the letter, found by league and period, never overwritten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from collector.domain.contest import League
from collector.domain.period import month_of
from storage.contest_freezes import ContestFreeze
from storage.store import Store
from tests.storage.worlds import NOON

OCTOBER = month_of(date(2026, 10, 1))
FREEZE = ContestFreeze(
    League.TERRITORIAL, OCTOBER, 1, "rules: «правила»\n", '{"a":1}', "[]", "0" * 64, NOON, "Иванова"
)


def test_what_is_kept_is_found_to_the_letter(store: Store) -> None:
    again = replace(FREEZE, number=2, rules="other\r\n")
    other = replace(FREEZE, league=League.PRIMARY)
    assert all(store.reports.write_freeze(each) for each in (again, FREEZE, other))
    assert store.reports.freezes(League.TERRITORIAL, OCTOBER) == [FREEZE, again]
    assert store.reports.freezes(League.TERRITORIAL, month_of(date(2026, 9, 1))) == []
    assert store.reports.freezes() == [other, FREEZE, again]


def test_of_two_with_one_number_the_first_stays(store: Store) -> None:
    assert store.reports.write_freeze(FREEZE)
    assert not store.reports.write_freeze(replace(FREEZE, result="[1]"))
    assert store.reports.freezes() == [FREEZE]

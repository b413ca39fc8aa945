"""The table «Замеры»: from which reading, of which round or import, each number of followers comes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from collector.notifications import words
from collector.reports.phrases import origin
from collector.reports.report import Cell, Column, Kind, Table, nothing, text
from storage.growth import Absence, RunFacts
from storage.readings import KnownCount

_COLUMNS = (
    Column("Организация"),
    Column("Сеть"),
    Column("Сообщество", Kind.LONG),
    Column("На какой день", Kind.DATE),
    Column("День замера", Kind.DATE),
    Column("Дней от него", Kind.CHANGE),
    Column("Подписчиков", Kind.COUNT),
    Column("Откуда число", Kind.LONG),
)


@dataclass(frozen=True, slots=True)
class UsedReading:
    """A reading, or an absence, and the day that it stands for."""

    branch_code: str
    network: str
    url: str
    day: date
    reading: KnownCount | Absence


def readings_table(used: Iterable[UsedReading], runs: Mapping[int, RunFacts]) -> Table:
    """A row a reading. `runs`: those that they came from."""
    rows = [
        [
            text(each.branch_code),
            text(words.network_name(each.network)),
            text(each.url),
            Cell(each.day),
            Cell(each.reading.on),
            Cell((each.reading.on - each.day).days),
            Cell(each.reading.follower_count)
            if isinstance(each.reading, KnownCount)
            else nothing("—", "сообщества ещё не было"),
            text(origin(runs.get(each.reading.run_id), each.reading.run_id)),
        ]
        for each in used
    ]
    return Table("Замеры", _COLUMNS, rows)

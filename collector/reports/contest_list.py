"""The contests that were frozen, one a row: whether each record is untouched, and who won."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from collector.domain.calendar import moscow_day
from collector.notifications import words
from collector.reports.contest_words import LEAGUES, place
from collector.reports.frozen import is_intact, opened
from collector.reports.report import Cell, Column, Kind, Report, Table, nothing, text
from storage.contest_freezes import ContestFreeze

_COLUMNS = [
    Column("Период"),
    Column("Участники"),
    Column("Заморозка", Kind.COUNT),
    Column("Первое место"),
    Column("Заморожено", Kind.DATE),
    Column("Кем"),
    Column("Отпечаток (SHA-256)", Kind.LONG),
    Column("Запись"),
]


def contest_list(kept: Sequence[ContestFreeze], now: datetime) -> Report:
    """The report."""
    return Report(
        name="contests",
        title="Замороженные конкурсы",
        period=f"на {words.day(now)}",
        tables=(Table("Замороженные конкурсы", _COLUMNS, [_row(each) for each in kept]),),
        method=(
            (
                "Заморозка",
                "правила, данные и результат сохранены такими, какими были в тот день; новая "
                "не стирает прежних",
            ),
            ("Запись", "«цела» — сходится с отпечатком; «изменена» — не сходится, и верить ей нельзя"),
        ),
        warnings=() if kept else ("Ни один конкурс ещё не заморожен.",),
    )


def _row(kept: ContestFreeze) -> list[Cell]:
    is_whole = is_intact(kept)
    return [
        text(words.period(kept.period)),
        text(LEAGUES[kept.league]),
        Cell(kept.number),
        _winners(kept) if is_whole else nothing("неизвестно"),
        Cell(moscow_day(kept.frozen_at)),
        text(kept.frozen_by),
        text(kept.sha256),
        text("цела" if is_whole else "изменена"),
    ]


def _winners(kept: ContestFreeze) -> Cell:
    try:
        _, result = opened(kept)
    except ValueError:
        return nothing("неизвестно", "запись сделана другой версией программы")
    first = [each for each in result.ranked if each.first_place == 1]
    if not first:
        return nothing("в зачёте никого")
    shared = "" if len(first) == 1 else f" (места {place(1, len(first))})"
    return text(", ".join(each.code for each in first) + shared)

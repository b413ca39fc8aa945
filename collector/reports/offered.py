"""Reports as they are offered to people who fill in a form: what each is called, what it asks, how it is made.

What was typed comes as text; a mistake in it is told in Russian, beside its field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from collector.branches import claimed_number
from collector.domain.calendar import written_day
from collector.domain.period import ReportPeriod, month_of, written_period
from collector.reports.report import Report

_EARLIEST, _LATEST = date(2006, 1, 1), date(2049, 12, 31)
"""The days that the database's calendar has."""
_LONGEST_CODE = 200
_HIGHEST_CLAIM = 10**10
"""More than there are people."""


class FieldKind(StrEnum):
    """How a field is filled in."""

    DAY = "day"
    PERIOD = "period"
    """A year, a quarter or a month: 2026, 2026-Q3, 2026-09."""
    MONTH = "month"
    """A month: 2026-09."""
    NUMBER = "number"
    """A whole number from 1 on."""
    CLAIMED = "claimed"
    """Any number as people write it: 3188, -12 or 204,5 %."""
    CODE = "code"
    """A branch's code, or nothing."""
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Field:
    """Something that a report asks."""

    name: str
    """In Latin letters, for addresses."""
    label: str
    kind: FieldKind
    default: Callable[[date], str]
    """What stands in it before anybody typed, on a day."""
    choices: Sequence[tuple[str, str]] = ()
    """Of a choice: what is sent, and what is shown."""


class FormMistakeError(Exception):
    """What was typed into a field cannot be used. `words`: why, in Russian."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, by field. Its methods read a field, and raise FormMistakeError where that cannot be."""

    texts: Mapping[str, str]

    def day(self, name: str) -> date:
        """A day."""
        day = written_day(self.texts.get(name, ""))
        if day is None or not _EARLIEST <= day <= _LATEST:
            raise FormMistakeError(name, "Укажите день, например 31.12.2026.")
        return day

    def period(self, name: str) -> ReportPeriod:
        """A year, a quarter or a month."""
        period = written_period(self.texts.get(name, ""))
        if period is None or not _EARLIEST <= period.first_day <= _LATEST:
            raise FormMistakeError(name, "Укажите год, квартал или месяц: 2026, 2026-Q3 или 2026-09.")
        return period

    def month(self, name: str) -> ReportPeriod:
        """A month."""
        period = self.period(name)
        if period != month_of(period.first_day):
            raise FormMistakeError(name, "Укажите месяц, например 2026-09.")
        return period

    def code(self, name: str) -> str | None:
        """A branch's code; None: none was typed."""
        text = self.texts.get(name, "").strip()
        if len(text) > _LONGEST_CODE or not text.isprintable():
            raise FormMistakeError(name, "Укажите короткое имя организации, как в обзоре.")
        return text or None

    def number(self, name: str, highest: int) -> int:
        """A whole number from 1 to the highest."""
        text = self.texts.get(name, "").strip()
        if not (
            text.isascii() and text.isdigit() and len(text) <= len(str(highest)) and 1 <= int(text) <= highest
        ):
            raise FormMistakeError(name, f"Укажите целое число от 1 до {highest}.")
        return int(text)

    def claimed(self, name: str) -> float:
        """Any number that people or percents can be."""
        number = claimed_number(self.texts.get(name, ""))
        if number is None or abs(number) > _HIGHEST_CLAIM:
            raise FormMistakeError(name, "Укажите число, например 3188 или 204,5.")
        return number

    def choice(self, field: Field) -> str:
        """One of the choices of a field."""
        text = self.texts.get(field.name, "")
        if text not in [value for value, _ in field.choices]:
            raise FormMistakeError(field.name, "Выберите из списка.")
        return text


@dataclass(frozen=True, slots=True)
class Offered:
    """A report that is offered. `is_contest`: whether it stands among the tables of contests too."""

    name: str
    """In Latin letters, for addresses and files."""
    title: str
    tells: str
    """In a sentence: what it answers."""
    fields: Sequence[Field]
    make: Callable[[Asked], Report]
    """Raises FormMistakeError for what was typed, CollectorError where the report cannot be made."""
    is_contest: bool = False

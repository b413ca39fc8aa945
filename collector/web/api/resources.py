"""The API's shape, all of it from the public views: which resources there are, their parameters, their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    create_model,
)

from collector.domain.texts import storable
from collector.web.api.cursor import LONGEST_CURSOR, iso_day
from storage.views import VIEWS, Holds, View, holds

MOST_ROWS = 1_000
_DEFAULT_ROWS = 100
_LONGEST_TEXT = 200


def _day(value: object) -> object:
    # pydantic would take a number for a time.
    if not isinstance(value, str):
        return value
    day = iso_day(value)
    if day is None:
        raise ValueError("write a day as 2026-12-31")
    return day


def _whole_number(value: object) -> object:
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        raise ValueError("write a whole number")
    return value


def _storable(value: str) -> str:
    if storable(value) != value:
        raise ValueError("no text that a database could hold")
    return value


# What may be left out has null for its default, which nobody can write in a query: so the description has none.
_Day = Annotated[
    Annotated[date, BeforeValidator(_day)] | None, WithJsonSchema({"type": "string", "format": "date"})
]
_Text = Annotated[
    Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_TEXT), AfterValidator(_storable)]
    | None,
    WithJsonSchema(
        {"type": "string", "minLength": 1, "maxLength": _LONGEST_TEXT, "pattern": "^[^\\u0000]+$"}
    ),
]
_Cursor = Annotated[
    Annotated[str, StringConstraints(max_length=LONGEST_CURSOR)] | None,
    WithJsonSchema({"type": "string", "maxLength": LONGEST_CURSOR}),
]

_FILTERS = {
    "branch": ("branch_code", "Короткое имя организации: только её строки"),
    "network": ("network", "Сеть, vk или facebook: только её строки"),
}


@dataclass(frozen=True)
class Resource:
    """A public view as it is asked for over HTTP."""

    view: View

    @property
    def path(self) -> str:
        """Below the API's own: `/followers-daily` for v_followers_daily."""
        return "/" + self.view.name.removeprefix("v_").replace("_", "-")

    @property
    def filters(self) -> dict[str, str]:
        """The parameters that choose rows, with the columns that they choose by."""
        return {name: by for name, (by, _) in _FILTERS.items() if by in self.view.columns}

    @property
    def chosen_by(self) -> tuple[str, ...]:
        """All parameters that choose rows."""
        period = ("from", "to") if self.view.period_column is not None else ()
        return (*self.filters, *period)

    @cached_property
    def parameters(self) -> type[BaseModel]:
        """What may be asked, as a query. Anything else is a mistake: a filter that is misspelt would filter nothing."""
        fields: dict[str, Any] = {
            "limit": (
                Annotated[int, BeforeValidator(_whole_number)],
                Field(_DEFAULT_ROWS, ge=1, le=MOST_ROWS, description="Сколько строк самое большее"),
            ),
            "after": (
                _Cursor,
                Field(None, description="Откуда продолжать: `next` из предыдущего ответа"),
            ),
        }
        fields |= {name: (_Text, Field(None, description=_FILTERS[name][1])) for name in self.filters}
        if self.view.period_column is not None:
            by = f"по столбцу {self.view.period_column}"
            fields["first"] = _Day, Field(None, alias="from", description=f"С какого дня, {by}")
            fields["last"] = (
                _Day | None,
                Field(None, alias="to", description=f"По какой день включительно, {by}"),
            )
        return create_model(
            f"{self._title}Parameters",
            __config__=ConfigDict(extra="forbid", hide_input_in_errors=True),
            **fields,
        )

    @cached_property
    def answer(self) -> type[BaseModel]:
        """A page of rows."""
        fields: dict[str, Any] = {
            name: (_type(name), Field(description=words)) for name, words in self.view.columns.items()
        }
        row = create_model(f"{self._title}Row", __doc__=self.view.comment, **fields)
        return create_model(
            f"{self._title}Page",
            rows=(list[row], Field(description="Строки")),  # type: ignore[valid-type]
            next=(
                str | None,
                Field(description="Значение для `after`, чтобы читать дальше; null — строк больше нет"),
            ),
        )

    @property
    def _title(self) -> str:
        return self.view.name.removeprefix("v_").title().replace("_", "")


RESOURCES = tuple(Resource(view) for view in VIEWS)


def _type(column: str) -> Any:
    told = holds(column)
    if told is Holds.NUMBER:
        return (float if column.endswith("_percent") else int) | None
    return {Holds.DAY: date, Holds.TIME: datetime, Holds.TEXT: str}[told] | None

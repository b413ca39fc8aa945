"""A public view's rows, one after another: of a million no more than a few thousand are in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnClause, Connection, Engine, Select, column, select, table

from collector.domain.errors import CollectorError
from storage.engine import reading
from storage.tables import community
from storage.views import VIEWS, Holds, View, holds

Value = str | int | float | date | datetime | None
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class ViewRows:
    """What a view has: its columns, and rows to be read once. Times are Moscow's, without a zone."""

    columns: Sequence[str]
    rows: Iterator[Sequence[Value]]


@contextmanager
def view_rows(
    engine: Engine, name: str, first: date | None, last: date | None, *, communities_at_once: int = 200
) -> Iterator[ViewRows]:
    """The rows of a view, of a period (both days included; None: without bound), by community and time.

    All are of one instant, that of the first.

    Raises CollectorError for a view that is not there, or one without a period that is asked for one.
    """
    view = named_view(name)
    names = list(view.columns)
    query = of_period(engine, all_rows(view), view, first, last).order_by(*_order(view))
    as_told = [holds(each) for each in names]
    with reading(engine, is_one_instant=True) as conn:
        streamed = conn.execution_options(stream_results=True, yield_per=_AT_ONCE)
        found = (
            row for part in _parts(conn, view, query, communities_at_once) for row in streamed.execute(part)
        )
        yield ViewRows(names, (told_values(row, as_told) for row in found))


def _parts(conn: Connection, view: View, query: Select[Any], at_once: int) -> Iterator[Select[Any]]:
    """The query, some communities after others: asked for all of them at once, a database sorts the whole series."""
    if view.period_column is None or "community_id" not in view.columns:
        yield query
        return
    ids = conn.scalars(select(community.c.id).order_by(community.c.id)).all()
    for first in range(0, len(ids), at_once):
        some = ids[first : first + at_once]
        yield query.where(column("community_id").between(some[0], some[-1]))


def all_rows(view: View) -> Select[Any]:
    """A query for all of a view."""
    columns: list[ColumnClause[Any]] = [column(each) for each in view.columns]
    query: Select[Any] = select(*columns)
    return query.select_from(table(view.name))


def of_period(
    engine: Engine, query: Select[Any], view: View, first: date | None, last: date | None
) -> Select[Any]:
    """The query, of a period alone. Raises CollectorError for a view that has no period and is asked for one."""
    if first is None and last is None:
        return query
    if view.period_column is None:
        raise CollectorError(f"{view.name} tells of now and has no period; leave out --from and --to")
    day: ColumnClause[Any] = column(view.period_column)
    # As texts both databases compare days and times so, SQLite's being texts themselves.
    if first is not None:
        # A month is told by its first day: one that has begun belongs to the period.
        first = first.replace(day=1) if view.period_column == "month" else first
        query = query.where(day >= bound_day(engine, first))
    if last is not None and last < date.max:
        query = query.where(day < bound_day(engine, last + timedelta(days=1)))
    return query


def told_values(row: Sequence[Any], as_told: Sequence[Holds]) -> list[Value]:
    """A row's values as they are told, whatever the database gave."""
    return [_value(value, told) for value, told in zip(row, as_told, strict=True)]


def named_view(name: str) -> View:
    """The public view of this name. Raises CollectorError if there is none."""
    found = next((view for view in VIEWS if view.name == name), None)
    if found is None:
        raise CollectorError(
            f"there is no public view {name!r}; there are {', '.join(view.name for view in VIEWS)}"
        )
    return found


def _order(view: View) -> list[Any]:
    """By the community, then by time: so the rows come out of the database without being sorted first."""
    first = [each for each in ("community_id", "branch_code") if each in view.columns][:1]
    return [column(each) for each in [*first, view.period_column] if each is not None]


def bound_day(engine: Engine, day: date) -> Any:
    """A day as the database compares it."""
    return day.isoformat() if engine.dialect.name == "sqlite" else day


def _value(value: Any, told: Holds) -> Value:
    if isinstance(value, str):
        if told is Holds.DAY:
            return date.fromisoformat(value)
        return datetime.fromisoformat(value) if told is Holds.TIME else value
    return float(value) if isinstance(value, Decimal) else value

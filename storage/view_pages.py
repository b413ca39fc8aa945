"""A public view page by page, each beginning after the last row of the one before: none is read to be skipped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, column, func, select, table, tuple_

from storage.export import Value, all_rows, bound_day, named_view, of_period, told_values
from storage.views import Holds, View, holds

_FIRST_COMMUNITIES, _MOST_COMMUNITIES = 4, 4_096


@dataclass(frozen=True, slots=True)
class ViewPage:
    """Rows of a view, by its key. Times are Moscow's, without a zone."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]
    next_after: Sequence[Value] | None
    """The key of the last row, if there are more."""


def view_page(
    conn: Connection,
    name: str,
    *,
    limit: int,
    after: Sequence[Value] | None,
    first: date | None,
    last: date | None,
    only: Mapping[str, str],
) -> ViewPage:
    """At most `limit` rows. `after`: the key of the row before the first one; `only`: what columns must be equal to.

    Raises CollectorError for a view that is not there, or one without a period that is asked for one.
    """
    view = named_view(name)
    query = _only(of_period(conn.engine, all_rows(view), view, first, last), only)
    key = _key(view)
    if after is not None:
        begins = [_bound(conn.engine, value) for value in after]
        # The second says it all; by the first the database sees where to begin to read.
        query = query.where(key[0] >= begins[0], tuple_(*key) > tuple_(*begins))
    query = query.order_by(*key)
    # One more than is wanted, to see whether there are more.
    wanted = limit + 1
    found: list[Row[Any]] = []
    for part in _parts(conn, view, query, after, only):
        found += conn.execute(part.limit(wanted - len(found)))
        if len(found) == wanted:
            break
    names = list(view.columns)
    as_told = [holds(each) for each in names]
    rows = [told_values(row, as_told) for row in found[:limit]]
    return ViewPage(names, rows, _key_of(view, rows[-1]) if len(found) == wanted else None)


def _parts(
    conn: Connection, view: View, query: Select[Any], after: Sequence[Value] | None, only: Mapping[str, str]
) -> Iterator[Select[Any]]:
    """The query, of few communities first: of all at once, a database sorts a whole series to give some of its rows.

    The fewer rows the first of them have, the more are asked next.
    """
    if view.period_column is None or view.key[0] != "community_id":
        yield query
        return
    number: ColumnElement[Any] = column("community_id")
    communities = _only(select(number).select_from(table("v_communities")), only)
    if after is not None:
        communities = communities.where(number >= after[0])
    ids = conn.scalars(communities.order_by(number)).all()
    first, at_once = 0, _FIRST_COMMUNITIES
    while first < len(ids):
        some = ids[first : first + at_once]
        yield query.where(number.between(some[0], some[-1]))
        first, at_once = first + at_once, min(at_once * 4, _MOST_COMMUNITIES)


def _only(query: Select[Any], only: Mapping[str, str]) -> Select[Any]:
    return query.where(*(column(name) == wanted for name, wanted in only.items()))


def _key(view: View) -> list[ColumnElement[Any]]:
    """The key's columns, none of them NULL, which is neither before a value nor after it."""
    first, *others = view.key
    return [
        column(first),
        *(func.coalesce(column(each), "") if holds(each) is Holds.TEXT else column(each) for each in others),
    ]


def _key_of(view: View, row: Sequence[Value]) -> list[Value]:
    told = dict(zip(view.columns, row, strict=True))
    return [told[each] if told[each] is not None else "" for each in view.key]


def _bound(engine: Engine, value: Value) -> Any:
    return bound_day(engine, value) if isinstance(value, date) else value

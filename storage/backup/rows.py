"""A table's rows, read and written one after another as SQLite stores them, whichever database it is."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    cast,
    collate,
    column,
    extract,
    func,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy.exc import DBAPIError

from storage.backup.shape import Column, Kind, Shape
from storage.errors import StoreError, shown
from storage.types import BEGINNING

Row = Sequence[int | str | None]
"""A row's values, in the order of its table's columns."""
_AT_ONCE = 1_000
"""Rows in memory at a time; a letter's has some kB."""


def read(conn: Connection, shape: Shape, after: Row | None = None) -> Iterator[Row]:
    """A table's rows in its order; `after`: those alone that follow the row whose order's columns are these."""
    query = select(*(_plain(each) for each in shape.columns)).select_from(table(shape.name))
    if after is not None:
        place = tuple_(*(_comparable(conn, each, _plain(each)) for each in shape.order))
        query = query.where(place > tuple_(*after))
    query = query.order_by(*_order(conn, shape))
    streamed = {"stream_results": True, "yield_per": _AT_ONCE}
    for row in conn.execute(query, execution_options=streamed):
        yield tuple(row)


def last_place(conn: Connection, shape: Shape) -> Row | None:
    """The order's columns of the last row; None: there is no row."""
    query = select(*(_plain(each) for each in shape.order)).select_from(table(shape.name))
    row = conn.execute(query.order_by(*(each.desc() for each in _order(conn, shape))).limit(1)).first()
    return None if row is None else tuple(row)


def write(conn: Connection, shape: Shape, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Add rows whose values are those of the columns `names`.

    Raises StoreError for a value that this database cannot hold.
    """
    quoted = conn.dialect.identifier_preparer.quote
    into = f"{quoted(shape.name)} ({', '.join(map(quoted, names))})"
    if conn.dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        for some in _batches(rows):
            conn.exec_driver_sql(f"INSERT INTO {into} VALUES ({marks})", some)  # noqa: S608 - our own names
        return
    _copy_in(conn, shape, into, names, rows)


def count(conn: Connection, shape: Shape) -> int:
    """How many rows a table has."""
    return int(conn.execute(select(func.count()).select_from(table(shape.name))).scalar_one())


def number_on(conn: Connection, shape: Shape) -> None:
    """Let new rows be numbered after those that are there. SQLite does so by itself."""
    if conn.dialect.name == "sqlite" or [each.name for each in shape.order] != ["id"]:
        return
    highest = select(func.max(column("id"))).select_from(table(shape.name)).scalar_subquery()
    sequence = func.pg_get_serial_sequence(shape.name, "id")
    conn.execute(select(func.setval(sequence, func.coalesce(highest, 1), highest.is_not(None))))


def expect_many(conn: Connection, *, writes: bool = False) -> None:
    """Let this transaction's statements take as long as whole tables do, and be checked when all rows are there."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SET LOCAL statement_timeout = 0"))
    elif writes:
        # Rows of a tree refer to some that come later.
        conn.execute(text("PRAGMA defer_foreign_keys = ON"))
        # In kB: rows of a series come by time and lie by community, so that each page is changed many times.
        conn.execute(text("PRAGMA cache_size = -16384"))


def _copy_in(conn: Connection, shape: Shape, into: str, names: Sequence[str], rows: Iterable[Row]) -> None:
    import psycopg  # noqa: PLC0415 - who uses SQLite does not wait for it

    kinds = {each.name: each.kind for each in shape.columns}
    instants = [place for place, name in enumerate(names) if kinds[name] is Kind.INSTANT]
    driver = typing.cast("psycopg.Connection[Any]", conn.connection.driver_connection)
    try:
        with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
            for row in rows:
                written = list(row)
                for place in instants:
                    written[place] = _instant(row[place])
                copy.write_row(written)
    except (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded) as error:
        told = str(error).strip().splitlines()[0]
        raise StoreError(f"{shown(conn.engine.url)}: {shape.name}: {told}") from None
    except OverflowError:
        raise StoreError(
            f"{shown(conn.engine.url)}: {shape.name}: an instant is not of the years 1 to 9999"
        ) from None
    except psycopg.Error as error:
        raise DBAPIError.instance(None, None, error, psycopg.Error) from error


@lru_cache(maxsize=1_000)
def _instant(seconds: int | None) -> str | None:
    return None if seconds is None else (BEGINNING + timedelta(seconds=seconds)).isoformat()


def _plain(each: Column) -> ColumnElement[Any]:
    """A column's values as SQLite stores them."""
    named: ColumnElement[Any] = column(each.name)
    if each.kind is Kind.INSTANT:
        return cast(extract("epoch", named), BigInteger)
    if each.kind is Kind.DAY:
        return func.to_char(named, "YYYY-MM-DD")
    return cast(named, Integer) if each.kind is Kind.YES_OR_NO else named


def _order(conn: Connection, shape: Shape) -> list[ColumnElement[Any]]:
    return [_comparable(conn, each, column(each.name)) for each in shape.order]


def _comparable(conn: Connection, each: Column, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Texts by their bytes on both databases, wherever the server stands."""
    is_text = each.kind is Kind.TEXT and conn.dialect.name == "postgresql"
    return collate(value, "C") if is_text else value


def _batches(rows: Iterable[Row]) -> Iterator[list[Any]]:
    each = iter(rows)
    while some := [tuple(row) for row in islice(each, _AT_ONCE)]:
        yield some

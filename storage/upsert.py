"""Many rows at once, in the form that is quickest on each database: INSERT ... ON CONFLICT, UPDATE and DELETE by key.

On PostgreSQL the rows go as one array a column, in one statement: row by row they would take up to twice the time
(benchmarks/README.md). SQLite runs in our own process, where a statement a row costs next to nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    Table,
    TableValuedAlias,
    Text,
    bindparam,
    column,
    delete,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeEngine

Rows = Sequence[Mapping[str, Any]]
"""Values by column name; each row has the same names."""


def insert_new(conn: Connection, table: Table, rows: Rows) -> None:
    """Insert rows; one whose key is there already is passed over."""
    if not rows:
        return
    if conn.dialect.name == "postgresql":
        given = _as_arrays(table, rows)
        conn.execute(
            postgresql.insert(table).from_select(list(rows[0]), select(given)).on_conflict_do_nothing()
        )
    else:
        conn.execute(sqlite.insert(table).on_conflict_do_nothing(), rows)


def insert_new_returning(
    conn: Connection, table: Table, rows: Rows, names: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Insert rows, pass over one that a constraint forbids, and give these columns of those that went in."""
    if not rows:
        return []
    columns = [table.c[name] for name in names]
    if conn.dialect.name == "postgresql":
        given = _as_arrays(table, rows)
        made = conn.execute(
            postgresql.insert(table)
            .from_select(list(rows[0]), select(given))
            .on_conflict_do_nothing()
            .returning(*columns)
        )
    else:
        made = conn.execute(sqlite.insert(table).on_conflict_do_nothing().returning(*columns), rows)
    return [tuple(row) for row in made]


def update_known(conn: Connection, table: Table, rows: Rows) -> None:
    """Update the rows whose keys these have; where there is none of that key, nothing happens."""
    if not rows:
        return
    keys = [key.name for key in table.primary_key]
    if conn.dialect.name == "postgresql":
        given = _as_arrays(table, rows)
        values = {name: given.c[name] for name in rows[0] if name not in keys}
        conn.execute(update(table).values(values).where(*(table.c[key] == given.c[key] for key in keys)))
    else:
        # The names of columns are taken by the new values.
        conn.execute(
            update(table).where(*(table.c[key] == bindparam(f"of_{key}") for key in keys)),
            [{f"of_{name}" if name in keys else name: row[name] for name in row} for row in rows],
        )


def delete_known(conn: Connection, table: Table, keys: Sequence[Sequence[Any]]) -> None:
    """Delete the rows of these keys, whose values come in the order of the primary key's columns."""
    if not keys:
        return
    names = [key.name for key in table.primary_key]
    if conn.dialect.name == "postgresql":
        given = _as_arrays(table, [dict(zip(names, key, strict=True)) for key in keys])
        conn.execute(delete(table).where(*(table.c[name] == given.c[name] for name in names)))
    else:
        conn.execute(
            delete(table).where(*(table.c[name] == bindparam(name) for name in names)),
            [dict(zip(names, key, strict=True)) for key in keys],
        )


def insert_or_replace(conn: Connection, table: Table, rows: Rows, told: Sequence[str]) -> None:
    """Insert rows; one whose key is there already takes its place where any of the columns `told` differs.

    No two of the rows may have the same key.
    """
    if not rows:
        return
    keys = [key.name for key in table.primary_key]
    statement: Any
    if conn.dialect.name == "postgresql":
        given = _as_arrays(table, rows)
        statement = postgresql.insert(table).from_select(list(rows[0]), select(given))
    else:
        statement = sqlite.insert(table)
    new = statement.excluded
    statement = statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: new[name] for name in rows[0] if name not in keys},
        where=or_(*(table.c[name].is_distinct_from(new[name]) for name in told)),
    )
    if conn.dialect.name == "postgresql":
        conn.execute(statement)
    else:
        conn.execute(statement, rows)


def insert_or_add(conn: Connection, table: Table, row: Mapping[str, Any], name: str) -> None:
    """Insert a row, or add its column `name` to that of the row with its key."""
    statement: Any = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(table)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_={name: table.c[name] + statement.excluded[name]},
        ),
        row,
    )


def as_table(
    conn: Connection, types: Mapping[str, TypeEngine[Any]], rows: Sequence[Sequence[Any]]
) -> FromClause:
    """Rows as a table to read from or to join: its columns have the names and types given, in this order.

    One parameter for all, or one a column: VALUES with one for each value takes SQLAlchemy as long to compile as
    the database takes to answer.
    """
    if conn.dialect.name == "postgresql":
        return _unnested(types, [[row[place] for row in rows] for place in range(len(types))])
    binders = [kind.dialect_impl(conn.dialect).bind_processor(conn.dialect) for kind in types.values()]
    plain = [
        [bind(value) if bind else value for bind, value in zip(binders, row, strict=True)] for row in rows
    ]
    each = func.json_each(bindparam(None, json.dumps(plain), Text)).table_valued("value", name="each_row")
    return select(
        *(
            type_coerce(func.json_extract(each.c.value, f"$[{place}]"), kind).label(name)
            for place, (name, kind) in enumerate(types.items())
        )
    ).subquery("given")


def _as_arrays(table: Table, rows: Rows) -> TableValuedAlias:
    types = {name: table.c[name].type for name in rows[0]}
    return _unnested(types, [[row[name] for row in rows] for name in types])


def _unnested(types: Mapping[str, TypeEngine[Any]], arrays: Sequence[list[Any]]) -> TableValuedAlias:
    """Columns as a table, on PostgreSQL."""
    given = [
        bindparam(None, array, postgresql.ARRAY(kind))
        for kind, array in zip(types.values(), arrays, strict=True)
    ]
    columns = [column(name, kind) for name, kind in types.items()]
    return func.unnest(*given).table_valued(*columns, name="given").render_derived()

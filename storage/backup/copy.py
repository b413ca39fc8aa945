"""Copies a database into another, of the other kind too: in steps, so that one that was cut goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Engine, text

from storage import schema, upkeep
from storage.backup import rows
from storage.backup.digest import TableDigest, differing, digests, digests_within
from storage.backup.rows import Row
from storage.backup.shape import Shape, shapes
from storage.backup.target import begin_copy, end_copy
from storage.engine import reading, shown, writing
from storage.errors import StoreError
from storage.upkeep import ChoreDone
from storage.upkeep_tables import Chore

Progress = Callable[[str, int], None]
"""Told of a table's name and how many of its rows are there by now."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied. `found_count`: rows that an earlier copy, cut short, had brought already."""

    tables: Sequence[TableDigest]
    found_count: int

    @property
    def row_count(self) -> int:
        """Rows of all tables."""
        return sum(each.row_count for each in self.tables)


def copy(
    source: Engine,
    target: Engine,
    now: Callable[[], datetime],
    *,
    again: bool = False,
    at_once: int = 5_000,
    progress: Progress = lambda *_: None,
) -> Copied:
    """Copy all rows into a database that is empty, or half of such a copy; then prove that both hold the same.

    Until that is proven, no program takes the target for a database. `again`: what an earlier copy has brought is
    thrown away first. `at_once`: rows a transaction. The caller holds the round locks of both.

    Raises StoreError where the target holds anything else, or the source was written meanwhile.
    """
    began = now()
    schema.require_newest(source)
    revision = schema.version(source).newest
    with writing(target) as conn:
        begin_copy(conn, revision, again=again)
        into = {shape.name: shape for shape in shapes(conn)}
    found_count = 0
    with reading(source, is_one_instant=True) as read:
        rows.expect_many(read)
        steps = _Steps(read, target, at_once, progress)
        for shape in shapes(read):
            found_count += steps.copy(shape, into[shape.name])
    # Read again, in another transaction than the copy's: else what was written since would be missed.
    told = digests(source)
    with writing(target) as conn:
        others = differing(told, digests_within(conn))
        if others:
            raise StoreError(
                f"{shown(target.url)} is not the same in {', '.join(others)}: {shown(source.url)} was written "
                "meanwhile, or since a copy that was cut; stop what writes to it, and copy with --again"
            )
        for shape in into.values():
            rows.number_on(conn, shape)
        end_copy(conn, revision)
        done = Copied(told, found_count)
        upkeep.record(conn, ChoreDone(Chore.COPY, began, now(), done.row_count, f"from {shown(source.url)}"))
        if conn.dialect.name == "postgresql":
            # What the server knows of the rows, it would else guess until it looks for itself.
            conn.execute(text("ANALYZE"))
    return done


@dataclass(frozen=True, slots=True)
class _Steps:
    """A table after the other, some rows after others, each step a transaction of the target's."""

    source: Connection
    target: Engine
    at_once: int
    progress: Progress

    def copy(self, shape: Shape, into: Shape) -> int:
        """Copy what is missing of a table; gives how many of its rows were there."""
        with reading(self.target) as conn:
            rows.expect_many(conn)
            last = rows.last_place(conn, into)
            found = there = rows.count(conn, into)
        for some in self._steps(shape, rows.read(self.source, shape, last)):
            with writing(self.target) as conn:
                rows.expect_many(conn, writes=True)
                rows.write(conn, into, shape.names, some)
            there += len(some)
            self.progress(shape.name, there)
        return found

    def _steps(self, shape: Shape, found: Iterator[Row]) -> Iterator[list[Row]]:
        while some := list(islice(found, None if shape.is_tree else self.at_once)):
            yield some

"""Column types that differ between SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from collector.domain.texts import storable

Id = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key. SQLite numbers rows by itself only in a column declared INTEGER."""

Count = BigInteger().with_variant(Integer, "sqlite")
"""A count of people or things. NULL where the network tells none."""


BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Before all that a network can tell."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant, aware and in UTC, to the second.

    PostgreSQL has a type for it. SQLite has none: there it is an integer, the Unix time in seconds, which
    takes a quarter of the room of SQLite's text form and sorts as time does.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type as this database has it."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True, precision=0))
        return dialect.type_descriptor(Integer())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To the database. Raises ValueError for a naive datetime: nobody knows which instant it means."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a datetime without a time zone: {value!r}")
        if dialect.name == "postgresql":
            return value.replace(microsecond=0)
        return int(value.timestamp() // 1)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            aware: datetime = value
            # As it is on our connections; asking first takes a third of the time.
            return aware if aware.tzinfo is UTC else aware.astimezone(UTC)
        return datetime.fromtimestamp(value, UTC)


class ToldText(TypeDecorator[str]):
    """A text of a network's own words. What cannot be stored is replaced: it must not cost a batch its values."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """To the database."""
        del dialect
        return None if value is None else storable(value)

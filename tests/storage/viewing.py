"""The public views as a person with SQL sees them: the same values from both databases."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import text

from storage.engine import reading
from storage.store import Store


def asked(store: Store, sql: str, **given: Any) -> list[dict[str, Any]]:
    """What a query gives, by the columns' names; days and times as texts, as SQLite has them."""
    with reading(store._engine) as conn:
        return [
            {name: _plain(value) for name, value in row.items()}
            for row in conn.execute(text(sql), given).mappings()
        ]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value

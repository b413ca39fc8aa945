"""The whole union, as far as its numbers go: 80,000 organisations and their communities, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Table

from benchmarks.world import START
from collector.domain.model import BranchKind, ContactRole
from storage.upsert import insert_new

_TERRITORIAL = 100
_ROWS_AT_ONCE = 5_000
_LISTED_AT = START - timedelta(days=300)


def insert_all(conn: Connection, into: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, some thousands at a time."""
    some: list[dict[str, Any]] = []
    for row in rows:
        some.append(row)
        if len(some) == _ROWS_AT_ONCE:
            insert_new(conn, into, some)
            some.clear()
    insert_new(conn, into, some)


def union_branch(number: int) -> dict[str, Any]:
    """The city, a hundred territorial organisations below it, and primary ones below them."""
    kind, parent = BranchKind.PRIMARY, 2 + number % _TERRITORIAL
    if number == 1:
        kind, parent = BranchKind.CITY, None  # type: ignore[assignment]
    elif number <= 1 + _TERRITORIAL:
        kind, parent = BranchKind.TERRITORIAL, 1
    return {
        "id": number,
        "code": f"О{number}",
        "name": f"Организация {number}",
        "kind": kind.value,
        "parent_id": parent,
    }


def chair(number: int) -> dict[str, Any]:
    """Its chair."""
    return {
        "branch_id": number,
        "role": ContactRole.CHAIR.value,
        "name": f"Председатель {number}",
        "email": f"chair{number}@example.org",
    }


def vk_community(number: int, of: int) -> dict[str, Any]:
    """A community of the branch of number `of`."""
    return {
        "id": number,
        "branch_id": of,
        "network": "vk",
        "address": f"id:{number}",
        "native_id": str(number),
        "title": f"Профсоюз {number}",
        "url": f"https://vk.com/club{number}",
        "created_at": _LISTED_AT,
    }

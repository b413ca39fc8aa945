"""A server that vanishes is noticed. How a real one is waited for: `tests/cli/test_run.py`."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from storage.engine import reading
from storage.errors import StoreUnavailableError
from storage.store import Store
from tests import postgres
from tests.storage.worlds import NOON


def test_a_connection_whose_other_end_vanished_does_not_hang_for_long(store: Store) -> None:
    if store._engine.dialect.name == "sqlite":
        return
    with reading(store._engine) as conn:
        told = conn.connection.dbapi_connection.info.get_parameters()
    silence_s = int(told["keepalives_idle"]) + int(told["keepalives_interval"]) * int(
        told["keepalives_count"]
    )
    assert silence_s <= 60
    assert int(told["tcp_user_timeout"]) <= 60_000


def test_a_server_is_told_how_to_notice_that_we_vanished(store: Store) -> None:
    if store._engine.dialect.name == "sqlite":
        return
    with reading(store._engine) as conn:
        idle, interval, count = (
            int(conn.scalar(text(f"SELECT current_setting('tcp_keepalives_{name}')")))
            for name in ("idle", "interval", "count")
        )
    assert 0 < idle + interval * count <= 60


def test_a_server_that_lets_nothing_be_written_for_a_while_is_waited_for(
    store: Store, database_url: str
) -> None:
    if store._engine.dialect.name == "sqlite":
        return
    postgres.let_write(database_url, is_allowed=False)
    try:
        for _ in range(2):
            with pytest.raises(
                StoreUnavailableError, match="read-only transaction; the server lets nothing be"
            ):
                store.start_round(NOON)
    finally:
        postgres.let_write(database_url, is_allowed=True)
    assert store.start_round(NOON)

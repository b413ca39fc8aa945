"""A server that vanishes is noticed. How a real one is waited for: `tests/cli/test_run.py`."""

from __future__ import annotations

from storage.engine import reading
from storage.store import Store


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

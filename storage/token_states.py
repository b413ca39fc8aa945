"""How the tokens that are set were when last tried: one row a token, replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, delete, select, tuple_

from collector.domain.model import TokenReport
from collector.domain.token_watch import TokenState
from storage.engine import reading, writing
from storage.upkeep_tables import token_state
from storage.upsert import insert_or_replace

_OWN = ("label", "checked_at", "is_working", "expires_at", "advice")


class TokenStateStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def states(self) -> list[TokenState]:
        """Every token's, by network and label."""
        token = token_state.c
        columns = [token[name] for name in TokenState.__dataclass_fields__]
        with reading(self._engine) as conn:
            rows = conn.execute(select(*columns).order_by(token.network, token.label))
            return [TokenState(*row) for row in rows]

    def keep(self, reports: Sequence[TokenReport], now: datetime) -> None:
        """Keep what trying tokens out showed. Of one that could not be tried, what was known stays."""
        rows = {
            (each.network, each.token_key): {
                "network": each.network,
                "token_key": each.token_key,
                "label": each.label,
                "checked_at": now,
                "is_working": each.is_working,
                "expires_at": each.expires_at,
                "advice": each.advice,
            }
            for each in reports
            if each.is_working is not None and each.token_key
        }
        with writing(self._engine) as conn:
            insert_or_replace(conn, token_state, list(rows.values()), _OWN)

    def keep_only(self, token_keys: Mapping[str, Collection[str]]) -> None:
        """Remove the rows of all tokens but these, by network: what is no longer set ends nothing."""
        wanted = [(network, key) for network, keys in token_keys.items() for key in keys]
        token = token_state.c
        with writing(self._engine) as conn:
            conn.execute(delete(token_state).where(tuple_(token.network, token.token_key).not_in(wanted)))

"""Episodes of silence: opened, confirmed, acknowledged, ended; and the mutes of branches."""

from __future__ import annotations

from sqlalchemy import Engine


class SilenceStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

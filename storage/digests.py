"""Numbers of the weekly and the monthly letter."""

from __future__ import annotations

from sqlalchemy import Engine


class DigestStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

"""What ops must see to: found, told once, over."""

from __future__ import annotations

from sqlalchemy import Engine


class FindingStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

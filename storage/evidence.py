"""What the rule of silence needs to know of branches and their communities."""

from __future__ import annotations

from sqlalchemy import Engine


class EvidenceStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

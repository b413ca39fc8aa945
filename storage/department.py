"""What the department's pages ask of the database, one module a page behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Engine

from collector.domain.model import BranchKind
from storage import overview
from storage.engine import reading
from storage.overview import BranchSlice, CommunityNow, League


class DepartmentStore:
    """Facts for the department's pages. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # The overview: see `storage.overview`

    def leagues(self) -> list[League]:
        """The kinds of branches that there are."""
        with reading(self._engine) as conn:
            return overview.leagues(conn)

    def branches(
        self, kind: BranchKind, sought: str, *, only_silent: bool, offset: int, limit: int
    ) -> BranchSlice:
        """Live branches of a kind whose code or name has some words, the silent ones first."""
        with reading(self._engine) as conn:
            return overview.branches(conn, kind, sought, only_silent=only_silent, offset=offset, limit=limit)

    def communities(self, branch_ids: Collection[int]) -> dict[int, list[CommunityNow]]:
        """The live communities of these branches, by branch."""
        with reading(self._engine) as conn:
            return overview.communities(conn, branch_ids)

    def follower_lines(
        self, branch_ids: Collection[int], spans: Sequence[tuple[datetime, datetime]]
    ) -> dict[int, list[int | None]]:
        """Followers in each span of time, by live community of these branches."""
        with reading(self._engine) as conn:
            return overview.follower_lines(conn, branch_ids, spans)

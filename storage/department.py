"""What the department's pages ask of the database, one module a page behind it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Engine

from collector.domain.model import BranchKind
from collector.domain.period import ReportPeriod
from storage import branch_page, health_page, overview
from storage.branch_page import BranchCard, CommunityDays, LetterLine, PostLine
from storage.engine import reading
from storage.health_page import DueLine, OpenFinding, RunLine
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

    def communities(
        self, branch_ids: Collection[int], *, with_retired: bool = False
    ) -> dict[int, list[CommunityNow]]:
        """The communities of these branches, by branch; those that left the branches file only if asked for."""
        with reading(self._engine) as conn:
            return overview.communities(conn, branch_ids, with_retired=with_retired)

    def follower_lines(
        self, branch_ids: Collection[int], spans: Sequence[tuple[datetime, datetime]]
    ) -> dict[int, list[int | None]]:
        """Followers in each span of time, by live community of these branches."""
        with reading(self._engine) as conn:
            return overview.follower_lines(conn, branch_ids, spans)

    # A branch's page: see `storage.branch_page`

    def branch(self, code: str) -> BranchCard | None:
        """The branch of this code, live or retired; None: there is none."""
        with reading(self._engine) as conn:
            return branch_page.card(conn, code)

    def days(self, community_ids: Collection[int], period: ReportPeriod) -> dict[int, CommunityDays]:
        """Of each of these communities its days in a period."""
        with reading(self._engine) as conn:
            return branch_page.days(conn, community_ids, period)

    def first_reading(self, community_ids: Collection[int]) -> datetime | None:
        """When one of these communities was first read; None: none ever was."""
        with reading(self._engine) as conn:
            return branch_page.first_reading(conn, community_ids)

    def posts(self, branch_id: int, *, offset: int, limit: int) -> tuple[list[PostLine], int]:
        """Posts of a branch, the newest first, and how many there are in all."""
        with reading(self._engine) as conn:
            return branch_page.posts(conn, branch_id, offset=offset, limit=limit)

    def letters(self, branch_id: int, limit: int) -> list[LetterLine]:
        """The newest letters about a branch."""
        with reading(self._engine) as conn:
            return branch_page.letters(conn, branch_id, limit)

    # The health of collection: see `storage.health_page`

    def runs(self, limit: int) -> list[RunLine]:
        """The newest rounds and imports, the newest first."""
        with reading(self._engine) as conn:
            return health_page.runs(conn, limit)

    def due(self, now: datetime) -> list[DueLine]:
        """How many communities of each network are due."""
        with reading(self._engine) as conn:
            return health_page.due(conn, now)

    def open_findings(self, limit: int) -> list[OpenFinding]:
        """What ops must see to while it lasts."""
        with reading(self._engine) as conn:
            return health_page.open_findings(conn, limit)

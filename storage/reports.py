"""What reports ask of the database, one module a report behind it."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import date

from sqlalchemy import Engine

from collector.domain.period import ReportPeriod
from storage import growth
from storage.engine import reading
from storage.export import ViewRows, view_rows
from storage.growth import BranchLine, GrowthFacts, RunFacts


class ReportStore:
    """Facts for reports. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def growth_facts(self, period: ReportPeriod, kinds: Collection[str]) -> list[GrowthFacts]:
        """Of each community of branches of these kinds: see `storage.growth`."""
        with reading(self._engine) as conn:
            return growth.growth_facts(conn, period, kinds)

    def growth_branches(self, period: ReportPeriod, kinds: Collection[str]) -> list[BranchLine]:
        """The branches of these kinds: see `storage.growth`."""
        with reading(self._engine) as conn:
            return growth.growth_branches(conn, period, kinds)

    def view_rows(self, view: str, first: date | None, last: date | None) -> AbstractContextManager[ViewRows]:
        """A public view's rows, one after another: see `storage.export`."""
        return view_rows(self._engine, view, first, last)

    def runs_by_id(self, run_ids: Collection[int]) -> dict[int, RunFacts]:
        """The rounds and imports of these numbers."""
        with reading(self._engine) as conn:
            return growth.runs_by_id(conn, run_ids)

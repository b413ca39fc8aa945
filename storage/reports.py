"""What reports ask of the database, one module a report behind it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from collector.domain.contest import League
from collector.domain.period import ReportPeriod
from storage import audit, contest, contest_freezes, growth, news, pace, summary
from storage.audit import AuditFacts
from storage.contest import ContestFacts
from storage.contest_freezes import ContestFreeze
from storage.engine import reading, writing
from storage.export import Value, ViewRows, view_rows
from storage.growth import BranchLine, GrowthFacts, RunFacts
from storage.news import NewsFacts
from storage.pace import PaceFacts
from storage.summary import SummaryFacts
from storage.view_pages import ViewPage, view_page


class ReportStore:
    """Facts for reports, each method's of one instant. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def growth(
        self, period: ReportPeriod, kinds: Collection[str]
    ) -> tuple[list[BranchLine], list[GrowthFacts]]:
        """The branches of these kinds, and their communities: see `storage.growth`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return growth.growth_branches(conn, period, kinds), growth.growth_facts(conn, period, kinds)

    def growth_branches(self, period: ReportPeriod, kinds: Collection[str]) -> list[BranchLine]:
        """The branches of these kinds: see `storage.growth`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return growth.growth_branches(conn, period, kinds)

    def contest_facts(
        self,
        period: ReportPeriod,
        kinds: Collection[str],
        networks: Collection[str],
        counted_until: datetime,
        near: timedelta,
    ) -> ContestFacts:
        """All that a contest is judged by: see `storage.contest`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return contest.contest_facts(conn, period, kinds, networks, counted_until, near)

    def news_facts(self, period: ReportPeriod, counted_until: datetime) -> NewsFacts:
        """All that the contest of news is judged by: see `storage.news`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return news.news_facts(conn, period, counted_until)

    def write_freeze(self, freeze: ContestFreeze) -> bool:
        """Keep a contest as it was decided; False where another of its number is there already."""
        with writing(self._engine) as conn:
            return contest_freezes.write_freeze(conn, freeze)

    def freezes(
        self, league: League | None = None, period: ReportPeriod | None = None
    ) -> list[ContestFreeze]:
        """Contests as they were decided, all or those of a league and a period, the newest last."""
        with reading(self._engine, is_one_instant=True) as conn:
            return contest_freezes.read_freezes(conn, league, period)

    def pace_facts(self, days: Sequence[date], since: date, kinds: Collection[str]) -> list[PaceFacts]:
        """Of each community of branches of these kinds, around some days: see `storage.pace`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return pace.pace_facts(conn, days, since, kinds)

    def summary_facts(
        self, period: ReportPeriod, before: ReportPeriod, days: Collection[date], kinds: Collection[str]
    ) -> SummaryFacts:
        """Of a month or a quarter: see `storage.summary`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return summary.summary_facts(conn, period, before, days, kinds)

    def audit_branches(
        self, period: ReportPeriod, kinds: Collection[str], code: str | None
    ) -> list[BranchLine]:
        """The branches that are audited: see `storage.audit`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return audit.audit_branches(conn, period, kinds, code)

    def audit_facts(self, period: ReportPeriod, kinds: Collection[str], code: str | None) -> list[AuditFacts]:
        """Of their communities and posts: see `storage.audit`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return audit.audit_facts(conn, period, kinds, code)

    def view_rows(self, view: str, first: date | None, last: date | None) -> AbstractContextManager[ViewRows]:
        """A public view's rows, one after another: see `storage.export`."""
        return view_rows(self._engine, view, first, last)

    def view_page(
        self,
        view: str,
        *,
        limit: int,
        after: Sequence[Value] | None = None,
        first: date | None = None,
        last: date | None = None,
        only: Mapping[str, str] | None = None,
    ) -> ViewPage:
        """Some rows of a public view, and where the next begin: see `storage.view_pages`."""
        with reading(self._engine, is_one_instant=True) as conn:
            return view_page(conn, view, limit=limit, after=after, first=first, last=last, only=only or {})

    def runs_by_id(self, run_ids: Collection[int]) -> dict[int, RunFacts]:
        """The rounds and imports of these numbers."""
        with reading(self._engine, is_one_instant=True) as conn:
            return growth.runs_by_id(conn, run_ids)

"""The Store: all that the rest of the program may ask of the database. One module a table family behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from collector.domain.model import BranchDeclaration, Outcome
from collector.domain.schedule import CommunityFacts
from storage import branches, due, history, lock, page, runs, schema, series, status
from storage.backup.store import BackupStore
from storage.department import DepartmentStore
from storage.digests import DigestStore
from storage.engine import database_url, make_engine, reading, shown, sqlite_file, writing
from storage.errors import StoreError
from storage.evidence import EvidenceStore
from storage.findings import FindingStore
from storage.measures import MeasureStore
from storage.outbox import OutboxStore
from storage.quota import DatabaseQuota
from storage.readers import Reader, grant_readonly
from storage.reports import ReportStore
from storage.retention import RetentionStore
from storage.server import DatabaseServer, server
from storage.silences import SilenceStore
from storage.tables import RunKind, RunStatus
from storage.token_states import TokenStateStore
from storage.upkeep import UpkeepStore
from storage.vitals import Disk, VitalsStore, disk_of


@dataclass(frozen=True, slots=True)
class LastRound:
    """The newest round of collection."""

    started_at: datetime
    finished_at: datetime | None
    status: str
    due_count: int
    read_count: int
    wall_count: int
    failed_count: int
    request_count: int
    note: str | None


class Store:
    """A database of the program. Its methods raise StoreError, in words for ops.

    What belongs to silences and letters has faces of its own: `evidence`, `silences`, `outbox`, `digests`,
    `findings`; and so has what reports ask: `reports`, the department's pages: `department`, the program's own
    upkeep: `upkeep`, `tokens`, `backups`, whether the database can be worked with: `vitals`, and what metrics
    count: `measures`.
    """

    def __init__(self, url: str) -> None:
        """`url`: the address of the database; it may hold a password, and is never shown with it."""
        self._engine = make_engine(database_url(url))
        self.quota = DatabaseQuota(self._engine)
        self.evidence = EvidenceStore(self._engine)
        self.silences = SilenceStore(self._engine)
        self.outbox = OutboxStore(self._engine)
        self.digests = DigestStore(self._engine)
        self.findings = FindingStore(self._engine)
        self.reports = ReportStore(self._engine)
        self.department = DepartmentStore(self._engine)
        self.upkeep = UpkeepStore(self._engine)
        self.retention = RetentionStore(self._engine)
        self.tokens = TokenStateStore(self._engine)
        self.vitals = VitalsStore(self._engine)
        self.backups = BackupStore(self._engine)
        self.measures = MeasureStore(self._engine)

    @property
    def shown(self) -> str:
        """The database's address without its password."""
        return shown(self._engine.url)

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    # The schema

    def version(self) -> schema.SchemaVersion:
        """Where the schema stands."""
        return schema.version(self._engine)

    def upgrade(self, on_wait: Callable[[StoreError], None] = lambda _: None) -> schema.SchemaVersion:
        """Bring the schema up to this program's; returns where it stood. See `storage.schema.upgrade`."""
        return schema.upgrade(self._engine, on_wait=on_wait)

    def server(self) -> DatabaseServer:
        """What the database is run by."""
        return server(self._engine)

    def disk(self) -> Disk | None:
        """The disk of an SQLite database; None on PostgreSQL, whose disk is another machine's."""
        path = sqlite_file(self._engine.url)
        return None if path is None else disk_of(path)

    def require_newest(self) -> None:
        """Raise SchemaError unless the schema is this program's."""
        schema.require_newest(self._engine)

    def grant_readonly(self, role: str, password: str | None = None) -> Reader:
        """Let a role of PostgreSQL read the public views and nothing else; see `storage.readers`."""
        return grant_readonly(self._engine, role, password)

    def require_writable(self) -> None:
        """Raise StoreError if nothing can be written now. Changes nothing."""
        schema.require_writable(self._engine)

    # Branches

    def sync_branches(self, declared: Sequence[BranchDeclaration], now: datetime) -> branches.SyncReport:
        """Bring branches and communities in line with the branches file."""
        with writing(self._engine) as conn:
            return branches.sync(conn, declared, now)

    def preview_sync(self, declared: Sequence[BranchDeclaration], now: datetime) -> branches.SyncReport:
        """What a sync would do, without doing it."""
        with writing(self._engine) as conn:
            report = branches.sync(conn, declared, now)
            conn.rollback()
            return report

    def branches(self) -> list[status.BranchStatus]:
        """Every branch, as last synced."""
        with reading(self._engine) as conn:
            return status.branches(conn)

    def page_branch(self, branch_id: int) -> page.PageBranch | None:
        """A branch by its number, for the page that letters lead to."""
        with reading(self._engine) as conn:
            return page.page_branch(conn, branch_id)

    def contact_name(self, email: str) -> str | None:
        """The name that goes with an address in the branches file."""
        with reading(self._engine) as conn:
            return page.contact_name(conn, email)

    # Rounds

    def round_lock(self) -> AbstractContextManager[bool]:
        """One round at a time: gives whether it is ours."""
        return lock.round_lock(self._engine)

    def networks_in_use(self) -> dict[str, int]:
        """Live communities by network."""
        with reading(self._engine) as conn:
            return due.networks_in_use(conn)

    def due_communities(
        self, network: str, due_by: datetime | None, default_threshold: timedelta
    ) -> list[CommunityFacts]:
        """Whose turn it is by an instant; None: everybody's."""
        with reading(self._engine) as conn:
            return due.due_communities(conn, network, due_by, default_threshold)

    def take_up_settings(self, now: datetime, interval: timedelta) -> None:
        """Let a shorter interval hold at once, and communities that a token failed be due."""
        with writing(self._engine) as conn:
            due.take_up_settings(conn, now, interval)

    def next_due(self) -> datetime | None:
        """When the next community is due."""
        with reading(self._engine) as conn:
            return due.next_due(conn)

    def start_round(self, now: datetime) -> int:
        """Begin a round; the caller holds the round lock."""
        with writing(self._engine) as conn:
            return runs.start(conn, RunKind.COLLECT, now)

    def write_outcomes(
        self, run_id: int, outcomes: Sequence[Outcome], next_due: series.NextDue
    ) -> list[Outcome]:
        """Write a batch in one transaction; returns it as it was believed."""
        with writing(self._engine) as conn:
            return series.write_outcomes(conn, run_id, outcomes, next_due)

    def finish_round(
        self, run_id: int, counts: runs.RunCounts, now: datetime, *, stopped: bool, note: str | None
    ) -> None:
        """Close a round's record."""
        ended = RunStatus.STOPPED if stopped else RunStatus.FINISHED
        with writing(self._engine) as conn:
            runs.record(conn, run_id, counts, ended, now, note)

    def last_round(self) -> LastRound | None:
        """The newest round, if there was one."""
        with reading(self._engine) as conn:
            row = runs.last_round(conn)
        if row is None:
            return None
        found = row._mapping
        return LastRound(**{name: found[name] for name in LastRound.__dataclass_fields__})

    # What was collected

    def communities(self) -> list[status.CommunityStatus]:
        """Every live community with its newest values."""
        with reading(self._engine) as conn:
            return status.communities(conn)

    def newest_reading(self, by: datetime) -> datetime | None:
        """When a community was last read, up to an instant; None: none was."""
        with reading(self._engine) as conn:
            return status.newest_reading(conn, by)

    def import_past(
        self, rows: Sequence[history.PastCounts], source: str, now: datetime
    ) -> history.ImportReport:
        """Import follower counts of the past."""
        with writing(self._engine) as conn:
            return history.import_past(conn, rows, source, now)


@contextmanager
def open_store(url: str) -> Iterator[Store]:
    """A store that closes itself."""
    store = Store(url)
    try:
        yield store
    finally:
        store.close()

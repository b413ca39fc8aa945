"""Each migration, on a database that the version before it filled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, event, inspect, select, text

from collector.bootstrap.program import Program
from collector.bootstrap.reports import make_growth
from collector.bootstrap.silence import detect
from collector.domain.model import BranchKind
from collector.domain.redaction import Redactor
from collector.settings import Settings
from storage import schema
from storage.engine import database_url as parsed
from storage.engine import make_engine, reading, writing
from storage.errors import LockedError
from storage.schema import has_its_dialect
from storage.store import open_store
from storage.tables import metadata
from storage.views import VIEWS
from tests.storage.filling import ROWS, Filling, rows
from tests.storage.worlds import World, post, read, wall

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REVISIONS = [script.revision for script in reversed(list(schema._scripts().walk_revisions()))]
Check = Callable[[Connection], None]


def nothing_more(conn: Connection) -> None:
    """It adds tables, or columns that are NULL. That every row is as it was is looked at of each migration."""


def has_a_calendar(conn: Connection) -> None:
    days = conn.execute(text("SELECT count(*), min(day), max(day) FROM calendar_day")).one()
    assert (days[0], str(days[1]), str(days[2])) == (16_071, "2006-01-01", "2049-12-31")


def has_the_index(conn: Connection) -> None:
    names = {each["name"] for each in inspect(conn).get_indexes("follower_snapshot")}
    assert ("ix_follower_snapshot_observed_at" in names) == (conn.dialect.name == "postgresql")


def posts_are_known_from_the_first_look_on(conn: Connection) -> None:
    found = conn.execute(text("SELECT wall_first_seen_at, posts_known_since FROM community_state")).all()
    assert all(first_seen == since for first_seen, since in found)
    assert {first_seen is None for first_seen, _ in found} == {True, False}


CHECKS: dict[str, Check] = {
    "0002": nothing_more,
    "0003": has_a_calendar,
    "0004": nothing_more,
    "0005": nothing_more,
    "0006": nothing_more,
    "0007": has_the_index,
    "0008": posts_are_known_from_the_first_look_on,
    "0009": nothing_more,
    "0010": nothing_more,
}
"""What a migration does to rows that are there. A new one takes a line here: what becomes of what people have."""
CHANGED: dict[str, set[tuple[str, str]]] = {}
"""Columns, as (table, column), that a migration changes or takes away: its check says what becomes of them."""


def test_every_migration_is_tested() -> None:
    missing = [revision for revision in REVISIONS[1:] if revision not in CHECKS]
    assert not missing, f"say in CHECKS what {missing} does to the rows that are there"


def upgrade_to(engine: Engine, revision: str) -> None:
    """As `storage.schema.upgrade`, but not to the end."""
    config = schema._config()
    with writing(engine) as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, revision)


def test_each_keeps_what_the_version_before_it_has(database_url: str, engine: Engine) -> None:
    filling = Filling()
    upgrade_to(engine, REVISIONS[0])
    for revision in REVISIONS[1:]:
        changed = CHANGED.get(revision, set())
        with writing(engine) as conn:
            tables = filling.fill(conn)
            before = rows(conn, tables, changed)
        assert all(len(of_table) >= ROWS for of_table in before.values()), "every table is filled"
        upgrade_to(engine, revision)
        with reading(engine) as conn:
            assert rows(conn, tables, changed) == before, revision
            CHECKS[revision](conn)
    with reading(engine) as conn:
        options = {"compare_type": True, "include_object": has_its_dialect(conn.dialect.name)}
        assert compare_metadata(MigrationContext.configure(conn, opts=options), metadata) == []
        for view in VIEWS:
            conn.execute(text(f"SELECT * FROM {view.name}")).all()
    the_program_goes_on(database_url)


def the_program_goes_on(url: str) -> None:
    """A round, what it proves, a report."""
    with open_store(url) as store:
        community = store.communities()[0]
        made = World(store)
        look = read(
            NOW,
            321,
            wall(post("9", NOW - timedelta(days=1))),
            community_id=community.community_id,
        )
        assert len(made.round(look)) == 1
        parts = Program(Settings(_env_file=None), Redactor(()), store, lambda: NOW, Event())
        detect(parts)
        assert make_growth(parts, date(2026, 9, 1), date(2026, 11, 22), tuple(BranchKind)).tables


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = make_engine(
        parsed(f"{database_url}?timeout=0.1" if database_url.startswith("sqlite") else database_url)
    )
    yield made
    made.dispose()


def test_one_killed_in_the_middle_leaves_the_version_before(database_url: str, engine: Engine) -> None:
    upgrade_to(engine, "0003")
    with writing(engine) as conn:
        tables = Filling().fill(conn)
        before = rows(conn, tables)
    engine.dispose()
    pid = os.fork()
    if pid == 0:
        _upgrade_until(database_url, "0008")
        os._exit(0)
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    with reading(engine) as conn:
        assert rows(conn, tables) == before
        assert conn.scalar(select(text("version_num")).select_from(text("alembic_version"))) == "0003"
    with open_store(database_url) as store:
        assert store.upgrade().current == "0003"
        store.require_newest()


def _upgrade_until(url: str, revision: str) -> None:
    """Upgrade, and be killed where this migration has done its work and is about to say so."""

    def kill(_conn: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if statement.startswith("UPDATE alembic_version") and f"'{revision}'" in statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "after_cursor_execute", kill)
    with open_store(url) as store:
        store.upgrade()


def test_one_that_cannot_begin_steps_back_and_says_who_is_in_the_way(engine: Engine, backend: str) -> None:
    """A reader that takes long holds up the migration, and nobody else: who came after it would wait behind it."""
    upgrade_to(engine, "0007")
    advice = {"sqlite": "another program holds the database"}.get(
        backend, "find it in pg_stat_activity and end it"
    )
    waited: list[LockedError] = []
    # On SQLite only writers are in the way.
    with engine.connect().execution_options(collector_writes=backend == "sqlite") as reader:
        reader.execute(text("SELECT count(*) FROM community_state")).all()
        if backend == "sqlite":  # where to wait in vain takes no seconds
            with pytest.raises(LockedError, match=advice):
                schema.upgrade(engine, patience=timedelta(0))

        def let_go(error: LockedError) -> None:
            waited.append(error)
            assert reader.scalar(text("SELECT version_num FROM alembic_version")) == "0007"
            reader.rollback()

        assert schema.upgrade(engine, on_wait=let_go).current == "0007"
    (error,) = waited
    assert advice in str(error)

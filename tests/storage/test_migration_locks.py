"""What migrations would lock on PostgreSQL while people and rounds wait: judged by squawk, from the SQL they emit."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from storage import schema

AS_OF_TASTE = ("prefer-bigint-over-int", "prefer-identity")
"""Rules of squawk's that are not about locks."""
ACCEPTED = {
    (
        "0007",
        "require-concurrent-index-creation",
    ): "a BRIN index takes seconds of a series of any size, and an upgrade "
    "in one transaction that can be killed anywhere is worth more: CONCURRENTLY cannot be part of one",
}
"""What may stand, by migration and rule, and why. Only of what is out: a new migration has to find a better way."""
SETTINGS = "SET LOCAL lock_timeout = '3s';\nSET LOCAL statement_timeout = 0;\n"
"""What `storage.schema.upgrade` sets before them."""


def judged(*files: Path) -> set[tuple[str, str]]:
    """What squawk finds: the file's name without its ending, and the rule."""
    excluded = [f"--exclude={rule}" for rule in AS_OF_TASTE]
    squawk = Path(sys.executable).parent / "squawk"
    options = ["--assume-in-transaction", "--pg-version=13", "--reporter=json", *excluded]
    done = subprocess.run([squawk, *options, *files], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return {(Path(found["file"]).stem, found["rule_name"]) for found in json.loads(done.stdout or "[]")}


def test_no_migration_locks_a_table_for_long(tmp_path: Path) -> None:
    files = []
    for script in schema._scripts().walk_revisions():
        emitted = io.StringIO()
        options = {"as_sql": True, "output_buffer": emitted, "literal_binds": True}
        context = MigrationContext.configure(dialect_name="postgresql", opts=options)
        with Operations.context(context):
            script.module.upgrade()
        path = tmp_path / f"{script.revision}.sql"
        path.write_text(SETTINGS + emitted.getvalue())
        files.append(path)
    found = judged(*files)
    assert found - ACCEPTED.keys() == set()
    assert ACCEPTED.keys() - found == set(), "nothing is accepted that is not there"


def test_what_would_lock_is_found(tmp_path: Path) -> None:
    locking = {
        "index": "CREATE INDEX ix_post_url ON post (url);",
        "type": "ALTER TABLE post_snapshot ALTER COLUMN like_count TYPE text;",
        "check": "ALTER TABLE post ADD CONSTRAINT ck_post_url CHECK (url <> '');",
        "required": "ALTER TABLE post ADD COLUMN kind text NOT NULL;",
    }
    files = [tmp_path / f"{name}.sql" for name in locking]
    for path in files:
        path.write_text(SETTINGS + locking[path.stem])
    assert {name for name, _ in judged(*files)} == set(locking)

"""Imports a table of followers of past days."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from collector.branches import read_followers_csv
from storage.history import ImportReport, PastCounts
from storage.store import Store


def import_followers(store: Store, path: Path, now: datetime) -> ImportReport:
    """Read the table and store it. Raises CollectorError for mistakes in it; then nothing is written.

    The run's record keeps the file's name and digest, so that each number can be traced to it.
    """
    table = read_followers_csv(path, today=now.date())
    rows = [
        PastCounts(
            place=f"{path}:{row.line}",
            branch_code=row.organization,
            primary_count=row.primary_count,
            followers={key: count for key, count in row.followers.items() if count is not None},
            without_account=row.without_account,
        )
        for row in table.rows
    ]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return store.import_past(rows, f"{path.name} sha256:{digest}", now)

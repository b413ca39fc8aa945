"""A store on SQLite alone, for tests of what does not depend on the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store, open_store
from tests.conftest import Databases


@pytest.fixture
def sqlite_store(databases: Databases, tmp_path: Path) -> Iterator[Store]:
    with databases.sqlite(tmp_path, has_tables=True) as url, open_store(url) as made:
        yield made

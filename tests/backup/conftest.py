"""Databases to back up and to restore into, and a backup."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.store import open_store
from tests.backup.full import fill_every_table, save


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a database with rows in each table, for those who only read it."""
    folder = tmp_path_factory.mktemp("saved")
    with open_store(f"sqlite:///{folder / 'collector.db'}") as store:
        store.upgrade()
        fill_every_table(store)
        return save(store, folder / "saved.backup")

"""The page on a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store, open_store
from tests.web.seeded import NOW, seed
from tests.web.site import Site


@pytest.fixture
def small_store(tmp_path: Path) -> Iterator[Store]:
    """On SQLite, whose writer others wait for only shortly."""
    with open_store(f"sqlite:///{tmp_path / 'collector.db'}?timeout=0.5") as made:
        made.upgrade()
        yield made


@pytest.fixture
def site(small_store: Store) -> Iterator[Site]:
    """On SQLite: enough where a page's words are tested."""
    with Site(small_store).served() as served:
        yield served


@pytest.fixture
def any_site(store: Store) -> Iterator[Site]:
    """On each kind of database: for what is written."""
    with Site(store).served() as served:
        yield served


@pytest.fixture(scope="session")
def seeded_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A season of readings; nobody changes it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('department') / 'collector.db'}"
    with open_store(url) as store:
        store.upgrade()
        seed(store)
    return url


@pytest.fixture(scope="module")
def department(seeded_url: str) -> Iterator[Site]:
    """The department's pages on it."""
    with open_store(seeded_url) as store, Site(store, declares=False, now=NOW).served() as served:
        yield served

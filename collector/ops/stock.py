"""What a scrape tells of the database's contents. What is unknown is absent, never 0."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily

from collector.domain.notification import MessageStatus
from collector.domain.token_watch import TokenState
from collector.ops.labels import Labels, token_label
from storage.measures import Measures
from storage.vitals import Vitals


@dataclass(frozen=True, slots=True)
class Stock:
    """What looks at the database showed. None, or empty, is what is not known."""

    vitals: Vitals
    is_schema_newest: bool
    measures: Measures | None = None
    """None where the schema is not this program's."""
    letters_done: Mapping[MessageStatus, int] = field(default_factory=dict)
    letters_wait: timedelta | None = None
    """How long the first letter that may leave has waited; 0: there is none."""
    wall_reads_left: Mapping[str, int] = field(default_factory=dict)
    tokens: Sequence[TokenState] = ()
    last_backup_at: datetime | None = None
    last_retention_at: datetime | None = None


def told(stock: Stock | None, interval: timedelta, now: datetime) -> Iterator[Metric]:
    """All that is known at an instant; `stock` None: the database does not answer."""
    yield _gauge("database_up", "Whether the database answered at this scrape.", int(stock is not None))
    yield _gauge(
        "collect_interval_seconds", "Time between two looks at a community, as set.", interval.total_seconds()
    )
    if stock is not None:
        yield from _of_database(stock, now)


def _of_database(stock: Stock, now: datetime) -> Iterator[Metric]:
    vitals = stock.vitals
    yield _gauge(
        "schema_newest",
        "Whether the database's tables are those of this version of the program.",
        int(stock.is_schema_newest),
    )
    if vitals.disk is not None:
        yield _gauge(
            "disk_free_bytes", "Room left on the disk of the SQLite database.", vitals.disk.free_bytes
        )
    yield from _instant(
        "last_round",
        "When the last finished round of collection ended.",
        None if vitals.last_round is None else vitals.last_round.finished_at,
    )
    yield from _instant("last_backup", "When the last backup was finished.", stock.last_backup_at)
    yield from _instant(
        "last_retention",
        "When what is too old was last removed; absent where nothing ever is.",
        stock.last_retention_at,
    )
    if stock.measures is not None:
        yield from _counted(stock, stock.measures, now)
    yield from _tokens(stock.tokens)


def _counted(stock: Stock, measures: Measures, now: datetime) -> Iterator[Metric]:
    next_due_at = stock.vitals.next_due_at
    lag = 0.0 if next_due_at is None else max(0.0, (now - next_due_at).total_seconds())
    yield _gauge("due_lag_seconds", "How long the longest overdue community has waited; 0: none waits.", lag)
    names, communities = Labels(), Counter[tuple[str, ...]]()
    for (network, access), count in sorted(measures.communities.items()):
        communities[names.of(network), access] += count
    yield _gauges(
        "communities", "Live communities, by how far they are open.", ("network", "state"), communities
    )
    yield _gauges(
        "wall_reads_left",
        "Walls that the tokens may still read in the current 24 hours.",
        ("network",),
        {(names.of(network),): left for network, left in stock.wall_reads_left.items()},
    )
    yield _gauge("silences_open", "Silences that last.", measures.silences_open)
    letters = {MessageStatus.PENDING: measures.letters_pending, **stock.letters_done}
    yield _gauges(
        "outbox_messages",
        "Letters in the outbox; of those that wait no more as counted some minutes ago.",
        ("status",),
        {(status.value,): count for status, count in letters.items()},
    )
    if stock.letters_wait is not None:
        yield _gauge(
            "outbox_oldest_seconds",
            "How long the first letter that may leave has waited; 0: none waits.",
            max(0.0, stock.letters_wait.total_seconds()),
        )


def _tokens(tokens: Sequence[TokenState]) -> Iterator[Metric]:
    names = Labels()
    by = {(names.of(each.network), token_label(each.label)): each for each in tokens}
    keys = ("network", "token")
    yield _gauges(
        "token_working",
        "Whether the token worked when it was last tried.",
        keys,
        {key: int(each.is_working) for key, each in by.items()},
    )
    yield _gauges(
        "token_checked_timestamp_seconds",
        "When the token was last tried.",
        keys,
        {key: each.checked_at.timestamp() for key, each in by.items()},
    )
    yield _gauges(
        "token_expires_timestamp_seconds",
        "When the token ends; absent: never, or the network does not tell.",
        keys,
        {key: each.expires_at.timestamp() for key, each in by.items() if each.expires_at is not None},
    )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"collector_{name}", meaning, value=value)


def _gauges(
    name: str, meaning: str, labels: Sequence[str], values: Mapping[tuple[str, ...], float]
) -> Metric:
    family = GaugeMetricFamily(f"collector_{name}", meaning, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _instant(name: str, meaning: str, at: datetime | None) -> Iterator[Metric]:
    if at is not None:
        yield _gauge(f"{name}_timestamp_seconds", meaning, at.timestamp())

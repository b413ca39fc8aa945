"""What a scrape asks of the database, put together.

Of 80,000 communities and as many letters a look takes 0.4 s on either database, of the union's size nothing worth
telling: so it is kept for a few seconds only, for whoever else scrapes meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client import Metric
from prometheus_client.registry import Collector

from collector.bootstrap.delivery import gate_policy
from collector.bootstrap.program import Program
from collector.domain.notification import MessageStatus
from collector.jobs.leaving import TooManyHeldError, waits_since
from collector.ops.looker import Looker, NoAnswerError
from collector.ops.stock import Stock, told
from storage.errors import StoreError
from storage.upkeep_tables import Chore

_KEPT_S = 5.0
"""Several who scrape, or one who scrapes often, cost what one does."""
_PATIENCE_S = 8.0
"""Less than Prometheus's usual ten seconds."""
_LETTERS_KEPT_S = 600.0
_LETTERS_PATIENCE_S = 2.0


class StockTaking(Collector):
    """Looks at the database when the registry is asked."""

    def __init__(self, parts: Program, newest_schema: str) -> None:
        self._parts = parts
        self._newest_schema = newest_schema
        self._stock: Looker[Stock] = Looker(self._look, kept_s=_KEPT_S, patience_s=_PATIENCE_S)
        self._letters_done: Looker[dict[MessageStatus, int]] = Looker(
            parts.store.measures.letters_done, kept_s=_LETTERS_KEPT_S, patience_s=_LETTERS_PATIENCE_S
        )

    def collect(self) -> Iterator[Metric]:
        """What is known now; of a database that does not answer, that."""
        stock: Stock | None
        try:
            stock = self._stock.latest()
        except (StoreError, NoAnswerError):
            stock = None
        yield from told(stock, self._parts.settings.collect.interval, self._parts.now())

    def _look(self) -> Stock:
        store, now = self._parts.store, self._parts.now()
        vitals = store.vitals.look(self._newest_schema, now)
        if vitals.schema != self._newest_schema:
            return Stock(vitals, is_schema_newest=False)
        backup, retention = (store.upkeep.last(chore, by=now) for chore in (Chore.BACKUP, Chore.RETENTION))
        return Stock(
            vitals,
            is_schema_newest=True,
            measures=store.measures.look(),
            letters_done=self._done(),
            letters_wait=self._letters_wait(now),
            wall_reads_left=self._wall_reads_left(now),
            tokens=store.tokens.states(),
            last_backup_at=None if backup is None else backup.finished_at,
            # Where nothing is ever too old, an old removal is no news.
            last_retention_at=retention.finished_at
            if retention and self._parts.settings.retention.ages
            else None,
        )

    def _done(self) -> dict[MessageStatus, int]:
        try:
            return self._letters_done.latest()
        except NoAnswerError:
            return {}

    def _letters_wait(self, now: datetime) -> timedelta | None:
        if self._parts.settings.smtp.host is None:
            # That no letter leaves is meant.
            return timedelta(0)
        try:
            since = waits_since(self._parts.store, gate_policy(self._parts), now)
        except TooManyHeldError:
            return None
        return timedelta(0) if since is None else now - since

    def _wall_reads_left(self, now: datetime) -> dict[str, int]:
        """Of VK, the one network with such a quota: of the tokens that are set now."""
        keys = self._parts.settings.token_keys()["vk"]
        if not keys:
            return {}
        used = self._parts.store.quota.used("vk", "wall.get", now)
        limit = self._parts.settings.vk.daily_wall_reads
        return {"vk": sum(max(0, limit - used.get(key, 0)) for key in keys)}

"""Daily quotas, counted in the database so that a restart does not forget what was used.

The network does not say when its day begins, so that the last 24 hours count, whichever they are: by hours,
the current one and the 24 before it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from storage.engine import reading, writing
from storage.tables import quota_use
from storage.upsert import insert_or_add

_WINDOW = timedelta(hours=24)


class DatabaseQuota:
    """A `QuotaLedger` (see collector/networks/base.py) on a table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, network: str, token_key: str, method: str, wanted: int, limit: int, now: datetime) -> int:
        """Reserve up to `wanted` uses; returns how many the last 24 hours leave of `limit`."""
        if wanted <= 0:
            return 0
        hour = now.replace(minute=0, second=0, microsecond=0)
        with writing(self._engine) as conn:
            used = conn.scalar(
                select(func.coalesce(func.sum(quota_use.c.used), 0)).where(
                    quota_use.c.network == network,
                    quota_use.c.token_key == token_key,
                    quota_use.c.method == method,
                    # An hour counts until a day after its end, as its uses may have come at its last second.
                    quota_use.c.hour_at > hour - _WINDOW - timedelta(hours=1),
                )
            )
            granted = max(0, min(wanted, limit - int(used or 0)))
            if granted:
                row = {
                    "network": network,
                    "token_key": token_key,
                    "method": method,
                    "hour_at": hour,
                    "used": granted,
                }
                insert_or_add(conn, quota_use, row, "used")
        return granted

    def give_back(self, network: str, token_key: str, method: str, unused: int, now: datetime) -> None:
        """Take reserved uses off again, from the current hour on backwards: no request was made for them."""
        key = (
            quota_use.c.network == network,
            quota_use.c.token_key == token_key,
            quota_use.c.method == method,
        )
        with writing(self._engine) as conn:
            rows = conn.execute(
                select(quota_use.c.hour_at, quota_use.c.used)
                .where(*key, quota_use.c.hour_at <= now)
                .order_by(quota_use.c.hour_at.desc())
                .limit(2)
            ).all()
            for row in rows:
                back = min(row.used, unused)
                unused -= back
                if back:
                    conn.execute(
                        quota_use.update()
                        .where(*key, quota_use.c.hour_at == row.hour_at)
                        .values(used=row.used - back)
                    )

    def used(self, network: str, method: str, now: datetime) -> dict[str, int]:
        """Uses of the last 24 hours by token key."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        with reading(self._engine) as conn:
            rows = conn.execute(
                select(quota_use.c.token_key, func.sum(quota_use.c.used))
                .where(
                    quota_use.c.network == network,
                    quota_use.c.method == method,
                    quota_use.c.hour_at > hour - _WINDOW - timedelta(hours=1),
                )
                .group_by(quota_use.c.token_key)
            )
            return {key: int(used) for key, used in rows}

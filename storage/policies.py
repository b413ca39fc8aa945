"""Each branch's policy of silence: its own threshold and pauses, and what it inherits of those above it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, select

from collector.domain.model import Pause
from collector.domain.silence import SilencePolicy
from storage.tables import branch, branch_pause

_Inherited = tuple[int | None, tuple[Pause, ...]]
"""Threshold in days, None where nobody upwards set one; and pauses."""


class Policies:
    """The policies of all branches; those that are alike are one object, since a union has 80,000 branches."""

    def __init__(
        self,
        own: dict[int, tuple[int | None, int | None]],
        pauses: dict[int, list[Pause]],
        default_threshold: timedelta,
        warn_before: timedelta | None,
    ) -> None:
        """`own`: parent and threshold in days, by branch."""
        self._own = own
        self._pauses = pauses
        self._default_threshold = default_threshold
        self._warn_before = warn_before
        self._inherited: dict[int | None, _Inherited] = {None: (None, ())}
        self._policies: dict[_Inherited, SilencePolicy] = {}

    def of(self, branch_id: int) -> SilencePolicy:
        """The policy that holds for a branch."""
        holds = self._inherit(branch_id)
        if holds not in self._policies:
            days, pauses = holds
            threshold = self._default_threshold if days is None else timedelta(days=days)
            self._policies[holds] = SilencePolicy(threshold, pauses, self._warn_before)
        return self._policies[holds]

    def _inherit(self, branch_id: int | None) -> _Inherited:
        if branch_id in self._inherited or branch_id not in self._own:
            return self._inherited.get(branch_id, (None, ()))
        parent_id, days = self._own[branch_id]
        above_days, above_pauses = self._inherit(parent_id)
        own_pauses = tuple(self._pauses.get(branch_id, ()))
        result = (above_days if days is None else days, own_pauses + above_pauses)
        self._inherited[branch_id] = result
        return result


def read_policies(conn: Connection, default_threshold: timedelta, warn_before: timedelta | None) -> Policies:
    """The policies of all branches, as the database has them."""
    own = {
        row.id: (row.parent_id, row.silence_threshold_days)
        for row in conn.execute(select(branch.c.id, branch.c.parent_id, branch.c.silence_threshold_days))
    }
    pauses: dict[int, list[Pause]] = {}
    rows = conn.execute(select(branch_pause).order_by(branch_pause.c.branch_id, branch_pause.c.starts_on))
    for row in rows:
        pauses.setdefault(row.branch_id, []).append(Pause(row.starts_on, row.ends_on, row.reason))
    return Policies(own, pauses, default_threshold, warn_before)

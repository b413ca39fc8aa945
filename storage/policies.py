"""Each branch's policy of silence: its own threshold and pauses, and what it inherits of those above it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from collector.domain.model import Pause
from collector.domain.silence import SilencePolicy
from storage.tables import branch, branch_pause


class Policies:
    """The policies of all branches. A branch with nothing of its own shares the object of the one above it."""

    def __init__(
        self,
        own: Mapping[int, tuple[int | None, int | None]],
        pauses: Mapping[int, Sequence[Pause]],
        default: SilencePolicy,
    ) -> None:
        """`own`: parent and threshold in days, by branch. `default`: where nobody upwards says otherwise."""
        self._own = own
        self._pauses = pauses
        self._known: dict[int | None, SilencePolicy] = {None: default}

    def of(self, branch_id: int) -> SilencePolicy:
        """The policy that holds for a branch."""
        known = self._known.get(branch_id)
        if known is None:
            known = self._known[branch_id] = self._inherited(branch_id)
        return known

    def _inherited(self, branch_id: int) -> SilencePolicy:
        parent_id, days = self._own[branch_id]
        above = self._known[None] if parent_id is None else self.of(parent_id)
        pauses = self._pauses.get(branch_id, ())
        if days is None and not pauses:
            return above
        threshold = above.threshold if days is None else timedelta(days=days)
        return SilencePolicy(threshold, (*pauses, *above.pauses), above.warn_before)


def read_policies(conn: Connection, default: SilencePolicy, codes: Collection[str] | None = None) -> Policies:
    """The policies of all branches, or of those of these codes, as the database has them."""
    query: Select[Any] = select(branch.c.id, branch.c.parent_id, branch.c.silence_threshold_days)
    pausing = select(branch_pause).order_by(branch_pause.c.branch_id, branch_pause.c.starts_on)
    if codes is not None:
        # With all above them, as they inherit.
        known = query.where(branch.c.code.in_(codes)).cte("known", recursive=True)
        above = query.join(known, known.c.parent_id == branch.c.id)
        known = known.union(above)
        query = select(known.c.id, known.c.parent_id, known.c.silence_threshold_days)
        pausing = pausing.where(branch_pause.c.branch_id.in_(select(known.c.id)))
    own = {branch_id: (parent_id, days) for branch_id, parent_id, days in conn.execute(query)}
    pauses: dict[int, list[Pause]] = {}
    for row in conn.execute(pausing):
        pauses.setdefault(row.branch_id, []).append(Pause(row.starts_on, row.ends_on, row.reason))
    return Policies(own, pauses, default)

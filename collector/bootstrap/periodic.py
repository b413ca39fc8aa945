"""Letters of the calendar and to ops, as the settings want them."""

from __future__ import annotations

from collections.abc import Sequence

from collector.bootstrap.program import Program
from collector.bootstrap.silence import detect
from collector.domain.finding import Finding
from collector.jobs import periodic
from collector.jobs.detect_silence import Detected
from collector.jobs.periodic import OwedPeriodic
from collector.jobs.tell_ops import OpsPolicy
from collector.jobs.tell_ops import tell_ops as tell
from storage.findings import Observed


def owe_periodic(parts: Program) -> OwedPeriodic:
    """Put into the outbox what the calendar owes; see `collector.jobs.periodic`."""
    return periodic.owe_periodic(parts.store, parts.now())


def tell_ops(
    parts: Program, detected: Detected | None = None, reload: Sequence[Finding] | None = None
) -> Observed:
    """Tell ops what is wrong; see `collector.jobs.tell_ops`. `detected` None: judged anew, nothing of it written."""
    verdicts = detected if detected is not None else detect(parts, dry_run=True)
    return tell(parts.store, verdicts.unknown, ops_policy(parts), parts.now(), reload)


def ops_policy(parts: Program) -> OpsPolicy:
    """What ops are told, from the settings."""
    given = parts.settings.ops
    return OpsPolicy(
        emails=given.emails,
        letter_every=given.letter_every,
        unknown_after=given.unknown_after,
        interval=parts.settings.collect.interval,
    )

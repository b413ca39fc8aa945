"""The letter to ops: what is wrong, since when, what to do. In English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from collector.domain.finding import KeptFinding
from collector.domain.notification import NotificationKind
from collector.notifications.rendering import Rendered, Renderer

_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class _Told:
    """A finding in words."""

    what: str
    advice: str
    since: str
    until: str | None


def ops(renderer: Renderer, findings: Sequence[KeptFinding], now: datetime) -> Rendered:
    """The letter of these findings as they stand now; what is over by now is said to be."""
    lasting = [_told(each) for each in findings if each.cleared_at is None]
    over = [_told(each) for each in findings if each.cleared_at is not None]
    return renderer.render(
        NotificationKind.OPS.value,
        {
            "lasting": lasting[:_AT_MOST],
            "over": over[:_AT_MOST],
            "lasting_count": len(lasting),
            "over_count": len(over),
            "left_out": max(len(lasting) - _AT_MOST, 0) + max(len(over) - _AT_MOST, 0),
            "seen_at": _utc(now),
        },
    )


def _told(finding: KeptFinding) -> _Told:
    until = _utc(finding.cleared_at) if finding.cleared_at is not None else None
    return _Told(finding.what, finding.advice, _utc(finding.since), until)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

"""Words that several reports need: how far a reading is from its day, where a number comes from, lists that end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from collector.notifications import words
from storage.growth import RunFacts

_TOLD = 10


def listed(of: Sequence[str], most: int = _TOLD, separator: str = ", ") -> str:
    """The first of some, and how many more there are; Excel drops a note of more than 32,767 letters."""
    more = len(of) - most
    return separator.join(of[:most]) + (f" и ещё {more}" if more > 0 else "")


def how_far(days_off: int) -> str:
    """How far a reading is from the day that it stands for; empty: it is of the day itself."""
    if not days_off:
        return ""
    return f"замер на {words.counted(abs(days_off), 'день')} {'позже' if days_off > 0 else 'раньше'}"


def origin(run: RunFacts | None, run_id: int) -> str:
    """Which round or import a number came from."""
    if run is None or run.kind != "import":
        return f"обход № {run_id}"
    return f"загрузка № {run_id}: {run.source}"


def in_digits(day: date) -> str:
    """«31.12.2026», as tables have it."""
    return f"{day:%d.%m.%Y}"


def community_labels(of: Sequence[tuple[str, str | None]]) -> list[str]:
    """«ВАО, ВКонтакте» of a branch's code and a network, None: without one; several alike are numbered.

    A chart has a bar for each name, so that no two may be the same.
    """
    alike, met = Counter(of), Counter[tuple[str, str | None]]()
    labels = []
    for each in of:
        met[each] += 1
        code, network = each
        label = code if network is None else f"{code}, {words.network_name(network)}"
        labels.append(f"{label} ({met[each]})" if alike[each] > 1 else label)
    return labels

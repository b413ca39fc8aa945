"""Whether our clock goes as those of the servers that were asked anyway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from collector.bootstrap.doctor.diagnosis import Diagnosis, failure, unknown, warning, well
from collector.domain.schedule import CLOCK_TOLERANCE

_USUAL = timedelta(minutes=1)
"""What a network's answer may take, and more than two clocks that NTP keeps are apart."""
_TO_DO = "set this machine's clock right, and have NTP keep it so (timedatectl)"


def clock(ahead: Mapping[str, timedelta | None]) -> Diagnosis:
    """By how far each server's clock is ahead of ours; None: it did not tell."""
    told = {name: each for name, each in ahead.items() if each is not None}
    if not told:
        if not ahead:
            return unknown(
                "clock", "nobody was asked who knows the time", "set a token: its network tells it"
            )
        return unknown("clock", f"no server told the time ({', '.join(ahead)})", "see why they do not answer")
    state = "; ".join(f"{_in_words(each)} {name}'s" for name, each in told.items())
    worst = max(abs(each) for each in told.values())
    if worst > CLOCK_TOLERANCE:
        return failure("clock", f"{state}; by more than an hour nothing that is read can be dated", _TO_DO)
    if worst > _USUAL:
        return warning("clock", f"{state}; up to an hour is borne", _TO_DO)
    return well("clock", state)


def _in_words(ahead: timedelta) -> str:
    seconds = round(abs(ahead.total_seconds()))
    if seconds < 2:
        return "goes as"
    length = f"{seconds} s" if seconds < 120 else str(timedelta(seconds=seconds))
    return f"{length} {'behind' if ahead > timedelta(0) else 'ahead of'}"

"""What people fill in, judged: each mistake in words that they can act on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from collector.domain.calendar import written_day
from collector.domain.episode import Mute, mute_days
from collector.notifications import words
from collector.notifications.rendering import one_line

LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class MuteForm:
    """The form «Не писать до»: what was typed, made visible, and what it means or what is wrong with it."""

    until_text: str = ""
    reason: str = ""
    until: date | None = None
    mistakes: dict[str, str] = field(default_factory=dict)
    """By field: `until`, `reason`."""

    @classmethod
    def of(cls, mute: Mute | None) -> MuteForm:
        """The form before anybody typed: empty, or as the branch is muted now."""
        return cls() if mute is None else cls(mute.muted_until.isoformat(), mute.reason)


def read_mute_form(until_text: str, reason_text: str, today: date) -> MuteForm:
    """The form as it was sent. `today`: the day in Moscow."""
    mistakes = {}
    earliest, latest = mute_days(today)
    until = written_day(until_text)
    if until is None:
        mistakes["until"] = "Укажите день, до которого не писать."
    elif until < earliest:
        mistakes["until"] = f"Этот день уже прошёл. Сегодня {words.day(today)}."
    elif until > latest:
        mistakes["until"] = f"Это слишком далеко: можно не дальше чем до {words.day(latest)}."
    # One character more than is allowed, to see that there is more.
    reason = one_line(reason_text, len(reason_text) + 1)
    if not reason:
        mistakes["reason"] = "Напишите причину: её увидит информационный отдел."
    elif len(reason) > LONGEST_REASON:
        mistakes["reason"] = (
            f"Причина слишком длинная: {len(reason)}, а можно не больше {LONGEST_REASON} знаков."
        )
    return MuteForm(one_line(until_text, 40), reason, until, mistakes)

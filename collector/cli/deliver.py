"""`collector deliver`: sends what is due of the outbox, once, by hand or from cron."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collector.jobs.deliver import Delivered, Outcome
    from collector.settings import Settings


def deliver(
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Send every letter that is due and may leave now, those of the week and of the month included.

    Ends with 0 if none was refused, 1 if some were or the mail server was in trouble, 2 if it could not run.
    """
    from collector.bootstrap import program
    from collector.bootstrap.delivery import deliverer
    from collector.bootstrap.periodic import owe_periodic
    from collector.cli import console
    from collector.domain.errors import CollectorError
    from collector.scheduler import stopping_on_signals

    with program(quiet=True) as parts, stopping_on_signals(parts.stop):
        if parts.settings.smtp.host is None:
            raise CollectorError("no mail server is set; set COLLECTOR_SMTP__HOST and COLLECTOR_SMTP__FROM")
        owe_periodic(parts)
        delivered = deliverer(parts).run()
    if as_json:
        console.print_json(_as_json(delivered))
    else:
        _print(delivered, parts.settings)
    if delivered.put_off or delivered.failed or delivered.trouble is not None:
        raise typer.Exit(1)


def _print(delivered: Delivered, settings: Settings) -> None:
    from collector.jobs.gates import Held

    words = {
        "sent": delivered.sent,
        "refused for now, to be tried again": delivered.put_off,
        "refused for good (`collector outbox show NUMBER`)": delivered.failed,
        "cancelled": delivered.cancelled,
    }
    for word, outcomes in words.items():
        if outcomes:
            print(f"{word} ({len(outcomes)}):")
        for each in outcomes:
            print(f"- {_in_words(each)}")
    held: dict[str, int] = {}
    for each in delivered.held:
        held[each.why] = held.get(each.why, 0) + 1
    starts, ends = settings.letters.working_hours_start, settings.letters.working_hours_end
    more = {Held.WORKING_HOURS.value: f": working days from {starts} to {ends}, Moscow"}
    for why, count in held.items():
        print(f"held ({count}): {why}{more.get(why, '')}")
    if settings.smtp.redirect_to is not None and delivered.sent:
        print(f"A dry run: all went to {settings.smtp.redirect_to} alone (COLLECTOR_SMTP__REDIRECT_TO).")
    if delivered.trouble is not None:
        print(f"the mail server is in trouble, all else waits: {delivered.trouble}")
    elif not (held or any(words.values())):
        print("Nothing is due.")


def _in_words(outcome: Outcome) -> str:
    letter = outcome.letter
    about = f", {letter.branch_code}" if letter.branch_code is not None else ""
    why = f": {outcome.why}" if outcome.why else ""
    return f"letter {letter.message_id}: {letter.kind.value} to {letter.audience.value}{about}{why}"


def _as_json(delivered: Delivered) -> dict[str, Any]:
    def listed(outcomes: list[Outcome]) -> list[dict[str, Any]]:
        return [
            {
                "message_id": each.letter.message_id,
                "kind": each.letter.kind.value,
                "audience": each.letter.audience.value,
                "branch": each.letter.branch_code,
                "why": each.why or None,
            }
            for each in outcomes
        ]

    return {
        "sent": listed(delivered.sent),
        "refused_for_now": listed(delivered.put_off),
        "refused_for_good": listed(delivered.failed),
        "cancelled": listed(delivered.cancelled),
        "held": listed(delivered.held),
        "trouble": delivered.trouble,
    }

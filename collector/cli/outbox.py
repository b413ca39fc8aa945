"""`collector outbox`: letters owed and sent, tried again or cancelled by hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from collector.domain.notification import MessageStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    from storage.outbox_records import LetterRecord

app = typer.Typer(
    help="Letters owed and sent: list and show them, try one again, cancel one.",
    epilog="Example: collector outbox list --status failed",
    no_args_is_help=True,
)
_Number = Annotated[int, typer.Argument(help="Number of the letter, as `collector outbox list` shows it.")]
_Json = Annotated[bool, typer.Option("--json", help="For scripts: UTC times, unknown as null.")]


@app.command(name="list", epilog="Example: collector outbox list --status pending")
def list_(
    status: Annotated[MessageStatus | None, typer.Option(help="Only these.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="The newest so many.")] = 100,
    as_json: _Json = False,
) -> None:
    """List the newest letters, each with how it stands."""
    from collector.bootstrap import program
    from collector.bootstrap.delivery import held_letters
    from collector.cli import console

    with program(writes=False, quiet=True) as parts:
        letters = parts.store.outbox.listed(status, limit)
        counts = parts.store.outbox.counts()
        held = held_letters(parts, letters)
    if as_json:
        console.print_json({"counts": counts, "letters": [_as_json(each, held) for each in letters]})
        return
    columns = ("number", "branch", "kind", "to", "status", "when (Moscow)", "why")
    cells = [_cells(each, held) for each in letters]
    console.out().print(console.table(None, columns, cells, right=("number",)))
    print(", ".join(f"{count} {status.value}" for status, count in counts.items()) + ".")


@app.command(epilog="Example: collector outbox show 12")
def show(number: _Number, as_json: _Json = False) -> None:
    """Show all that became of a letter, what it waits for, and its text as sent."""
    from collector.bootstrap import program
    from collector.bootstrap.delivery import held_letters
    from collector.cli import console

    with program(writes=False, quiet=True) as parts:
        letter = parts.store.outbox.show(number)
        held = held_letters(parts, [letter])
    if as_json:
        console.print_json({**_as_json(letter, held), "body_text": letter.body_text})
        return
    about = f", {letter.branch_code}" if letter.branch_code is not None else ""
    lines = {
        "letter": f"{letter.message_id}, {letter.kind} to {letter.audience}{about}",
        "to": f"{letter.name} <{letter.email}>",
        "status": letter.status,
        "owed": console.moscow(letter.created_at),
        "held": held.get(number),
        "not before": console.moscow(letter.next_attempt_at) if letter.finished_at is None else None,
        "in hand until": console.moscow(letter.claimed_until) if letter.claimed_until else None,
        "attempts": f"{letter.attempt_count}, the last {console.moscow(letter.last_attempt_at)}"
        if letter.attempt_count
        else "none",
        "last error": letter.last_error,
        "finished": console.moscow(letter.finished_at) if letter.finished_at else None,
        "cancelled as": letter.cancel_reason,
        "dry run, to": letter.redirected_to,
        "subject": letter.subject,
    }
    print("Times are Moscow's.")
    for name, value in lines.items():
        if value is not None:
            print(f"{name + ':':<15}{value}")
    if letter.body_text is not None:
        print(f"\n{letter.body_text.rstrip()}")


@app.command(epilog="Example: collector outbox retry 12")
def retry(number: _Number) -> None:
    """Owe a failed or cancelled letter again, or let a pending one be tried at once. One that was sent is refused."""
    from collector.bootstrap import program
    from collector.bootstrap.delivery import held_letters

    with program() as parts:
        before = parts.store.outbox.retry(number, parts.now())
        held = held_letters(parts, [parts.store.outbox.show(number)])
    later = f"; it is held: {held[number]}" if number in held else ""
    print(
        f"letter {number}: was {before.status}, is pending; `collector deliver` or the daemon sends it{later}"
    )


@app.command(epilog='Example: collector outbox cancel 12 --reason "another chair since Monday"')
def cancel(
    number: _Number,
    reason: Annotated[str, typer.Option(help="Why, for those who ask.")],
    who: Annotated[str | None, typer.Option(help="Who says so. Without: this system's user.")] = None,
) -> None:
    """Never send a pending letter."""
    from collector.bootstrap import program
    from collector.cli import console

    with program() as parts:
        before = parts.store.outbox.cancel(number, " ".join(reason.split()), console.who(who), parts.now())
    print(f"letter {number}, {before.kind} to {before.name}: cancelled")


def _cells(letter: LetterRecord, held: Mapping[int, str]) -> tuple[str, ...]:
    from collector.cli import console

    return (
        str(letter.message_id),
        letter.branch_code or "",
        letter.kind,
        f"{letter.name} <{letter.email}>",
        letter.status,
        console.moscow(letter.finished_at or letter.next_attempt_at),
        letter.cancel_reason
        or held.get(letter.message_id)
        or letter.last_error
        or (f"dry run, to {letter.redirected_to}" if letter.redirected_to else ""),
    )


def _as_json(letter: LetterRecord, held: Mapping[int, str]) -> dict[str, object]:
    """Without its text: a list of such would be long."""
    told = {name: value for name, value in asdict(letter).items() if name != "body_text"}
    return {**told, "held": held.get(letter.message_id)}

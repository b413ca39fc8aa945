"""`collector silence`: verdicts with their why, episodes, and what people say to them."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collector.domain.episode import Episode, Mute
    from collector.domain.silence import Assessment, BranchFacts, Verdict

app = typer.Typer(
    help="Silences of branches: assess now, list episodes, acknowledge, mute.",
    epilog="Example: collector silence check --dry-run",
    no_args_is_help=True,
)
_Who = Annotated[str | None, typer.Option(help="Who says so. Without: this system's user.")]
_Json = Annotated[bool, typer.Option("--json", help="For scripts: UTC times, unknown as null.")]
_Branches = Annotated[
    list[str] | None, typer.Option("--branch", help="Code of a branch, such as ВАО; may be repeated.")
]


@app.command(epilog="Example: collector silence check --branch ВАО --dry-run")
def check(
    branch: _Branches = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell; write nothing.")] = False,
    as_json: _Json = False,
) -> None:
    """Assess branches now, and tell each verdict with its why.

    Letters that follow are put into the outbox; ops are told of what is wrong where all branches are assessed.
    """
    from collector.bootstrap import program
    from collector.bootstrap.periodic import tell_ops
    from collector.bootstrap.silence import detect, require_codes
    from collector.cli import console
    from collector.cli.verdicts import verdict_json, verdict_lines

    with program(writes=not dry_run, quiet=True) as parts:
        codes = require_codes(parts, branch)
        now = parts.now()
        judged: list[tuple[BranchFacts, Assessment]] = []
        detected = detect(
            parts,
            dry_run=dry_run,
            codes=codes,
            on_verdict=lambda facts, verdict: judged.append((facts, verdict)),
        )
        if not dry_run and codes is None:
            tell_ops(parts, detected)
    if as_json:
        console.print_json(
            {
                "branches": [verdict_json(*each) for each in judged],
                "opened": [each.branch_code for each in detected.opened],
                "ended": [each.branch_code for each in detected.ended],
                "without_chair": [each.code for each in detected.without_chair],
                "is_dry_run": dry_run,
            }
        )
        return
    for facts, verdict in judged:
        for line in verdict_lines(facts, verdict, now):
            print(line)
    if detected.without_chair:
        print(f"silent, but no chair to write to: {', '.join(each.code for each in detected.without_chair)}")
    print(_summary([verdict.verdict for _, verdict in judged]))
    for words, episodes in (("began", detected.opened), ("ended", detected.ended)):
        if episodes:
            print(f"silences that {words}: {', '.join(each.branch_code for each in episodes)}")


@app.command(name="list", epilog="Example: collector silence list --open")
def list_(
    is_open: Annotated[bool, typer.Option("--open", help="Only those that last.")] = False,
    branch: _Branches = None,
    as_json: _Json = False,
) -> None:
    """List episodes of silence, the newest first, and the mutes in force."""
    from collector.bootstrap import program
    from collector.bootstrap.silence import require_codes
    from collector.cli import console

    with program(writes=False, quiet=True) as parts:
        codes = require_codes(parts, branch, with_retired=True)
        episodes = parts.store.silences.episodes(codes, only_open=is_open)
        mutes = [
            each
            for each in parts.store.silences.mutes(parts.now()).values()
            if codes is None or each.branch_code in codes
        ]
    if as_json:
        console.print_json(
            {
                "silences": [_as_json(each) for each in episodes],
                "mutes": [asdict(each) for each in mutes],
            }
        )
        return
    columns = ("branch", "silent since", "ended", "how", "last post", "acknowledged by")
    if episodes:
        print("Times are Moscow's.")
        console.out().print(console.table(None, columns, [_cells(each) for each in episodes]))
    else:
        print(f"No silence {'lasts' if is_open else 'was found'}.")
    for mute in mutes:
        print(_mute_in_words(mute))


@app.command(epilog="Example: collector silence ack ВАО --who Иванова")
def ack(
    branch: Annotated[str, typer.Argument(help="Code of the branch.")],
    who: _Who = None,
) -> None:
    """Note that somebody is on a branch's silence: its reminders stop."""
    from collector.bootstrap import program
    from collector.bootstrap.silence import acknowledge
    from collector.cli import console

    with program() as parts:
        done = acknowledge(parts, branch, console.who(who))
    episode = done.episode
    if done.is_new:
        since = console.moscow(episode.silent_since)
        print(f"{branch}: noted; no more reminders of the silence since {since} Moscow time")
    else:
        at = console.moscow(episode.acknowledged_at)
        print(f"{branch}: was noted before, {at} Moscow time, by {episode.acknowledged_by}")


@app.command(epilog='Example: collector silence mute ВАО --until 2026-12-31 --reason "отпуск"')
def mute(
    branch: Annotated[str, typer.Argument(help="Code of the branch.")],
    until: Annotated[
        str,
        typer.Option(
            metavar="YYYY-MM-DD",
            help="Last day without letters, Moscow, at most a year ahead; or 31.12.2026.",
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why, for those who ask.")],
    who: _Who = None,
) -> None:
    """Hold letters about a branch until a day. What is still true then leaves afterwards."""
    from collector.bootstrap import program
    from collector.bootstrap.silence import require_codes
    from collector.cli import console

    last_day = console.day("--until", until)
    with program() as parts:
        require_codes(parts, [branch])
        made = parts.store.silences.mute(branch, last_day, reason, console.who(who), parts.now())
    print(_mute_in_words(made))


@app.command(epilog="Example: collector silence unmute ВАО")
def unmute(
    branch: Annotated[str, typer.Argument(help="Code of the branch.")],
    who: _Who = None,
) -> None:
    """Lift a branch's mute."""
    from collector.bootstrap import program
    from collector.bootstrap.silence import require_codes
    from collector.cli import console

    with program() as parts:
        require_codes(parts, [branch])
        was_muted = parts.store.silences.unmute(branch, console.who(who), parts.now())
    print(f"{branch}: letters go out again" if was_muted else f"{branch}: was not muted")


def _summary(verdicts: list[Verdict]) -> str:
    if not verdicts:
        return "No branches are loaded: run `collector branches sync`, then `collector collect`."
    counted = Counter(verdicts)
    told = ", ".join(f"{counted[each]} {each.value}" for each in sorted(counted))
    return f"{len(verdicts)} {'branch' if len(verdicts) == 1 else 'branches'}: {told}."


def _mute_in_words(mute: Mute) -> str:
    return f"{mute.branch_code}: muted until {mute.muted_until:%d.%m.%Y} by {mute.created_by}: {mute.reason}"


def _cells(episode: Episode) -> tuple[str, ...]:
    from collector.cli import console

    return (
        episode.branch_code,
        console.moscow(episode.silent_since),
        console.moscow(episode.resumed_at) if episode.resumed_at is not None else "lasts",
        episode.end_reason.value if episode.end_reason is not None else "",
        console.moscow(episode.last_post_at),
        episode.acknowledged_by or "",
    )


def _as_json(episode: Episode) -> dict[str, Any]:
    return {**asdict(episode), "is_open": episode.is_open}

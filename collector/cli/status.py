"""`collector status`: the newest of every community, and how the last round went."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from storage.status import CommunityStatus
    from storage.store import LastRound


def status(
    as_json: Annotated[bool, typer.Option("--json", help="For scripts: UTC times, unknown as null.")] = False,
) -> None:
    """Show each community's newest values and the last round."""
    from collector.bootstrap import program
    from collector.cli import console

    with program(writes=False, quiet=True) as parts:
        rows = parts.store.communities()
        last = parts.store.last_round()
        next_due = parts.store.next_due()
    if as_json:
        console.print_json(
            {
                "communities": [asdict(row) for row in rows],
                "last_round": asdict(last) if last is not None else None,
                "next_due_at": next_due,
            }
        )
        return
    out = console.out()
    out.print(status_table(rows))
    out.print(_last_round(last), highlight=False, markup=False)
    if next_due is not None:
        out.print(f"Next due: {console.moscow(next_due)} Moscow time.", markup=False)


def status_table(rows: list[CommunityStatus]) -> Table:
    """A line a community, a branch's name once; which community it is only where branch and network do not tell."""
    from collector.cli import console

    names_community = len({(row.branch_code, row.network) for row in rows}) < len(rows)
    cells = []
    before = None
    for row in rows:
        cells.append(
            (
                row.branch_code if row.branch_code != before else "",
                row.network,
                *((row.url.rstrip("/").rsplit("/", 1)[-1],) if names_community else ()),
                console.number(row.follower_count),
                console.number(row.post_count),
                console.moscow(row.newest_post_at),
                state_in_words(row),
            )
        )
        before = row.branch_code
    community = ("community",) if names_community else ()
    columns = ("branch", "network", *community, "followers", "posts", "last post (Moscow)", "state")
    return console.table(None, columns, cells, right=("followers", "posts"))


def state_in_words(row: CommunityStatus) -> str:
    """What is known of the community's state, and how fresh it is."""
    from collector.cli import console

    if row.last_attempt_at is None:
        return "not read yet"
    if row.failure_kind is None:
        return row.access
    words = row.failure_kind.replace("_", " ")
    state = words if row.access in ("open", "unknown", row.failure_kind) else f"{row.access}: {words}"
    if row.last_seen_at is None:
        return f"{state}; never read"
    if row.last_seen_at < row.last_attempt_at:
        return f"{state}; values of {console.moscow(row.last_seen_at)}"
    return f"{state}; posts not read" if row.access == "open" else state


def _last_round(last: LastRound | None) -> str:
    from collector.cli import console

    if last is None:
        return "No round yet: run `collector collect`."
    words = {
        "running": "is running",
        "abandoned": "was killed",
        "stopped": "was stopped",
        "finished": "ended",
    }
    told = (
        f"Last round, {console.moscow(last.started_at)} Moscow time, {words[last.status]}: "
        f"{last.read_count} of {last.due_count} communities read, {last.wall_count} walls, "
        f"{last.failed_count} with failures, {last.request_count} requests."
    )
    return f"{told}\n{last.note}" if last.note else told

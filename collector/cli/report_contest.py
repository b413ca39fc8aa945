"""`collector report contest` and its kin: who has the best community, and who the best news."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli.report_options import Form, Output, deliver, wanted
from collector.domain.contest import League


def contest(
    league: Annotated[League, typer.Option(help="Who competes with each other.")],
    period: Annotated[str, typer.Option(help="A year, quarter or month: 2026, 2026-Q3, 2026-09.")],
    rules: Annotated[
        Path | None,
        typer.Option(
            help="The file of rules. Without: COLLECTOR_CONTEST_RULES_FILE, or those that ship with the program; "
            "config/contest.yaml is an example."
        ),
    ] = None,
    freeze: Annotated[
        bool,
        typer.Option("--freeze", help="Keep rules, data and result, so that a recount shows what changed."),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="With --freeze: though it was frozen before; both are kept.")
    ] = False,
    by: Annotated[
        str | None, typer.Option(help="With --freeze: who does it. Without: this system's user.")
    ] = None,
    form: Form = None,
    output: Output = None,
) -> None:
    """«Лучшее профсоюзное сообщество»: places by metrics and weights of a file of rules, every point traceable.

    Who has a number unknown is listed apart, with the reason. A frozen contest is shown as it was frozen, with what a
    recount would change.
    """
    from collector.bootstrap import program
    from collector.bootstrap.contest import freeze_contest, make_contest
    from collector.cli import console
    from collector.domain.errors import CollectorError

    if (again or by is not None) and not freeze:
        raise CollectorError("--again and --by go with --freeze; without it nothing is kept")
    days = console.period("--period", period)
    how, file = wanted(form, output)
    with program(writes=freeze, quiet=True) as parts:
        if freeze:
            made = freeze_contest(parts, league, days, rules, console.who(by), again=again)
        else:
            made = make_contest(parts, league, days, rules)
    deliver(made, how, file or Path(f"{made.name}-{league}-{days.code}.{how.value}"))


def contests(form: Form = None, output: Output = None) -> None:
    """The contests that were frozen: when, by whom, who won, and whether the record is untouched."""
    from collector.bootstrap import program
    from collector.bootstrap.contest import make_contest_list

    how, file = wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_contest_list(parts)
    deliver(made, how, file or Path(f"{made.name}.{how.value}"))


def best_news(
    month: Annotated[str, typer.Option(help="The month: 2026-10.")],
    top: Annotated[int, typer.Option(min=1, help="How many places are shown.")] = 20,
    form: Form = None,
    output: Output = None,
) -> None:
    """«Лучшая новость месяца от первички»: posts by likes, comments and shares for each follower at that time.

    Posts of primary organisations, and of territorial ones that pass on or name a primary. What cannot be compared is
    listed apart; so is who gave no news, and of whom that cannot be told.
    """
    from collector.bootstrap import program
    from collector.bootstrap.contest import make_best_news
    from collector.cli import console
    from collector.domain.errors import CollectorError
    from collector.domain.period import month_of

    days = console.period("--month", month)
    if days != month_of(days.first_day):
        raise CollectorError(f"--month {month!r} is no month; write it as 2026-10")
    how, file = wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_best_news(parts, days, top)
    deliver(made, how, file or Path(f"{made.name}-{days.code}.{how.value}"))

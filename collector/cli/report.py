"""`collector report`: tables for the information department, in Russian."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from collector.cli import report_contest
from collector.cli.report_options import Form, League, Output, deliver, wanted

app = typer.Typer(
    help="Tables for the information department, in Russian: on the screen, as CSV, for Excel, or as a page to print.",
    epilog="Example: collector report growth --from 2026-09-01 --to 2026-09-30 --output прирост.xlsx",
    no_args_is_help=True,
)
app.command(
    epilog="Example: collector report contest --league territorial --period 2026-Q3 --output конкурс.xlsx"
)(report_contest.contest)
app.command(epilog="Example: collector report contests")(report_contest.contests)
app.command("best-news", epilog="Example: collector report best-news --month 2026-10 --output новости.xlsx")(
    report_contest.best_news
)


@app.callback()
def report() -> None:
    """Tables for the information department, in Russian: on the screen, as CSV, for Excel, or as a page to print."""


@app.command(epilog="Example: collector report growth --from 2017-12-31 --to 2018-04-20 --output рост.xlsx")
def growth(
    first: Annotated[str, typer.Option("--from", help="The first day: 2017-12-31 or 31.12.2017.")],
    last: Annotated[str, typer.Option("--to", help="The last day.")],
    kind: Annotated[League, typer.Option(help="Which branches.")] = League.TERRITORIAL,
    form: Form = None,
    output: Output = None,
) -> None:
    """Followers at two days, and what came between: the founding resolution's table.

    Each number is the reading nearest to its day, and how far from it that was is told. «—»: no account yet.
    """
    from collector.bootstrap import program
    from collector.bootstrap.reports import make_growth
    from collector.cli.console import day
    from collector.domain.errors import CollectorError

    first_day, last_day = day("--from", first), day("--to", last)
    if first_day >= last_day:
        raise CollectorError(
            f"--from {first_day} is not before --to {last_day}: growth is what came between two days"
        )
    how, file = wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_growth(parts, first_day, last_day, kind.kinds)
    deliver(made, how, file or Path(f"{made.name}-{first_day}-{last_day}.{how.value}"))


@app.command(epilog="Example: collector report claims config/claims-2018.csv")
def claims(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: organization,network,metric,claimed,from,to; empty means all together."),
    ],
    form: Form = None,
    output: Output = None,
) -> None:
    """Check what somebody claims against the data: confirmed, refuted by the real value, or not provable.

    Metrics: followers, net_follower_change, growth_percent, post_count. What cannot be checked may still be true.
    """
    from collector.bootstrap import program
    from collector.bootstrap.reports import make_claims
    from collector.branches import read_claims_csv

    how, target = wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_claims(parts, read_claims_csv(file))
    deliver(made, how, target or Path(f"{made.name}-{file.stem}.{how.value}"))


@app.command(epilog="Example: collector report forecast --milestone 1000 --output прогноз.xlsx")
def forecast(
    milestone: Annotated[int, typer.Option(min=1, help="Followers that a community is to pass.")] = 1000,
    on: Annotated[
        str | None, typer.Option(help="The day to tell it on, by what was read till then. Without: today.")
    ] = None,
    kind: Annotated[League, typer.Option(help="Which branches.")] = League.TERRITORIAL,
    form: Form = None,
    output: Output = None,
) -> None:
    """When each community passes a number of followers, at its pace of the last 90 days: from which day to which.

    The pace is that of three windows of 30 days. Where nothing can be told, the report says why.
    """
    from collector.bootstrap import program
    from collector.bootstrap.reports import make_forecast
    from collector.cli.console import day

    on_day = None if on is None else day("--on", on)
    how, file = wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_forecast(parts, milestone, on_day, kind.kinds)
    deliver(made, how, file or Path(f"{made.name}-{milestone}.{how.value}"))


@app.command(epilog="Example: collector report summary --period 2026-Q3 --output сводка.html")
def summary(
    written: Annotated[str, typer.Option("--period", help="2026-10, 2026-Q3 or 2026.")],
    kind: Annotated[League, typer.Option(help="Which branches.")] = League.TERRITORIAL,
    form: Form = None,
    output: Output = None,
) -> None:
    """What a month, a quarter or a year brought, for the Presidium: words, numbers and three charts on a page of A4."""
    from collector.bootstrap import program
    from collector.bootstrap.reports import make_summary
    from collector.cli.console import period

    asked = period("--period", written)
    how, file = wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_summary(parts, asked, kind.kinds)
    deliver(made, how, file or Path(f"{made.name}-{asked.code}.{how.value}"))


@app.command(epilog="Example: collector report audit --branch ВАО --output проверка.html")
def audit(
    written: Annotated[
        str | None, typer.Option("--period", help="2026-10, 2026-Q3 or 2026. Without: the last 90 days.")
    ] = None,
    branch: Annotated[str | None, typer.Option(help="One branch alone, by its code.")] = None,
    kind: Annotated[League, typer.Option(help="Which branches.")] = League.TERRITORIAL,
    form: Form = None,
    output: Output = None,
) -> None:
    """The 16 recommendations of the founding resolution: what the data show of each, and what a person must look at.

    With each community's line, closed groups and since when, and the posts by weekday and hour.
    """
    from collector.bootstrap import program
    from collector.bootstrap.reports import make_audit
    from collector.cli.console import period

    asked = None if written is None else period("--period", written)
    how, file = wanted(form, output)
    with program(writes=False, quiet=True) as parts:
        made = make_audit(parts, asked, kind.kinds, branch)
    what = [made.name, *([branch] if branch else []), *([asked.code] if asked else [])]
    deliver(made, how, file or Path(f"{'-'.join(what)}.{how.value}"))

"""`collector check`: whether it would work, told line by line, with what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collector.domain.model import TokenReport
    from collector.settings import Settings
    from storage.store import Store


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is well, what was found, what to do."""

    what: str
    is_well: bool
    state: str
    to_do: str | None = None


def check(
    branches: Annotated[
        Path | None,
        typer.Option(help="The branches file. Without: COLLECTOR_BRANCHES_FILE, or branches.yaml."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Check settings, files and database, and try each token and the mail server.

    Changes nothing, sends nothing. Ends with 1 if something does not work, 2 if the settings cannot even be read.
    """
    from collector.bootstrap import open_database, settings
    from collector.cli import console

    given = settings()
    findings = [Finding("settings", True, "read")]
    with open_database() as store:
        networks: set[str] = set()
        findings.append(_branches_file(branches or given.branches_file, networks))
        findings.append(_database(store))
        findings.extend(_tokens(given, store, networks))
    findings.append(_mail_server(given))
    findings.extend(_templates(given))
    findings.extend(_sentry(given))
    if as_json:
        console.print_json([asdict(item) for item in findings])
    else:
        for item in findings:
            print(f"{'ok  ' if item.is_well else 'FAIL'}  {item.what}: {item.state}")
            if item.to_do:
                print(f"      To do: {item.to_do}")
    if not all(item.is_well for item in findings):
        raise typer.Exit(1)


def _branches_file(path: Path, networks: set[str]) -> Finding:
    """Also notes which networks the file uses."""
    from collector.branches import load_branches
    from collector.domain.errors import CollectorError

    what = f"branches file {path}"
    try:
        declared = load_branches(path)
    except CollectorError as error:
        return Finding(
            what, False, str(error), "correct it; `collector branches schema` helps an editor to check it"
        )
    communities = [address for branch in declared for address in branch.communities]
    networks.update(address.network for address in communities)
    return Finding(what, True, f"{len(declared)} branches, {len(communities)} communities")


def _database(store: Store) -> Finding:
    from storage.errors import StoreError

    what = f"database {store.shown}"
    try:
        found = store.version()
        if found.is_newest:
            store.require_writable()
    except StoreError as error:
        return Finding(what, False, str(error), "see the message; COLLECTOR_DATABASE_URL names the database")
    if found.is_newest:
        return Finding(what, True, f"schema {found.current}, the newest")
    state = (
        "empty, or not there yet"
        if found.current is None
        else f"schema {found.current}, newest is {found.newest}"
    )
    return Finding(
        what, found.current is None, state, "collector db upgrade (collect and run do it by themselves)"
    )


def _tokens(settings: Settings, store: Store, used: set[str]) -> Iterator[Finding]:
    """Each token that is set, whether the branches file uses its network or not; and those that are missing."""
    from collector.bootstrap import adapters

    with adapters(settings, store, sorted(used | settings.networks_set_up())) as opened:
        for name, adapter in opened.items():
            reports = adapter.check()
            if not reports:
                variable = f"COLLECTOR_{name.upper()}__TOKEN{'S' if name == 'vk' else ''}"
                to_do = f"set {variable}; the README says how to get one"
                yield Finding(f"{name} token", False, "none is set", to_do)
            for report in reports:
                yield Finding(
                    f"{name} token {report.label}", report.is_working is True, _state(report), report.advice
                )


def _mail_server(settings: Settings) -> Finding:
    from collector.bootstrap.delivery import try_mail_server
    from collector.domain.errors import CollectorError

    smtp = settings.smtp
    try:
        shown = try_mail_server(smtp)
    except CollectorError as error:
        return Finding(
            "mail server",
            False,
            str(error),
            "correct the settings COLLECTOR_SMTP__...; letters wait in the outbox until then",
        )
    if shown is None:
        to_do = "to have letters sent: set COLLECTOR_SMTP__HOST and COLLECTOR_SMTP__FROM"
        return Finding("mail server", True, "none is set, so letters wait in the outbox", to_do)
    state = f"{shown} takes letters from {smtp.sender}"
    if smtp.redirect_to is None:
        return Finding("mail server", True, state)
    return Finding(
        "mail server",
        True,
        f"{state}; a dry run, all go to {smtp.redirect_to}",
        "unset COLLECTOR_SMTP__REDIRECT_TO when those whom letters are for shall get them",
    )


def _templates(settings: Settings) -> Iterator[Finding]:
    from collector.bootstrap.letters import require_templates
    from collector.domain.errors import CollectorError

    folder = settings.letters.templates_dir
    if folder is None:
        return
    what = f"templates {folder}"
    try:
        require_templates(folder)
    except CollectorError as error:
        yield Finding(what, False, str(error), "see the message; the program's own are used until then")
    else:
        yield Finding(what, True, "the folder is there", "`collector letters preview` tries each template")


def _sentry(settings: Settings) -> Iterator[Finding]:
    from collector.bootstrap.errors import TO_DO, can_report

    if settings.sentry.dsn is None:
        return
    if can_report():
        yield Finding("Sentry", True, f"errors are told to it, as of {settings.sentry.environment}")
    else:
        yield Finding("Sentry", False, "the package sentry-sdk is missing", TO_DO)


def _state(report: TokenReport) -> str:
    told = ["works" if report.is_working else "does not work"]
    if report.can:
        told.append(f"can: {', '.join(report.can)}")
    if report.cannot:
        told.append(f"cannot: {', '.join(report.cannot)}")
    if report.expires_at is not None:
        told.append(f"expires {report.expires_at:%Y-%m-%d %H:%M} UTC")
    return "; ".join(told)

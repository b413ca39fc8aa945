"""The files that people write: branches, and templates of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collector.bootstrap.doctor.diagnosis import Diagnosis, failure, warning, well
from collector.bootstrap.letters import template_problems, unknown_templates
from collector.branches import load_branches
from collector.domain.errors import CollectorError
from collector.settings import Settings


@dataclass(frozen=True, slots=True)
class BranchesFile:
    """The line, and which networks the file uses."""

    diagnosis: Diagnosis
    networks: frozenset[str]


def branches_file(path: Path) -> BranchesFile:
    """Whether it can be read, and what is in it."""
    what = f"branches file {path}"
    try:
        declared = load_branches(path)
    except CollectorError as error:
        to_do = "correct it; `collector branches schema` helps an editor to check it"
        return BranchesFile(failure(what, str(error), to_do), frozenset())
    addresses = [address for branch in declared for address in branch.communities]
    return BranchesFile(
        well(what, f"{len(declared)} branches, {len(addresses)} communities"),
        frozenset(address.network for address in addresses),
    )


def templates(given: Settings, now: datetime) -> Iterator[Diagnosis]:
    """Templates of one's own, each tried with an invented letter."""
    folder = given.letters.templates_dir
    if folder is None:
        return
    what = f"templates {folder}"
    try:
        problems = template_problems(folder, now)
        strangers = unknown_templates(folder)
    except CollectorError as error:
        yield failure(what, str(error), "see the message; the program's own are used until then")
        return
    for problem in problems:
        yield failure(what, problem, "see the message; the program's own is used until then")
    if strangers:
        yield warning(
            what,
            f"no letter uses {', '.join(strangers)}",
            "call it as the program's own that it is to replace, such as silence.txt.j2",
        )
    if not problems and not strangers:
        yield well(what, "each letter can be written with them")

"""Owns the table of claims to be checked: who is said to have had how much of what, and when.

Header: `organization,network,metric,claimed,from,to`. An empty organization means all territorial ones together, an
empty network all networks together.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from collector.branches.csv_text import read_text
from collector.branches.mistakes import FileMistakesError, Mistake, nearest, shown
from collector.domain.calendar import written_day

_COLUMNS = ("organization", "network", "metric", "claimed", "from", "to")


class Metric(StrEnum):
    """What is claimed."""

    FOLLOWERS = "followers"
    """Followers at the last day."""
    CHANGE = "net_follower_change"
    PERCENT = "growth_percent"
    POSTS = "post_count"


class ClaimsFileError(FileMistakesError):
    """A table of claims that cannot be used, with all its mistakes."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim. `organization` and `network` None: all together."""

    line: int
    organization: str | None
    network: str | None
    metric: Metric
    claimed: float
    first_day: date
    last_day: date


def read_claims_csv(path: Path) -> tuple[Claim, ...]:
    """The claims in the file, in its order. Raises ClaimsFileError with all mistakes at once."""
    text = read_text(path, ClaimsFileError)
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    mistakes: list[Mistake] = []
    try:
        lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise ClaimsFileError(
            path, [Mistake(reader.line_num, None, "", f"is no CSV: {error}", "check the quotation marks")]
        ) from None
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines or tuple(cell.lower() for cell in lines[0][1]) != _COLUMNS:
        number = lines[0][0] if lines else 1
        hint = f"begin with the line {','.join(_COLUMNS)}"
        raise ClaimsFileError(path, [Mistake(number, None, "", "no header", hint)])
    claims = [claim for number, cells in lines[1:] for claim in _claim(number, cells, mistakes)]
    if not claims and not mistakes:
        mistakes.append(
            Mistake(lines[0][0], None, "", "there is no claim under the header", "write one a line")
        )
    if mistakes:
        raise ClaimsFileError(path, mistakes)
    return tuple(claims)


def _claim(line: int, cells: list[str], mistakes: list[Mistake]) -> Iterator[Claim]:
    before = len(mistakes)
    if len(cells) != len(_COLUMNS):
        hint = "a comma within a cell needs quotes around it"
        mistakes.append(
            Mistake(line, None, "", f"{len(cells)} cells under a header of {len(_COLUMNS)}", hint)
        )
        return
    given = dict(zip(_COLUMNS, cells, strict=True))
    metric = given["metric"].lower()
    if metric not in [each.value for each in Metric]:
        known = [each.value for each in Metric]
        hint = nearest(metric, known) or f"there are {', '.join(known)}"
        mistakes.append(Mistake(line, None, "metric", f"{shown(given['metric'])} is no metric", hint))
    claimed = _number(line, given["claimed"], mistakes)
    first, last = (_day(line, name, given[name], mistakes) for name in ("from", "to"))
    if first is not None and last is not None and first >= last:
        mistakes.append(Mistake(line, None, "to", f"{last} is not after {first}", "write the later day here"))
    if len(mistakes) == before and claimed is not None and first is not None and last is not None:
        yield Claim(
            line,
            " ".join(given["organization"].split()) or None,
            given["network"].lower() or None,
            Metric(metric),
            claimed,
            first,
            last,
        )


def claimed_number(text: str) -> float | None:
    """A number as people write it: 3188, 3 188, -12, 204,5 or 204 %; None: it is none."""
    plain = text.strip().removesuffix("%").strip().replace("\u00a0", "").replace(" ", "").replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    # Neither infinity nor what is no number.
    return value if value - value == 0 else None


def _number(line: int, cell: str, mistakes: list[Mistake]) -> float | None:
    value = claimed_number(cell)
    if value is None:
        mistakes.append(Mistake(line, None, "claimed", f"{shown(cell)} is no number", "write 3188 or 204,5"))
    return value


def _day(line: int, name: str, cell: str, mistakes: list[Mistake]) -> date | None:
    found = written_day(cell)
    if found is None:
        mistakes.append(
            Mistake(line, None, name, f"{shown(cell)} is no day", "write 2018-04-20 or 20.04.2018")
        )
    return found

"""A contest as it was decided: sealed, opened again, and held against what a recount would give now.

The seal is a SHA-256 over all that is kept. Whoever changes a row can seal it anew: so the seal goes into the minutes,
and the report shows it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from collector.domain.contest import League, Metric
from collector.domain.period import ReportPeriod
from collector.reports.contest import ContestResult, NotRanked, Ranked
from storage.contest import ContestFacts
from storage.contest_freezes import ContestFreeze

_FACTS: TypeAdapter[ContestFacts] = TypeAdapter(ContestFacts)
_RESULT: TypeAdapter[ContestResult] = TypeAdapter(ContestResult)


@dataclass(frozen=True, slots=True)
class Change:
    """What a recount tells otherwise of a branch: its number of a metric, or its place. None: it is not there."""

    code: str
    metric: Metric | None
    """None: its place, or why it has none."""
    before: Ranked | NotRanked | None
    after: Ranked | NotRanked | None


def freeze(
    league: League,
    period: ReportPeriod,
    number: int,
    rules: str,
    facts: ContestFacts,
    result: ContestResult,
    now: datetime,
    who: str,
) -> ContestFreeze:
    """The record to keep. `rules`: their file, to the letter."""
    kept = ContestFreeze(
        league,
        period,
        number,
        rules,
        _canonical(_FACTS.dump_python(facts, mode="json")),
        _canonical(_RESULT.dump_python(result, mode="json")),
        "",
        now,
        who,
    )
    return replace(kept, sha256=seal_of(kept))


def seal_of(kept: ContestFreeze) -> str:
    """SHA-256 over all that a record holds but the seal itself, in hexadecimal."""
    content = {
        "league": kept.league.value,
        "first_on": kept.period.first_day.isoformat(),
        "end_on": kept.period.end_day.isoformat(),
        "number": kept.number,
        "rules": kept.rules,
        "facts": kept.facts,
        "result": kept.result,
        "frozen_at": kept.frozen_at.isoformat(),
        "frozen_by": kept.frozen_by,
    }
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def is_intact(kept: ContestFreeze) -> bool:
    """Whether the record is as it was sealed."""
    return seal_of(kept) == kept.sha256


def opened(kept: ContestFreeze) -> tuple[ContestFacts, ContestResult]:
    """The facts and the result in a record. Raises ValueError where it holds something else."""
    return _FACTS.validate_json(kept.facts), _RESULT.validate_json(kept.result)


def changes(before: ContestResult, after: ContestResult) -> list[Change]:
    """What differs, branch by branch in the order of the first result; first the place, then the numbers."""
    then, now = _by_code(before), _by_code(after)
    found = []
    for code in dict.fromkeys([*then, *now]):
        old, new = then.get(code), now.get(code)
        if _standing(old) != _standing(new):
            found.append(Change(code, None, old, new))
        values, new_values = _values(old), _values(new)
        found += [
            Change(code, metric, old, new)
            for metric in dict.fromkeys([*values, *new_values])
            if values.get(metric) != new_values.get(metric)
        ]
    return found


def _by_code(result: ContestResult) -> dict[str, Ranked | NotRanked]:
    found: dict[str, Ranked | NotRanked] = {each.code: each for each in result.ranked}
    return found | {each.code: each for each in result.not_ranked}


def _standing(of: Ranked | NotRanked | None) -> Any:
    if isinstance(of, Ranked):
        return of.first_place, of.last_place, of.points
    return None if of is None else of.reasons


def _values(of: Ranked | NotRanked | None) -> dict[Metric, int | float]:
    return {score.metric: score.value for score in of.scores} if isinstance(of, Ranked) else {}


def _canonical(value: Any) -> str:
    """JSON in one form alone: keys in order, no blanks."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

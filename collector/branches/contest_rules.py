"""Owns the file of a contest's rules: from its text to the rules of each league, or to all that is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator

from collector.branches.entries import Entry, keys_of, mistakes_in, read_yaml
from collector.branches.located import Place, Reader, UnreadableError, place_of
from collector.branches.mistakes import FileMistakesError, Mistake
from collector.branches.schema import installed_network
from collector.branches.values import Count, Kind, Name, Word, integer, one_of, wrong
from collector.domain.contest import COUNTS_AFTER, READING_WITHIN, League, LeagueRules, Metric, Weighted
from collector.domain.model import BranchKind
from collector.domain.period import LONGEST_DISTANCE
from collector.networks.base import Network
from collector.networks.base import networks as installed_networks

SHIPPED_RULES = Path(__file__).parent / "contest.yaml"
"""The rules that come with the program, which also explain themselves."""

_KEY = "leagues"
_MAX_BYTES = 1024 * 1024
_LONGEST_WAIT_DAYS = 90
_HEAVIEST = 100

_League = Annotated[League, BeforeValidator(lambda value: one_of(value, League))]
_Metric = Annotated[Metric, BeforeValidator(lambda value: one_of(value, Metric))]
_Weight = Annotated[int, BeforeValidator(lambda value: integer(value, 1, _HEAVIEST))]
_Wait = Annotated[int, BeforeValidator(lambda value: integer(value, 0, _LONGEST_WAIT_DAYS))]
_Within = Annotated[int, BeforeValidator(lambda value: integer(value, 0, LONGEST_DISTANCE.days))]


class ContestRulesError(FileMistakesError):
    """Rules of a contest that cannot be used, with all their mistakes."""


@dataclass(frozen=True, slots=True)
class ContestRules:
    """A file of rules: its very text, which is what a frozen contest keeps, and what it says."""

    text: str
    leagues: Mapping[League, LeagueRules]


class _MetricEntry(Entry):
    metric: _Metric
    weight: _Weight = 1


class _LeagueEntry(Entry):
    league: _League
    title: Name
    kinds: list[Kind] = Field(min_length=1)
    branches: list[Name] = Field(default=[])
    metrics: list[_MetricEntry] = Field(min_length=1)
    ties: list[_Metric] = Field(default=[])
    networks: list[Word] = Field(default=[])
    minimum_own_posts: Count = 0
    counts_after_days: _Wait = COUNTS_AFTER.days
    reading_within_days: _Within = READING_WITHIN.days

    @field_validator("networks")
    @classmethod
    def _installed(cls, value: list[str], info: ValidationInfo) -> list[str]:
        return [installed_network(each, info) for each in value]

    @field_validator("metrics")
    @classmethod
    def _each_once(cls, value: list[_MetricEntry], info: ValidationInfo) -> list[_MetricEntry]:
        _require_different([each.metric for each in value], "give it one weight")
        of_primaries = BranchKind.TERRITORIAL not in info.data.get("kinds", [BranchKind.TERRITORIAL])
        if of_primaries and any(each.metric is Metric.FOLLOWERS_PER_PRIMARY for each in value):
            raise wrong(
                f"{Metric.FOLLOWERS_PER_PRIMARY} is of branches that have primary organisations",
                "take it out, or add territorial to kinds",
            )
        return value

    @field_validator("ties")
    @classmethod
    def _among_the_metrics(cls, value: list[Metric], info: ValidationInfo) -> list[Metric]:
        _require_different(value, "name it once")
        metrics: list[_MetricEntry] | None = info.data.get("metrics")
        for each in value if metrics is not None else ():
            if each not in [entry.metric for entry in metrics or ()]:
                known = ", ".join(entry.metric for entry in metrics or ())
                raise wrong(f"{each} is none of this league's metrics", f"they are {known}")
        return value


def load_contest_rules(path: Path, *, networks: Mapping[str, Network] | None = None) -> ContestRules:
    """The rules in a file. Raises ContestRulesError with all mistakes at once."""
    try:
        text = read_yaml(
            path, _MAX_BYTES, "the file of rules", "name it with --rules or COLLECTOR_CONTEST_RULES_FILE"
        )
    except UnreadableError as error:
        raise ContestRulesError(path, [error.mistake]) from None
    return read_contest_rules(text, path, networks=networks)


def read_contest_rules(
    text: str, path: Path, *, networks: Mapping[str, Network] | None = None
) -> ContestRules:
    """The rules in a text, wherever it was kept; `path`: what mistakes are told of.

    `networks`: those that may be named; None: all that installed packages bring.
    Raises ContestRulesError with all mistakes at once.
    """
    installed = installed_networks() if networks is None else networks
    mistakes: list[Mistake] = []
    leagues: dict[League, LeagueRules] = {}
    lines: dict[League, int] = {}
    reader = Reader(text, _KEY)
    try:
        for number, (value, place) in enumerate(reader.entries()):
            rules = _league(value, (_KEY, number), place, installed, mistakes)
            if rules is None:
                continue
            at = place_of(value, ("league",)) or place
            if rules.league in leagues:
                message = f"the league {rules.league} stands in line {lines[rules.league]} already"
                mistakes.append(Mistake(*at, f"{_KEY}[{number}].league", message, "keep one of the two"))
            leagues.setdefault(rules.league, rules)
            lines.setdefault(rules.league, at[0])
        if not leagues and not mistakes and not reader.mistakes:
            mistakes.append(Mistake(1, 1, _KEY, "holds no league", "write `- league: territorial` under it"))
    except UnreadableError as error:
        mistakes.append(error.mistake)
    mistakes += reader.mistakes
    if mistakes:
        raise ContestRulesError(path, mistakes)
    return ContestRules(text, leagues)


def _league(
    value: Any,
    where: tuple[str, int],
    place: Place,
    installed: Mapping[str, Network],
    mistakes: list[Mistake],
) -> LeagueRules | None:
    try:
        entry = _LeagueEntry.model_validate(value, context=installed)
    except ValidationError as error:
        mistakes += mistakes_in(error, where, value, place, _keys_at)
        return None
    return LeagueRules(
        entry.league,
        entry.title,
        tuple(dict.fromkeys(entry.kinds)),
        tuple(Weighted(each.metric, each.weight) for each in entry.metrics),
        tuple(entry.ties),
        tuple(dict.fromkeys(entry.networks)),
        entry.minimum_own_posts,
        timedelta(days=entry.counts_after_days),
        tuple(dict.fromkeys(entry.branches)),
        timedelta(days=entry.reading_within_days),
    )


def _keys_at(path: tuple[int | str, ...]) -> list[str]:
    return keys_of(_MetricEntry if path else _LeagueEntry)


def _require_different(metrics: Sequence[Metric], hint: str) -> None:
    twice = next((each for each in metrics if metrics.count(each) > 1), None)
    if twice is not None:
        raise wrong(f"{twice} stands twice", hint)

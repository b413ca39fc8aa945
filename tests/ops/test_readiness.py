"""What makes a process unready, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.ops.checks import Check
from collector.ops.readiness import ReadyPolicy, in_words, readiness
from storage.vitals import Disk, RoundTimes, Vitals

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MB = 1_000_000
POLICY = ReadyPolicy("sqlite:///collector.db", "0009", HOUR)
WELL = Vitals(
    schema="0009",
    write_refusal=None,
    disk=Disk(Path("/data"), 500 * MB, 2_000 * MB),
    last_round=RoundTimes(NOW - 12 * MINUTE, NOW - 10 * MINUTE),
    next_due_at=NOW + 48 * MINUTE,
)


def told(vitals: Vitals, policy: ReadyPolicy = POLICY) -> dict[str, Check]:
    return {check.what: check for check in readiness(vitals, policy, NOW)}


def wrong(vitals: Vitals, policy: ReadyPolicy = POLICY) -> list[str]:
    return [check.what for check in told(vitals, policy).values() if not check.is_well]


def test_all_is_well() -> None:
    assert [check.line for check in readiness(WELL, POLICY, NOW)] == [
        "ok    database: sqlite:///collector.db answers",
        "ok    schema: 0009, the newest",
        "ok    writing: nothing speaks against it",
        "ok    disk: 500 MB free of 2.0 GB at /data",
        "ok    round: the last one ended 2026-11-23 11:50 UTC",
    ]


def test_another_schema_is_told_and_nothing_is_said_of_rounds() -> None:
    older = told(replace(WELL, schema="0008", last_round=None, next_due_at=None))
    assert older["schema"].line == "FAIL  schema: 0008, this program needs 0009; upgrade whichever is older"
    assert "round" not in older
    empty = told(replace(WELL, schema=None))
    assert empty["schema"].words.startswith("the database is empty")


def test_what_cannot_be_written_is_told() -> None:
    refused = told(replace(WELL, write_refusal="/data cannot be written"))
    assert refused["writing"].line == "FAIL  writing: /data cannot be written"


@pytest.mark.parametrize(
    ("free", "size", "is_well"),
    [
        (68 * MB, 2_000_000 * MB, True),
        (67 * MB, 2_000_000 * MB, False),
        (0, 2_000_000 * MB, False),
        (2 * MB, 32 * MB, True),
        (1 * MB, 32 * MB, False),
    ],
    ids=["enough", "little", "none", "enough of a small one", "little of a small one"],
)
def test_a_disk_that_fills_is_told_before_it_is_full(free: int, size: int, is_well: bool) -> None:
    assert wrong(replace(WELL, disk=Disk(Path("/data"), free, size))) == ([] if is_well else ["disk"])


def test_a_server_elsewhere_has_its_own_disk() -> None:
    assert "disk" not in told(replace(WELL, disk=None))


@pytest.mark.parametrize(
    ("ended", "took", "waits", "is_well"),
    [
        (2 * HOUR + 6 * MINUTE, MINUTE, HOUR + 6 * MINUTE, True),
        (2 * HOUR + 7 * MINUTE, MINUTE, HOUR + 6 * MINUTE, False),
        (5 * HOUR, 3 * HOUR, 4 * HOUR, True),
        (5 * HOUR + 6 * MINUTE, 3 * HOUR, 4 * HOUR, False),
        (20 * HOUR, MINUTE, -4 * HOUR, True),
        (20 * HOUR, MINUTE, HOUR, True),
    ],
    ids=["just fresh", "stale", "long rounds", "long and stale", "nobody is due", "somebody is due just now"],
)
def test_a_round_is_stale_once_communities_wait(
    ended: timedelta, took: timedelta, waits: timedelta, is_well: bool
) -> None:
    last = RoundTimes(NOW - ended - took, NOW - ended)
    vitals = replace(WELL, last_round=last, next_due_at=NOW - waits)
    assert wrong(vitals) == ([] if is_well else ["round"])


def test_until_the_first_round_has_ended_the_daemon_is_not_ready() -> None:
    fresh = replace(WELL, last_round=None, next_due_at=NOW)
    assert wrong(fresh) == ["round"]
    assert wrong(fresh, replace(POLICY, interval=None)) == [], "who does not collect has no rounds"
    assert wrong(replace(fresh, next_due_at=None)) == [], "nor has a database without communities"


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (67 * MB, "67 MB"), (10**15, "1000 TB")],
)
def test_sizes_are_told_for_people(size: int, words: str) -> None:
    assert in_words(size) == words

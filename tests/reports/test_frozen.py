"""A frozen contest: shown as it was decided, with what a recount would change; a record that was touched is told."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from collector.bootstrap.contest import freeze_contest, make_contest, make_contest_list
from collector.bootstrap.program import Program
from collector.domain.contest import League
from collector.domain.errors import CollectorError
from collector.domain.redaction import Redactor
from collector.reports.frozen import is_intact, opened, seal_of
from collector.reports.report import Report
from collector.settings import Settings
from storage.engine import writing
from storage.store import Store
from tests.reports.contesting import AFTER, BEFORE, NOVEMBER, NOW, at, small_contest
from tests.storage.worlds import DAY

RULES = """\
leagues:
  - league: territorial
    title: Лучшее сообщество
    kinds: [territorial]
    metrics:
      - {metric: net_follower_change}
      - {metric: engagement_rate, weight: 2}
      - {metric: own_posts}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    return file


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    small_contest(sqlite_store)
    return sqlite_store


def parts(store: Store, now: datetime = NOW) -> Program:
    return Program(Settings(_env_file=None), Redactor(()), store, lambda: now, threading.Event())  # type: ignore[call-arg]


def frozen(store: Store, rules: Path, now: datetime = NOW, *, again: bool = False) -> Report:
    return freeze_contest(parts(store, now), League.TERRITORIAL, NOVEMBER, rules, "Иванова", again=again)


def shown(store: Store, rules: Path | None = None, now: datetime = NOW + 30 * DAY) -> Report:
    return make_contest(parts(store, now), League.TERRITORIAL, NOVEMBER, rules)


def column(report: Report, table: str, *numbers: int) -> list[list[object]]:
    (found,) = (each for each in report.tables if each.title == table)
    return [[row[number].value or row[number].word for number in numbers] for row in found.rows]


def test_what_was_frozen_is_shown_with_its_seal(store: Store, rules: Path) -> None:
    assert column(frozen(store, rules), "Места", 0, 1, 2) == [
        ["ВАО", 1, 7],
        ["ЗАО", "2–3", 8],
        ["САО", "2–3", 8],
    ]
    (kept,) = store.reports.freezes()
    assert (kept.rules, kept.frozen_by, kept.number) == (RULES, "Иванова", 1)
    report = shown(store)
    assert column(report, "Места", 0, 1, 2) == [["ВАО", 1, 7], ["ЗАО", "2–3", 8], ["САО", "2–3", 8]]
    assert report.warnings == (
        f"Показан результат, замороженный 20\u00a0декабря 2026\u00a0года: Иванова. Отпечаток SHA-256: {kept.sha256}.",
        "Пересчёт по нынешним данным даёт то же самое.",
    )
    assert ("Заморожено", "20\u00a0декабря 2026\u00a0года: Иванова") in report.method
    assert report.sources is not None
    assert len(report.sources().rows) == 12


def test_a_recount_tells_what_changed_and_leaves_the_result(store: Store, rules: Path) -> None:
    frozen(store, rules)
    # Somebody corrects the past: САО had 20 followers before, not 50; +35 in place of +5.
    with writing(store._engine) as conn:
        of_it = {"at": int(BEFORE.timestamp())}
        conn.execute(
            text(
                "UPDATE follower_snapshot SET follower_count = 20 WHERE community_id = 3 AND observed_at = :at"
            ),
            of_it,
        )
    report = shown(store)
    assert column(report, "Места", 0, 1, 2) == [["ВАО", 1, 7], ["ЗАО", "2–3", 8], ["САО", "2–3", 8]]
    assert column(report, "Что изменилось", 0, 1, 2, 3) == [
        ["ВАО", "место и баллы", "1 (7)", "2 (8)"],
        ["ЗАО", "место и баллы", "2–3 (8)", "3 (9)"],
        ["САО", "место и баллы", "2–3 (8)", "1 (6)"],
        ["САО", "Прирост подписчиков", 5, 35],
    ]
    assert "дал бы другое" in report.warnings[1]


def test_who_is_not_ranked_any_more_is_told(store: Store, rules: Path) -> None:
    frozen(store, rules)
    with writing(store._engine) as conn:
        conn.execute(text("DELETE FROM follower_snapshot WHERE community_id = 3"))
    changed = column(shown(store), "Что изменилось", 0, 1, 2, 3)
    assert ["САО", "место и баллы", "2–3 (8)", "вне зачёта"] in changed
    assert ["САО", "Прирост подписчиков", 5, "вне зачёта"] in changed


@pytest.mark.parametrize(
    "change",
    [
        "result = replace(result, 'ЗАО', 'ВАО')",
        "facts = replace(facts, '130', '131')",
        "rules = rules || '#'",
        "frozen_by = 'Петрова'",
        "frozen_at = frozen_at - 1",
        "result = '{}'",
    ],
)
def test_a_record_that_was_touched_is_told_and_not_believed(store: Store, rules: Path, change: str) -> None:
    frozen(store, rules)
    with writing(store._engine) as conn:
        conn.execute(text(f"UPDATE contest_freeze SET {change}"))
    report = shown(store, rules)
    assert len(report.warnings) == 1
    assert "запись о нём с тех пор меняли" in report.warnings[0]
    assert column(report, "Места", 0) == [["ВАО"], ["ЗАО"], ["САО"]]
    assert column(make_contest_list(parts(store)), "Замороженные конкурсы", 3, 7) == [
        ["неизвестно", "изменена"]
    ]


def test_a_record_of_another_version_is_not_believed_either(store: Store, rules: Path) -> None:
    frozen(store, rules)
    (kept,) = store.reports.freezes()
    other = replace(kept, result='{"winner":"ВАО"}')
    with writing(store._engine) as conn:
        conn.execute(
            text("UPDATE contest_freeze SET result = :result, sha256 = :seal"),
            {"result": other.result, "seal": seal_of(other)},
        )
    assert "меняли" in shown(store, rules).warnings[0]


def test_it_is_not_frozen_before_its_result_is_final(store: Store, rules: Path) -> None:
    for now in (BEFORE, at(20), AFTER):
        with pytest.raises(
            CollectorError, match=r"2026-11 can be frozen from 2026-12-08 on: its last day is"
        ):
            frozen(store, rules, now)
    assert store.reports.freezes() == []


def test_it_is_frozen_again_only_if_that_is_meant_and_both_are_kept(store: Store, rules: Path) -> None:
    frozen(store, rules)
    with pytest.raises(
        CollectorError, match=r"was frozen on 2026-12-20 by Иванова; --again freezes it once more"
    ):
        frozen(store, rules)
    rules.write_text(RULES.replace("weight: 2", "weight: 9"))
    report = frozen(store, rules, NOW + DAY, again=True)
    assert column(report, "Места", 0, 2) == [["САО", 15], ["ВАО", 21], ["ЗАО", 29]]
    first, second = store.reports.freezes()
    assert (first.number, second.number) == (1, 2)
    assert is_intact(first)
    assert "Раньше этот период замораживали 20\u00a0декабря" in report.warnings[2]
    assert first.sha256 in report.warnings[2]


def test_other_rules_than_the_frozen_ones_are_told(store: Store, rules: Path) -> None:
    frozen(store, rules)
    assert len(shown(store, rules).warnings) == 2
    rules.write_text(RULES + "# иначе\n")
    assert "отличается от замороженных правил" in shown(store, rules).warnings[2]


def test_the_frozen_facts_are_all_that_a_recount_needs(store: Store, rules: Path) -> None:
    frozen(store, rules)
    (kept,) = store.reports.freezes()
    facts, result = opened(kept)
    assert json.loads(kept.facts)["communities"][0]["posts"][0]["like_count"] == 7
    assert facts.communities[0].posts[0].published_at == at(5)
    assert result.ranked[0].code == "ВАО"


def test_frozen_contests_are_listed(store: Store, rules: Path) -> None:
    assert make_contest_list(parts(store)).warnings == ("Ни один конкурс ещё не заморожен.",)
    frozen(store, rules)
    listed = column(make_contest_list(parts(store)), "Замороженные конкурсы", 0, 1, 2, 3, 5, 7)
    assert listed == [["ноябрь 2026\u00a0года", "территориальные организации", 1, "ВАО", "Иванова", "цела"]]


def test_rules_without_the_league_and_none_at_all_are_told(store: Store, rules: Path) -> None:
    with pytest.raises(CollectorError, match=r"the rules have no league primary; they have territorial"):
        make_contest(parts(store), League.PRIMARY, NOVEMBER, rules)

"""The department's queries, each run on a real PostgreSQL by the role that Grafana has."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from collector.domain.calendar import MOSCOW
from storage.store import open_store
from tests import postgres
from tests.monitoring.dashboards import dashboard, panels
from tests.web.seeded import DAY, NOW, seed

BRANCHES = ("'*'", "'ВАО'", "'О''Нил'")
"""All, one that is there, and a name that must be quoted, as Grafana writes them."""
TARGETS = {panel["title"]: (panel, target) for panel in panels("department") for target in panel["targets"]}
VARIABLE = dashboard("department")["templating"]["list"][0]
DAYS_SHOWN = 90
BEGIN = NOW - DAYS_SHOWN * DAY


def as_grafana_sends(sql: str, branch: str = "'*'") -> str:
    """With what Grafana puts in: the times of its picker in UTC, the variable quoted."""
    for macro, value in (
        ("$__timeFrom()", f"'{BEGIN:%Y-%m-%dT%H:%M:%SZ}'"),
        ("$__timeTo()", f"'{NOW:%Y-%m-%dT%H:%M:%SZ}'"),
        ("${branch:sqlstring}", branch),
    ):
        sql = sql.replace(macro, value)
    assert "$" not in sql, "something that this test does not put in"
    return sql


class Asked:
    """What a query gave."""

    def __init__(self, cursor: psycopg.Cursor) -> None:
        self.rows: list[tuple[Any, ...]] = cursor.fetchall()
        self.columns = {column.name: column.type_display for column in cursor.description or ()}

    def column(self, name: str) -> list[Any]:
        number = list(self.columns).index(name)
        return [row[number] for row in self.rows]


class Department:
    """The season's database, seen by Grafana's role."""

    def __init__(self, conn: psycopg.Connection) -> None:
        self._conn = conn

    def asked(self, title: str, branch: str = "'*'") -> Asked:
        return self.put(TARGETS[title][1]["rawSql"], branch)

    def put(self, sql: str, branch: str = "'*'") -> Asked:
        return Asked(self._conn.execute(as_grafana_sends(sql, branch).encode()))


@pytest.fixture(scope="module")
def department(pg_servers: dict[str, str]) -> Iterator[Department]:
    role = f"grafana_{uuid.uuid4().hex[:8]}"
    with postgres.database(pg_servers[list(postgres.installations())[-1]]) as url:
        with open_store(url) as store:
            store.upgrade()
            seed(store)
            store.grant_readonly(role)
        with psycopg.connect(url, user=role, autocommit=True) as conn:
            yield Department(conn)
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(SQL("DROP OWNED BY {}").format(Identifier(role)))
            conn.execute(SQL("DROP ROLE {}").format(Identifier(role)))


@pytest.mark.parametrize("branch", BRANCHES)
@pytest.mark.parametrize("title", TARGETS)
def test_query_runs_and_gives_what_its_panel_needs(title: str, branch: str, department: Department) -> None:
    panel, target = TARGETS[title]
    found = department.asked(title, branch)
    if target["format"] == "time_series":
        assert list(found.columns) == ["time", "metric", "value"]
        assert found.columns["time"] == "timestamptz"
        assert found.columns["metric"] == "text"
        assert found.columns["value"] in {"int4", "int8", "numeric"}
        assert found.column("time") == sorted(found.column("time"))
    else:
        assert all(re.search("[А-Яа-я]", name) for name in found.columns)
    shaped = {each["matcher"]["options"] for each in panel["fieldConfig"]["overrides"]}
    assert shaped <= found.columns.keys()
    # A time without a zone would be shown three hours off, and a day as the night before.
    assert not {"timestamp", "date"} & set(found.columns.values())


def test_every_panel_has_rows_of_the_season(department: Department) -> None:
    empty = {title for title in TARGETS if not department.asked(title, "'*'").rows}
    assert empty == {"Подписчики по дням: выбранная организация"}
    assert department.asked("Подписчики по дням: выбранная организация", "'ВАО'").rows


def test_the_variable_offers_the_branches_of_the_list(department: Department) -> None:
    found = department.put(VARIABLE["query"])
    assert list(found.columns) == ["__value", "__text"]
    assert found.rows[0] == ("МГО", "МГО — Московская городская организация Профсоюза")
    assert VARIABLE["allValue"] == "'*'"


def test_days_without_a_look_are_gaps_in_the_line(department: Department) -> None:
    found = department.asked("Подписчики по дням: выбранная организация", "'ВАО'")
    lines = sorted(set(found.column("metric")))
    assert [re.sub(r"\d+", "0", line) for line in lines] == [
        "Facebook: Профсоюз ВАО (№ 0)",
        "ВКонтакте: Профсоюз ВАО (№ 0)",
    ]
    of_vk = [row[2] for row in found.rows if row[1] == lines[1]]
    # A row a day, those between 40 and 52 days ago without a look.
    assert len(of_vk) == DAYS_SHOWN + 1
    assert [number for number, value in enumerate(reversed(of_vk)) if value is None] == list(range(40, 52))
    assert 0 not in of_vk


def test_days_are_moscows(department: Department) -> None:
    last = max(department.asked("Подписчики по дням: выбранная организация", "'ВАО'").column("time"))
    assert last.astimezone(UTC) == datetime(2026, 10, 14, 21, tzinfo=UTC)


def test_unread_communities_are_counted_and_not_left_out(department: Department) -> None:
    found = department.asked("Прочитанные сообщества по дням")
    by_day: dict[datetime, int] = {}
    for at, _, count in found.rows:
        by_day[at] = by_day.get(at, 0) + count
    assert set(by_day.values()) == {8}
    assert set(found.column("metric")) == {"число известно", "сеть скрыла число", "не прочитано"}


def test_growth_tells_of_how_many_communities_it_is(department: Department) -> None:
    found = department.asked("Прирост подписчиков по организациям")
    names = list(found.columns)[1:]
    october = {
        row[1]: dict(zip(names, row[1:], strict=True))
        for row in found.rows
        if row[0].astimezone(MOSCOW).date() == date(2026, 10, 1)
    }
    assert october["СВАО"] == {
        "Организация": "СВАО",
        "Прирост, человек": None,
        "Учтено сообществ": 0,
        "Всего сообществ": 1,
    }
    assert october["ВАО"]["Учтено сообществ"] == 2
    bars = department.asked("Прирост подписчиков по месяцам")
    of_october = [row[2] for row in bars.rows if row[0].astimezone(MOSCOW).date() == date(2026, 10, 1)]
    known = [row["Прирост, человек"] for row in october.values() if row["Прирост, человек"] is not None]
    assert sum(of_october) == sum(known)


def test_weeks_are_whole_at_the_beginning(department: Department) -> None:
    first = min(department.asked("Публикации по неделям").column("time"))
    assert first.astimezone(MOSCOW).weekday() == 0
    # Ninety days ago was no Monday: that week is shown whole.
    assert first < BEGIN
    assert BEGIN.astimezone(MOSCOW).weekday() != 0


def test_the_silent_are_those_of_the_season(department: Department) -> None:
    assert department.asked("Кто молчит сейчас").column("Организация") == ["САО"]
    (row,) = department.asked("Организации").rows
    assert row[1] == 1


def test_grafana_may_write_nothing(department: Department) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        department.put("DELETE FROM branch")

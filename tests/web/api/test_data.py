"""The API's data: each view whole, page by page, filtered, as the database has it."""

from __future__ import annotations

import io
import json
from base64 import urlsafe_b64encode
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import pytest
from starlette.types import ASGIApp

from collector.web.api.resources import MOST_ROWS, RESOURCES
from storage.store import Store
from storage.views import VIEWS, Holds, View, holds
from tests.web.api.conftest import TOKEN
from tests.web.asking import Asked, asked
from tests.web.seeded import SLASHED

VIEW_IDS = [view.name for view in VIEWS]


def ask(api: ASGIApp, path: str, query: str = "", **more: Any) -> Asked:
    headers = [("host", "collector.example.org"), ("authorization", f"Bearer {TOKEN}")]
    return asked(api, f"/api{path}", query.encode(), headers=headers, **more)


def given(api: ASGIApp, path: str, query: str = "") -> dict[str, Any]:
    answer = ask(api, path, query)
    assert answer.status == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    told: dict[str, Any] = json.loads(answer.text)
    return told


def read_whole(api: ASGIApp, path: str, query: str, limit: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after = ""
    while True:
        page = given(api, path, f"{query}&limit={limit}{after}")
        rows += page["rows"]
        if page["next"] is None:
            return rows
        assert len(page["rows"]) == limit
        after = f"&after={page['next']}"


def in_database(store: Store, view: View) -> list[dict[str, Any]]:
    with store.reports.view_rows(view.name, None, None) as found:
        return [
            {name: _as_json(value) for name, value in zip(found.columns, row, strict=True)}
            for row in found.rows
        ]


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.isoformat()}+03:00"
    return value.isoformat() if isinstance(value, date) else value


def as_texts(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


@pytest.mark.parametrize("view", VIEWS, ids=VIEW_IDS)
def test_each_view_is_there_whole_page_by_page(api: ASGIApp, seeded_store: Store, view: View) -> None:
    path = "/" + view.name.removeprefix("v_").replace("_", "-")
    expected = in_database(seeded_store, view)
    assert expected, "the seeded world has rows in every view"
    by_key = {json.dumps([row[each] for each in view.key]) for row in expected}
    assert view.key
    assert len(by_key) == len(expected), "its key tells each row from every other"
    # So that many a page ends, and one begins, in the midst of a community.
    limit = min(max(len(expected) // 3, 1), 97)
    rows = read_whole(api, path, "", limit)
    assert as_texts(rows) == as_texts(expected)
    assert all(list(row) == list(view.columns) for row in rows)


def test_what_is_unknown_is_null_and_a_time_has_its_zone(api: ASGIApp) -> None:
    days = given(api, "/followers-daily", "branch=%D0%92%D0%90%D0%9E&network=vk&limit=1000")["rows"]
    unseen = [row for row in days if row["what"] == "not_seen"]
    assert unseen
    assert {row["follower_count"] for row in unseen} == {None}
    seen = next(row for row in days if row["what"] == "known")
    assert seen["observed_at"] == f"{seen['day']}T13:45:00+03:00"
    assert type(seen["follower_count"]) is int


def test_filters_choose(api: ASGIApp) -> None:
    code = quote(SLASHED)
    assert {row["branch_code"] for row in given(api, "/communities", f"branch={code}")["rows"]} == {SLASHED}
    assert {row["network"] for row in given(api, "/communities", "network=facebook")["rows"]} == {"facebook"}
    for hostile in ("' OR 1=1 --", "%", "vao", "\\", "<b>", "я" * 200, "\x01", "\ud7ff"):
        assert given(api, "/communities", f"branch={quote(hostile)}")["rows"] == []
    period = "from=2026-10-01&to=2026-10-03&network=vk&branch=%D0%92%D0%90%D0%9E"
    assert [row["day"] for row in read_whole(api, "/followers-daily", period, 2)] == [
        "2026-10-01",
        "2026-10-02",
        "2026-10-03",
    ]
    runs = given(api, "/collection-runs", "from=2026-10-02&to=2026-10-02")["rows"]
    assert [row["started_at"][:10] for row in runs] == ["2026-10-02"]
    months = given(api, "/growth-monthly", "from=2026-09-20&to=2026-09-21&network=vk")["rows"]
    assert {row["month"] for row in months} == {"2026-09-01"}


@pytest.mark.parametrize("period", ["from=0001-01-01&to=9999-12-31", "from=9999-12-31", "to=0001-01-01"])
@pytest.mark.parametrize(
    "resource", [each for each in RESOURCES if each.view.period_column], ids=lambda r: r.path
)
def test_every_day_of_the_calendar_may_be_asked_for(api: ASGIApp, resource: Any, period: str) -> None:
    rows = given(api, resource.path, period)["rows"]
    assert bool(rows) == (period.count("=") == 2)


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=-1", "limit"),
        ("limit=99999999999999999999999999", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        ("limit=1.0", "limit"),
        ("limit=1_0", "limit"),
        ("limit=%D9%A3", "limit"),
        ("limit=", "limit"),
        ("limit=true", "limit"),
        ("branch=", "branch"),
        ("branch=%00", "branch"),
        ("branch=" + "x" * 201, "branch"),
        ("from=", "from"),
        ("from=0", "from"),
        ("from=1700000000", "from"),
        ("from=2026-02-30", "from"),
        ("from=2026-W01-1", "from"),
        ("from=20260101", "from"),
        ("from=2026%C2%B2-1-01", "from"),
        ("from=01.02.2026", "from"),
        ("from=2026-10-01T00:00", "from"),
        ("to=10000-01-01", "to"),
        ("from=2026-10-02&to=2026-10-01", "to"),
        ("first=2026-10-02", "first"),
        ("brach=x", "brach"),
        ("after=x", "after"),
        ("after=" + "x" * 5000, "after"),
    ],
)
def test_a_mistake_in_a_parameter_is_told_with_its_name(api: ASGIApp, query: str, parameter: str) -> None:
    answer = ask(api, "/followers-daily", query)
    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    told = json.loads(answer.text)
    assert [each["parameter"] for each in told["errors"]] == [parameter]
    assert len(answer.text) < 400, "what was sent is not sent back"


@pytest.mark.parametrize("query", ["from=2026-10-01", "to=2026-10-01"])
def test_a_view_of_now_has_no_period(api: ASGIApp, query: str) -> None:
    assert ask(api, "/branches", query).status == 422


def _word(key: Any) -> str:
    return urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "after",
    [
        _word([]),
        _word([1]),
        _word([1, "2026-10-01", 1]),
        _word({"a": 1}),
        _word([True, "2026-10-01"]),
        _word([1.5, "2026-10-01"]),
        _word([2**63, "2026-10-01"]),
        _word([None, "2026-10-01"]),
        _word([1, "2026-13-01"]),
        _word([1, 20261001]),
        _word(["1", "2026-10-01"]),
        _word("x"),
        "x" * 1999,
        "W" * 1000,
        "%FF%FE",
        "=",
        urlsafe_b64encode(b"[" * 1400).decode().rstrip("="),
        urlsafe_b64encode(b"[NaN,Infinity]").decode().rstrip("="),
    ],
)
def test_a_place_to_go_on_from_is_one_that_we_named(api: ASGIApp, after: str) -> None:
    assert ask(api, "/followers-daily", f"after={after}").status == 422


@pytest.mark.parametrize("code", ["a\x00", "\ud800", 1, None])
def test_a_place_holds_no_text_that_a_database_refuses(api: ASGIApp, code: object) -> None:
    assert ask(api, "/branches", f"after={_word([code])}").status == 422


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63) + 1, 0])
def test_the_largest_numbers_are_places_too(api: ASGIApp, number: int) -> None:
    rows = given(api, "/communities", f"after={_word([number])}")["rows"]
    assert bool(rows) == (number <= 0)


def test_pages_are_bounded(api: ASGIApp) -> None:
    assert len(given(api, "/followers-daily")["rows"]) == 100
    assert len(given(api, "/followers-daily", f"limit={MOST_ROWS}")["rows"]) <= MOST_ROWS


def test_the_description_is_the_data_dictionarys(api: ASGIApp) -> None:
    answer = given(api, "/openapi.json")
    assert answer["servers"] == [{"url": "https://collector.example.org/api"}]
    for view in VIEWS:
        operation = answer["paths"]["/" + view.name.removeprefix("v_").replace("_", "-")]["get"]
        assert operation["summary"] == view.comment
        page = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        row = answer["components"]["schemas"][page.rsplit("/", 1)[1].replace("Page", "Row")]["properties"]
        assert {name: each["description"] for name, each in row.items()} == view.columns
        for name, each in row.items():
            kinds = {(option["type"], option.get("format")) for option in each["anyOf"]}
            assert ("null", None) in kinds
            number = "number" if name.endswith("_percent") else "integer"
            assert kinds - {("null", None)} == {
                {
                    Holds.DAY: ("string", "date"),
                    Holds.TIME: ("string", "date-time"),
                    Holds.NUMBER: (number, None),
                    Holds.TEXT: ("string", None),
                }[holds(name)]
            }


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/nothing", "GET", 404), ("/", "GET", 404), ("/branches/", "GET", 404), ("/branches", "POST", 405)],
)
def test_what_is_not_there_is_a_problem_without_detail(
    api: ASGIApp, path: str, method: str, status: int
) -> None:
    answer = ask(api, path, method=method)
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(json.loads(answer.text)) == {"title", "status"}
    assert answer.headers["cache-control"] == "no-store"


def test_a_database_that_is_away_is_a_problem_without_detail(
    seeded_store: Store, backend: str, tmp_path: Any, written: io.StringIO
) -> None:
    if backend != "sqlite":
        return
    from storage.store import open_store
    from tests.web.site import Site

    with open_store(f"sqlite:///{tmp_path / 'gone.db'}") as store:
        answer = asked(Site(store, declares=False).app(), "/api/branches")
    assert answer.status == 503
    assert json.loads(answer.text) == {
        "title": "Service Unavailable",
        "status": 503,
        "detail": "try again in a few minutes",
    }
    assert "data not served" in written.getvalue()

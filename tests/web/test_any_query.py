"""Whatever stands in an address, no page and no route of the API fails: those that are added later neither.

`QUERIES_EACH=10000` asks every route that often, which takes long; else they share ten thousand.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from starlette.types import ASGIApp

from storage.store import open_store
from tests.web.asking import all_asked
from tests.web.logins import a_user, write_users
from tests.web.routes import all_routes
from tests.web.seeded import NOW, SLASHED, seed
from tests.web.site import Site

IN_ALL = 10_000
WITHOUT_PARAMETERS = 20
SLOW = {"/charts/{chart}/{code:path}": 60}
"""Altair takes a tenth of a second for a chart."""
VALUES = [
    "",
    "0",
    "1",
    "-1",
    "2",
    "1.5",
    "1e400",
    "NaN",
    "9" * 30,
    "9" * 5000,
    str(2**63),
    "true",
    "null",
    "2026-10-01",
    "2026-09-30",
    "2026-02-30",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "01.10.2026",
    "2026-10",
    "2026-Q3",
    "2026-10-01T00:00:00+99:99",
    "ВАО",
    SLASHED,
    "vk",
    "facebook",
    "territorial",
    "primary",
    "xlsx",
    "html",
    "csv",
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "%s%n",
    "я" * 3000,
    "\x00",
    "a\x00b",
    "\r\nSet-Cookie: a=b",
    "\u202e\ufeff",
    "\U0001f600",
    "//evil.example",
]
BYTES = [
    b"%",
    b"%zz",
    b"%00",
    b"%ed%a0%80",
    b"%ff%fe",
    b"\xff",
    b"&&&",
    b"===",
    b";",
    b"[]",
    b"+",
    b"#",
    b"?",
    b" ",
]


def queries(rng: random.Random, names: list[str], count: int) -> Iterator[bytes]:
    """Queries of known and unknown names, with values that mean something, or nothing, or are broken."""
    for _ in range(count):
        parts: list[bytes] = []
        for _ in range(rng.choice((1, 1, 2, 3, 6))):
            name = rng.choice(names) if rng.random() < 0.85 else rng.choice(VALUES)
            value = rng.choice(VALUES)
            if rng.random() < 0.2:
                value = "".join(chr(rng.randrange(1, 0x2FFF)) for _ in range(rng.randrange(12)))
            part = quote(name).encode() + b"=" + quote(value).encode()
            if rng.random() < 0.2:
                at = rng.randrange(len(part))
                part = part[:at] + rng.choice(BYTES) + part[at:]
            parts.append(part)
        yield rng.choice((b"&", b"&", b"&", b";", b"&&")).join(parts)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_store(f"sqlite:///{tmp_path_factory.mktemp('any') / 'collector.db'}") as store:
        store.upgrade()
        seed(store)
        users_file = tmp_path_factory.mktemp("users") / "users.json"
        write_users(users_file, a_user("иванова"))
        yield Site(store, now=NOW, declares=False, users_file=users_file)


def _filled(path: str, site: Site) -> str:
    """The path with things that are there, so that the page is really made."""
    there = {"code": "ВАО", "token": site.link().rsplit("/", 1)[1], "chart": "followers"}
    for name, value in there.items():
        path = path.replace(f"{{{name}}}", value).replace(f"{{{name}:path}}", value)
    return path.replace("{", "").replace("}", "")


def test_no_query_makes_a_route_fail(site: Site) -> None:
    app: ASGIApp = site.app()
    routes = [place for place in all_routes(app) if "GET" in place.methods]
    assert {"/", "/login", "/letters/{token}", "/api/posts"} <= {place.path for place in routes}
    few = SLOW | {place.path: WITHOUT_PARAMETERS for place in routes if not place.parameters}
    share = -(-IN_ALL // (len(routes) - len(few)))
    wanted = int(os.environ.get("QUERIES_EACH", "0"))
    names = sorted({name for place in routes for name in place.parameters})
    assert {"limit", "from", "next"} <= set(names)
    for number, place in enumerate(routes):
        own = sorted(place.parameters) * 4
        filled = _filled(place.path, site)
        each = wanted or few.get(place.path, share)
        asked = [(filled, query) for query in queries(random.Random(number), own + names, each)]
        answers = all_asked(app, asked)
        failed = [query for (_, query), answer in zip(asked, answers, strict=True) if answer.status >= 500]
        assert not failed, (place.path, failed)
        statuses = Counter(answer.status for answer in answers)
        assert set(statuses) <= {200, 303, 304, 400, 404, 422}, (place.path, statuses)

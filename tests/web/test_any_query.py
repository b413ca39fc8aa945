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

from collector.bootstrap.offered import offered
from storage.store import open_store
from storage.views import VIEWS
from tests.web.asking import all_asked
from tests.web.logins import a_user, write_users
from tests.web.routes import all_routes
from tests.web.seeded import NOW, SLASHED, seed
from tests.web.site import Site

IN_ALL = 10_000
WITHOUT_PARAMETERS = 20
SLOW = {"/charts/": 60, "/reports/": 60, "/exports/": 200}
"""How often what begins so is asked: to make a chart, a report or a workbook takes a tenth of a second."""
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
    *(view.name for view in VIEWS),
]
SENSIBLE = {
    "as": ["xlsx", "csv", "html"],
    "branch": ["ВАО", SLASHED],
    "from": ["2026-09-01", "2026-10-01"],
    "league": ["territorial", "primary"],
    "limit": ["1", "7"],
    "milestone": ["1000"],
    "month": ["2026-09"],
    "network": ["vk", "facebook"],
    "page": ["1", "2"],
    "period": ["2026-Q3", "2026-09"],
    "to": ["2026-10-10"],
    "top": ["20"],
    "view": [view.name for view in VIEWS],
}
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


def queries(rng: random.Random, own: list[str], others: list[str], count: int) -> Iterator[bytes]:
    """Queries of known and unknown names, with values that mean something, or nothing, or are broken."""
    for _ in range(count):
        names = own if own and rng.random() < 0.6 else others
        # A report is made only where its whole form is there.
        chosen = rng.sample(names, len(names) if rng.random() < 0.4 else rng.randint(1, len(names)))[:6]
        parts: list[bytes] = []
        for name in chosen:
            value = rng.choice(SENSIBLE.get(name, VALUES) if rng.random() < 0.6 else VALUES)
            if rng.random() < 0.05:
                value = "".join(chr(rng.randrange(1, 0x2FFF)) for _ in range(rng.randrange(12)))
            part = quote(name).encode() + b"=" + quote(value).encode()
            if rng.random() < 0.05:
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


def addresses(app: ASGIApp, site: Site) -> dict[str, set[str]]:
    """Each route's path with something in it that is there, so that the page is made; and what it knows in a query."""
    found: dict[str, set[str]] = {}
    for place in all_routes(app):
        if "GET" not in place.methods:
            continue
        path = place.path.replace("{token}", site.link().rsplit("/", 1)[1])
        path = path.replace("{code:path}", "ВАО").replace("{chart}", "followers")
        if "/reports/{name}" in path:
            # A report reads its form itself.
            for each in offered(site.parts):
                known = {field.name for field in each.fields} | {"as"}
                found[path.replace("{name}", each.name)] = known
        else:
            found[path.replace("{", "").replace("}", "")] = set(place.parameters)
    found["/exports/file"] |= {"view", "as", "from", "to"}
    return found


def test_no_query_makes_a_route_fail(site: Site) -> None:
    app = site.app()
    routes = addresses(app, site)
    assert {"/", "/login", "/branches/ВАО", "/reports/growth/file", "/api/posts"} <= set(routes)
    others = sorted({name for names in routes.values() for name in names} | set(VALUES[:20]))
    few = {path: times for path in routes for start, times in SLOW.items() if path.startswith(start)}
    few |= {path: WITHOUT_PARAMETERS for path, names in routes.items() if not names}
    share = -(-(IN_ALL - sum(few.values())) // (len(routes) - len(few)))
    wanted = int(os.environ.get("QUERIES_EACH", "0"))
    found: Counter[int] = Counter()
    for number, (path, own) in enumerate(routes.items()):
        times = wanted or few.get(path, share)
        asked = [(path, query) for query in queries(random.Random(number), sorted(own), others, times)]
        answers = all_asked(app, asked)
        statuses = Counter(answer.status for answer in answers)
        failed = [query for (_, query), answer in zip(asked, answers, strict=True) if answer.status >= 500]
        assert not failed, (path, failed)
        assert set(statuses) <= {200, 303, 400, 404, 422}, (path, statuses)
        assert path in few or path == "/exports/file" or statuses[200], f"{path} was never really asked"
        found += statuses
    assert found.total() >= IN_ALL

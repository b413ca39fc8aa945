"""The pages for people with SQL: the dictionary is what the views say, and each ready query runs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.domain.model import Access, Attachment, PostContent
from storage.store import Store, open_store
from storage.views import VIEWS, document
from tests.conftest import Databases
from tests.jobs.silences import Silences
from tests.storage.viewing import asked
from tests.storage.worlds import DAY, HOUR, NOON, branch, read, vk, wall
from tests.storage.worlds import post as a_post

DOCS = Path(__file__).parents[2] / "docs"
QUERIES = dict(re.findall(r"^## (.+?)\n.*?```sql\n(.+?)```", (DOCS / "queries.md").read_text(), re.S | re.M))


def test_the_dictionary_is_what_the_views_say() -> None:
    written = (DOCS / "data-dictionary.md").read_text()
    assert written == document.document(), "run: python -m storage.views.document"


def test_each_view_is_asked_by_a_ready_query() -> None:
    assert len(QUERIES) == 16
    asked_of = set(re.findall(r"\bv_\w+", " ".join(QUERIES.values())))
    assert asked_of >= {view.name for view in VIEWS} - {"v_posts_daily"}


def lived(store: Store) -> Store:
    """Two branches in October: one posts and grows, with a gap; one falls silent; a third is closed."""
    world = Silences(
        store, branch("ВАО", vk("1")), branch("САО", vk("2")), branch("ЦАО", vk("3")), branch("ЮАО")
    )
    quiet = a_post("1", NOON - 6 * DAY, like_count=4, view_count=90)
    for number in range(0, 20, 3):
        at = NOON + number * DAY
        lively = [
            a_post(str(each), NOON + each * DAY - HOUR, like_count=each, comment_count=1, is_repost=each == 3)
            for each in range(0, number + 1, 3)
        ]
        # It passes on the silent one's news, and says what it posts.
        said = PostContent.of("Слёт! #Профсоюз", [Attachment.VIDEO, Attachment.POLL], "2")
        lively = [replace(each, content=said) for each in lively]
        world.round(
            read(at, followers=100 + number, wall=wall(*lively)),
            read(at, followers=50, wall=wall(quiet), community_id=2, native_id="2"),
            read(at, followers=None, access=Access.CLOSED, community_id=3, native_id="3"),
        )
        world.detect(at)
    return store


@pytest.fixture
def both(databases: Databases, tmp_path: Path) -> Any:
    from contextlib import ExitStack

    from tests.conftest import _servers

    with ExitStack() as stack:
        lent = [
            stack.enter_context(databases.sqlite(tmp_path, has_tables=True)),
            stack.enter_context(databases.postgresql(_servers()[-1], has_tables=True)),
        ]
        yield [lived(stack.enter_context(open_store(url))) for url in lent]


def test_each_ready_query_gives_the_same_rows_from_both_databases(both: list[Store]) -> None:
    sqlite, postgresql = both
    found = {title: (asked(sqlite, sql), asked(postgresql, sql)) for title, sql in QUERIES.items()}
    assert {title: rows for title, (rows, _) in found.items()} == {
        title: rows for title, (_, rows) in found.items()
    }
    assert [title for title, (rows, _) in found.items() if not rows] == []


def test_each_view_gives_the_same_rows_from_both_databases(both: list[Store]) -> None:
    sqlite, postgresql = both
    for view in VIEWS:
        rows = [
            sorted(map(repr, asked(store, f"SELECT * FROM {view.name}"))) for store in (sqlite, postgresql)
        ]
        assert rows[0] == rows[1], view.name
        assert rows[0] != []

"""What posts say and show: written when first known, replaced when edited, never lost to a look that read none."""

from __future__ import annotations

from dataclasses import replace

from collector.domain.errors import FailureKind
from collector.domain.model import Attachment, Post, PostContent
from storage.contents import content_of
from storage.store import Store
from storage.tables import community_state, post, post_content
from tests.storage.viewing import asked
from tests.storage.worlds import DAY, HOUR, NOON, World, failed, read, wall
from tests.storage.worlds import post as a_post

NEWS = PostContent.of("Собрание #Профсоюз", [Attachment.PHOTO, Attachment.POLL, Attachment.PHOTO], "77")
EMPTY = PostContent.of("")


def saying(content: PostContent | None, native_id: str = "10") -> Post:
    return replace(a_post(native_id, NOON - DAY, like_count=1), content=content)


def test_a_post_that_was_not_read_has_no_content_and_an_empty_one_has_an_empty_one(store: Store) -> None:
    world = World(store)
    world.round(read(NOON, wall=wall(saying(None, "10"), saying(EMPTY, "11"), saying(NEWS, "12"))))
    empty, news = world.rows(post_content)
    assert (content_of(empty), content_of(news)) == (EMPTY, NEWS)
    assert (news.read_at, news.run_id, news.hashtags) == (NOON, 1, "#профсоюз")
    shown = asked(
        store, "SELECT post_id, text, attachments, hashtags, reposted_id, text_read_at FROM v_posts"
    )
    names = ("post_id", "text", "attachments", "hashtags", "reposted_id", "text_read_at")
    at = "2026-10-05 15:00:00"
    assert {tuple(row[name] for name in names) for row in shown} == {
        ("10", None, None, None, None, None),
        ("11", "", "", "", None, at),
        ("12", "Собрание #Профсоюз", "photo poll photo", "#профсоюз", "77", at),
    }


def test_content_that_is_read_later_is_written_and_an_edit_replaces_it(store: Store) -> None:
    world = World(store)
    edited = replace(NEWS, text="Собрание переносится", reposted_native_id=None)
    for number, content in enumerate((None, NEWS, None, NEWS, edited)):
        world.round(read(NOON + number * HOUR, wall=wall(saying(content))))
        if number in (1, 3):
            row = world.row(post_content)
            assert (content_of(row), row.read_at, row.run_id) == (NEWS, NOON + HOUR, 2)
    row = world.row(post_content)
    assert (content_of(row), row.read_at, row.run_id) == (edited, NOON + 4 * HOUR, 5)
    assert row.hashtags == ""


def test_each_part_alone_makes_an_edit(store: Store) -> None:
    world = World(store)
    contents = [
        NEWS,
        replace(NEWS, attachments=NEWS.attachments[:2]),
        replace(NEWS, attachments=NEWS.attachments[:2], reposted_native_id=None),
        EMPTY,
    ]
    for number, content in enumerate(contents):
        world.round(read(NOON + number * HOUR, wall=wall(saying(content))))
        assert content_of(world.row(post_content)) == content


def test_a_post_shown_twice_costs_no_batch(store: Store) -> None:
    world = World(store)
    world.round(read(NOON, wall=wall(saying(NEWS), saying(replace(NEWS, text="иначе")))))
    assert world.row(post_content).text == "иначе"


def test_texts_of_strangers_are_stored_as_they_can_be(store: Store) -> None:
    world = World(store)
    hostile = ["a\x00b", "\ud800", "\u202eabc", "'; DROP TABLE post; --", "я" * 10**6, "{1,2}", '"\\N"']
    posts = [saying(PostContent.of(text), str(number)) for number, text in enumerate(hostile)]
    # And one that nobody cleaned.
    posts.append(saying(PostContent("\x00\udfff"), "9"))
    world.round(read(NOON, wall=wall(*posts), site="http://a\x00\ud800"))
    assert len(world.rows(post)) == len(posts)
    kept = {row.native_id: row.text for row in world.rows(post_content)}
    assert kept["0"] == "a\ufffdb"
    assert kept["3"] == "'; DROP TABLE post; --"
    assert len(kept["4"]) == 4000
    assert kept["9"] == "\ufffd\ufffd"
    assert world.row(community_state).site == "http://a\ufffd\ufffd"


def test_what_a_community_offers_is_kept_and_told_in_words(store: Store) -> None:
    world = World(store)
    columns = "SELECT native_id, site, messages, comments FROM v_communities"
    unknown = {"site": None, "messages": None, "comments": None}
    assert asked(store, columns) == [{"native_id": "1", **unknown}]
    world.round(read(NOON, site="https://mgo.ru", are_messages_open=True, are_comments_open=False))
    told = {"native_id": "1", "site": "https://mgo.ru", "messages": "open", "comments": "closed"}
    assert asked(store, columns) == [told]
    world.round(failed(NOON + HOUR, FailureKind.TEMPORARY))
    assert asked(store, columns) == [told], "a look that failed tells nothing of it"
    world.round(read(NOON + 2 * HOUR, site="", are_messages_open=False, are_comments_open=True))
    assert asked(store, columns) == [
        {"native_id": "1", "site": "нет", "messages": "closed", "comments": "open"}
    ]
    world.round(read(NOON + 3 * HOUR))
    assert asked(store, columns) == [{"native_id": "1", **unknown}]

"""VK's answers in the domain's words: recorded ones of all ages, and ones that cannot be true."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.model import Access, Post, Wall
from collector.networks.vk import groups, mapping
from collector.networks.vk.errors import Reaction, reaction_to
from collector.networks.vk.mapping import Unexpected, Unreadable
from tests.networks.vk.conftest import RECORDED

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
T0 = int(NOW.timestamp())
Recorded = Callable[[str], Any]


def _wall(response: Any, owner: int = -1, *, is_whole: bool = True) -> Wall:
    return mapping.wall(
        mapping.page_of_answer(response), owner, NOW, is_whole=is_whole, is_gap_possible=False
    )


def _post(number: int, date: int = T0 - 1000, **more: Any) -> dict[str, Any]:
    return {"id": number, "date": date, "from_id": -1, "owner_id": -1, "post_type": "post", **more}


# Recorded answers

WALLS = {
    "ArticleAttachement": [(4284, 1541606880, False, 30, 17, 5, 3002)],
    "Get_Document_NormalCase": [(1261, 1383978467, False, 7, 0, 0, None)],
    "Get_ExtendedVersion_GenerateOutParametersCorrectly": [(41, 1394002266, True, 1, 0, 0, None)],
    "Get_Geo_NormalCase": [(1164, 1397915906, True, 1, 0, 0, None)],
    "Get_WithPoll_NormalCase": [(3, 1447252575, False, 0, 0, 0, None)],
    "Get_With_PhotoListAttachment": [(3188, 1359992640, True, 5, 0, 0, None)],
    "GetById_Donut": [(123, 1605698519, False, 0, 0, 0, 9)],
    "GetById_ReturnWallRecords": [(617, 1171758699, False, 2, 0, 0, None)],
    "PodcastAttachment": [(111721, 1588357800, False, 175, 18, 16, 6063)],
}


@pytest.mark.parametrize("name", sorted(path.stem for path in (RECORDED / "walls").iterdir()))
def test_a_recorded_wall_is_read(name: str, recorded: Recorded) -> None:
    response = recorded(f"walls/{name}.json")["response"]
    items = response["items"] if isinstance(response, dict) else response
    wall = _wall(response, items[0]["owner_id"])
    number, date, is_repost, *counts = WALLS[name][0]
    assert wall.posts == (
        Post(
            str(number),
            datetime.fromtimestamp(date, UTC),
            f"https://vk.com/wall{items[0]['owner_id']}_{number}",
            is_repost,
            *counts,
            content=wall.posts[0].content,
        ),
    )
    assert wall.post_count == (response.get("count") if isinstance(response, dict) else None)


def test_recorded_communities_without_followers_are_read(recorded: Recorded) -> None:
    answer = recorded("groups/GetById_Multiple_NormalCaseAllFields_ReturnTwoItems.json")["response"]
    camp, club = (groups.group(part) for part in groups.group_list(answer))
    assert (camp.native_id, camp.screen_name, camp.access) == ("17683660", "club17683660", Access.OPEN)
    assert camp.follower_count is None
    assert (club.native_id, club.access, club.is_member) == ("637247", Access.CLOSED, True)


@pytest.mark.parametrize("name", sorted(path.name for path in (RECORDED / "groups").iterdir()))
def test_each_recorded_answer_about_communities_is_a_list_of_them(name: str, recorded: Recorded) -> None:
    parts = groups.group_list(recorded(f"groups/{name}")["response"])
    assert [groups.group(part).native_id for part in parts] == [str(part["id"]) for part in parts]


def test_each_recorded_error_has_its_class(recorded: Recorded) -> None:
    classes = {
        int(path.stem): reaction_to(int(path.stem), recorded(f"errors/{path.name}")["error"]["error_msg"])
        for path in (RECORDED / "errors").iterdir()
    }
    assert classes == {
        1: Reaction.RETRY,
        5: Reaction.TOKEN_REFUSED,
        7: Reaction.PERMISSION_MISSING,
        12: Reaction.OUR_BUG,
        14: Reaction.CAPTCHA,
        15: Reaction.TARGET,
        17: Reaction.TOKEN_REFUSED,
        100: Reaction.OUR_BUG,
        103: Reaction.QUOTA,
        104: Reaction.TARGET,
        125: Reaction.TARGET,
    }


# What counts


def test_only_the_communitys_own_published_posts_count() -> None:
    items = [
        _post(1),
        _post(2, from_id=77),
        _post(3, marked_as_ads=1),
        _post(4, T0 + 10**6, post_type="postpone"),
        _post(5, T0 + 10**6, post_type="suggest"),
        _post(6, post_type="post_ads"),
        _post(7, post_type="reply"),
        _post(8, is_deleted=True),
        _post(9, post_type="copy"),
        _post(10, copy_history=[{"id": 1}]),
        _post(1),
    ]
    wall = _wall({"count": 11, "items": items})
    assert [(post.native_id, post.is_repost) for post in wall.posts] == [
        ("1", False),
        ("9", True),
        ("10", True),
    ]


def test_a_post_may_be_a_little_ahead_of_our_clock_and_no_more() -> None:
    assert _wall({"count": 1, "items": [_post(1, T0 + 900)]}).posts
    with pytest.raises(Unexpected, match="future"):
        _wall({"count": 1, "items": [_post(1, T0 + 901)]})


def test_a_pinned_post_does_not_prove_what_lies_between() -> None:
    pinned = _post(1, T0 - 10**7, is_pinned=1)
    for first in (pinned, {**pinned, "is_pinned": None}):
        wall = _wall({"count": 50, "items": [first, _post(9, T0 - 10), _post(8, T0 - 20)]}, is_whole=False)
        assert wall.covers_since == NOW - timedelta(seconds=20)
        assert {post.native_id for post in wall.posts} == {"1", "8", "9"}


def test_a_window_of_a_pinned_post_alone_proves_nothing() -> None:
    wall = _wall({"count": 50, "items": [_post(1, T0 - 10**7, is_pinned=1)]}, is_whole=False)
    assert wall.covers_since == NOW


def test_a_postponed_post_has_no_say_in_how_far_a_wall_was_read() -> None:
    items = [_post(9, T0 - 10), _post(8, T0 + 10**6, post_type="postpone")]
    assert _wall({"count": 50, "items": items}, is_whole=False).covers_since == NOW - timedelta(seconds=10)


def test_a_whole_wall_covers_everything() -> None:
    assert _wall({"count": 1, "items": [_post(1)]}).covers_since is None


# What cannot be true

_ABSURD: list[Any] = ["5", 5.0, True, [], {}, -1, 10**10 + 1, float("nan")]


@pytest.mark.parametrize("value", _ABSURD, ids=repr)
@pytest.mark.parametrize("counter", ["likes", "comments", "reposts", "views"])
def test_an_impossible_count_is_no_value(counter: str, value: Any) -> None:
    with pytest.raises(Unexpected):
        _wall({"count": 2, "items": [_post(2), _post(1, **{counter: {"count": value}})]})


@pytest.mark.parametrize("value", [*_ABSURD, None, 0], ids=repr)
@pytest.mark.parametrize("key", ["id", "date"])
def test_a_post_without_a_possible_id_and_date_is_none(key: str, value: Any) -> None:
    with pytest.raises(Unexpected):
        _wall({"count": 1, "items": [{**_post(1), key: value}]})


@pytest.mark.parametrize("value", [*_ABSURD, None], ids=repr)
def test_impossible_followers_are_no_value(value: Any) -> None:
    part = {"id": 1, "name": "Профком", "screen_name": "club1", "is_closed": 0, "members_count": value}
    if value is None:
        assert groups.group(part).follower_count is None
    else:
        with pytest.raises(Unexpected):
            groups.group(part)


@pytest.mark.parametrize(
    "change",
    [
        {"is_closed": 3},
        {"is_closed": True},
        {"is_closed": "0"},
        {"name": 5},
        {"screen_name": []},
        {"id": "1"},
    ],
    ids=str,
)
def test_an_impossible_community_is_none(change: dict[str, Any]) -> None:
    with pytest.raises(Unexpected):
        groups.group({"id": 1, "name": "Профком", "screen_name": "club1", "is_closed": 0, **change})


@pytest.mark.parametrize(
    ("told", "offers"),
    [
        ({}, (None, None, None)),
        ({"site": "", "can_message": 0, "wall": 0}, ("", False, False)),
        ({"site": " https://mgo.ru ", "can_message": 1, "wall": 1}, ("https://mgo.ru", True, True)),
        ({"can_message": True, "wall": 2}, (None, True, True)),
        ({"can_message": False, "wall": 3}, (None, False, False)),
        # Odd values of what is told beside the followers are unknown, and cost nothing else.
        ({"site": 7, "can_message": 2, "wall": 4}, (None, None, None)),
        ({"site": ["x"], "can_message": "1", "wall": "1"}, (None, None, None)),
        ({"site": "я\x00\ud800\u202e" * 1000}, ("я\ufffd\ufffd" * 166 + "я…", None, None)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_a_community_offers_is_told_or_unknown(told: dict[str, Any], offers: tuple[Any, ...]) -> None:
    group = groups.group({"id": 1, "name": "Профком", "members_count": 5, **told})
    assert (group.site, group.are_messages_open, group.are_comments_open) == offers
    assert group.follower_count == 5


def test_an_unknown_deactivation_is_not_guessed() -> None:
    with pytest.raises(Unexpected):
        groups.deactivated({"id": 1, "deactivated": "sleeping"})


def test_a_post_of_another_wall_is_not_taken() -> None:
    with pytest.raises(Unexpected, match="another wall"):
        mapping.page_of_answer({"count": 1, "items": [_post(1, owner_id=-2)]}, -1)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_PATHS = st.lists(
    st.sampled_from(["count", "items", "i", "d", "f", "t", "c", "l", "n", "id", "date", "likes", 0, 1]),
    max_size=3,
)


@given(_JSON, _PATHS)
def test_any_garbage_is_a_wall_or_unexpected(garbage: Any, path: list[Any]) -> None:
    whole = {"count": 2, "items": [_post(2, likes={"count": 1}), _post(1)]}
    columns = {"o": "-1", "n": 2, "i": [2, 1], "d": [T0 - 1, T0 - 2], "f": [-1, -1], "t": ["post", None]}
    for answer, read in ((whole, mapping.page_of_answer), (columns, mapping.page_of_columns)):
        broken = _planted(deepcopy(answer), path, garbage)
        if read is mapping.page_of_columns and not isinstance(broken, dict):
            continue
        try:
            page = read(broken)
            wall = mapping.wall(page, -1, NOW, is_whole=False, is_gap_possible=False)
        except (Unexpected, Unreadable):
            continue
        assert all(type(post.like_count) in (int, type(None)) for post in wall.posts)


@given(_JSON)
def test_any_garbage_is_a_community_or_unexpected(garbage: Any) -> None:
    for read in (groups.group_list, groups.resolved):
        try:
            read(garbage)
        except Unexpected:
            continue
    for key in (
        "id",
        "name",
        "screen_name",
        "is_closed",
        "members_count",
        "wall",
        "is_member",
        "fixed_post",
        "site",
    ):
        try:
            groups.group({"id": 1, "name": "Профком", key: garbage})
        except Unexpected:
            continue


def _planted(tree: Any, path: list[Any], value: Any) -> Any:
    if not path:
        return value
    head, *rest = path
    if isinstance(tree, dict):
        tree[head] = _planted(tree.get(head), rest, value)
    elif isinstance(tree, list) and isinstance(head, int) and head < len(tree):
        tree[head] = _planted(tree[head], rest, value)
    return tree


# What our script gives


def _columns(**more: Any) -> dict[str, Any]:
    size = 2
    flat = {letter: [None] * size for letter in "ftaxclmrv"}
    return {"o": "-1", "n": 40, "i": [2, 1], "d": [T0 - 1, T0 - 2], **flat, **more}


def test_columns_and_posts_say_the_same() -> None:
    items = [
        _post(2, T0 - 1, likes={"count": 3}, views={"count": 9}, copy_history=[{"id": 5}]),
        _post(1, T0 - 2, comments={"count": 0}, marked_as_ads=0),
    ]
    columns = _columns(
        f=[-1, -1],
        t=["post", "post"],
        l=[{"count": 3}, None],
        v=[{"count": 9}, None],
        c=[[{"id": 5}], None],
        m=[None, {"count": 0}],
    )
    of_columns = mapping.wall(
        mapping.page_of_columns(columns), -1, NOW, is_whole=False, is_gap_possible=False
    )
    assert of_columns == _wall({"count": 40, "items": items}, is_whole=False)


@pytest.mark.parametrize("empty", [[], None])
def test_a_field_that_no_post_has_may_come_as_nothing(empty: Any) -> None:
    page = mapping.page_of_columns(_columns(v=empty, c=empty, a=empty))
    assert page.columns["v"] == [None, None]


def test_a_counter_of_another_shape_is_no_count() -> None:
    for odd in (7, "7", [7], True):
        with pytest.raises(Unexpected):
            mapping.page_of_columns(_columns(l=[odd, None]))


@pytest.mark.parametrize("change", [{"v": [1]}, {"i": None}, {"d": [T0]}, {"d": []}, {"l": 7}], ids=str)
def test_columns_that_do_not_fit_together_are_not_guessed_at(change: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        mapping.page_of_columns(_columns(**change))


def test_an_empty_wall_is_empty() -> None:
    for nothing in ([], None):
        columns = dict.fromkeys("idftaxclmrv", nothing)
        page = mapping.page_of_columns({"o": "-1", "n": 0, **columns})
        assert (page.size, page.total) == (0, 0)


def test_pages_that_overlap_give_each_post_once() -> None:
    first = mapping.page_of_answer({"count": 4, "items": [_post(4), _post(3)]})
    second = mapping.page_of_answer({"count": 5, "items": [_post(3), _post(2)]})
    both = mapping.joined(first, second)
    assert (both.columns["i"], both.total) == ([4, 3, 2], 5)

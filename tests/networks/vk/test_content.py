"""What a post on VK says and shows, recorded and made up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.domain.model import MOST_ATTACHMENTS, PostContent
from collector.networks.vk.content import contents_of


def of(**post: Any) -> PostContent | None:
    return contents_of([{"id": 1, "text": "Собрание", **post}]).get(1)


def kinds(*attached: Any) -> list[str]:
    content = of(attachments=list(attached))
    assert content is not None
    return list(content.attachments)


@pytest.mark.parametrize(
    ("name", "attachments", "reposted"),
    [
        ("ArticleAttachement", ["article"], None),
        ("Get_Document_NormalCase", ["document"], None),
        ("Get_ExtendedVersion_GenerateOutParametersCorrectly", [], "29246653"),
        ("Get_Geo_NormalCase", [], "42895313"),
        ("Get_With_PhotoListAttachment", [], None),  # passes on a person's post
        ("GetById_Donut", [], None),
        ("PodcastAttachment", ["photo", "audio"], None),
    ],
)
def test_recorded_posts(
    name: str, attachments: list[str], reposted: str | None, recorded: Callable[[str], Any]
) -> None:
    response = recorded(f"walls/{name}.json")["response"]
    (post,) = response["items"] if isinstance(response, dict) else response
    (content,) = contents_of([post]).values()
    assert (list(content.attachments), content.reposted_native_id) == (attachments, reposted)
    assert content.text == post["text"]


def test_a_video_is_told_from_another_platforms_player() -> None:
    ours, theirs = {"id": 1}, {"id": 2, "platform": "YouTube"}
    assert kinds({"type": "video", "video": ours}, {"type": "video", "video": theirs}) == [
        "video",
        "video_link",
    ]
    assert kinds({"type": "clip", "clip": ours}) == ["video"]


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://vk.com/@mgoprof-novosti", "article"),
        ("https://m.vk.com/@mgoprof-novosti", "article"),
        ("https://vk.ru/@mgoprof-novosti", "article"),
        ("https://vk.com/mgoprof", "link"),
        ("https://mgoprof.ru/?from=https://vk.com/@x", "link"),
        (None, "link"),
    ],
)
def test_an_article_may_come_as_a_link(url: str | None, kind: str) -> None:
    assert kinds({"type": "link", "link": {"url": url}}) == [kind]


def test_kinds_keep_their_order_and_number_and_unknown_ones_are_other() -> None:
    told = ["photo", "poll", "photo", "market", "doc", "album", "event", "podcast", "situational_theme"]
    assert kinds(*({"type": word, word: {}} for word in told)) == [
        *("photo", "poll", "photo", "other", "document", "album", "event", "audio", "other")
    ]
    assert kinds({"type": 7}, "photo", {}, {"type": "video"}) == ["other", "other", "other", "video"]
    assert len(kinds(*[{"type": "photo"}] * 10_000)) == MOST_ATTACHMENTS


def test_what_is_hidden_or_odd_is_unknown_not_empty() -> None:
    assert of(attachments=None) == PostContent("Собрание")
    assert of(donut={"is_donut": True}) == PostContent("Собрание")
    assert of(donut={"is_donut": True, "placeholder": {"text": "Для донов"}}) is None
    assert of(text=None) is None
    assert of(attachments="photo") is None
    assert contents_of([{"id": "1", "text": ""}, 7, None]) == {}
    for odd in (None, 7, "нет", {"id": 1, "text": ""}):
        assert contents_of(odd) == {}


@pytest.mark.parametrize("owner", [None, "-5", 5, True, 0, 1.5])
def test_only_a_communitys_post_is_passed_on_with_its_id(owner: Any) -> None:
    content = of(copy_history=[{"id": 1, "owner_id": owner}])
    assert content == PostContent("Собрание")
    content = of(copy_history=[{"id": 1, "owner_id": -5}, {"id": 2, "owner_id": -6}])
    assert content == PostContent("Собрание", (), "5")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {"text": st.text() | _JSON},
        optional={
            "attachments": _JSON | st.lists(st.fixed_dictionaries({"type": _JSON, "video": _JSON})),
            "copy_history": _JSON | st.lists(st.fixed_dictionaries({"owner_id": _JSON})),
            "donut": _JSON,
        },
    )
)
def test_any_garbage_is_content_or_unknown(post: dict[str, Any]) -> None:
    content = of(**post)
    assert content is None or isinstance(content.text.encode(), bytes)

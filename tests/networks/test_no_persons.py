"""Followers, commenters and signers are counted and never named: neither asked for, nor kept if they come all the same.

SECURITY.md says so to those who answer for personal data.
"""

from __future__ import annotations

import pytest

from collector.domain.model import Reading
from collector.sandbox import Fault
from tests.networks.harness import Bench, FacebookBench, VkBench

PERSON = 424_242_424
NAME = "Мария Подписчица"
_PEOPLE = [{"id": str(PERSON), "name": NAME, "from": {"id": str(PERSON), "name": NAME}, "message": NAME}]


def _told_of_persons(bench: Bench, *faults: Fault) -> str:
    """What a look gives where each post names a person in these places; more than the network was asked for."""
    for fault in faults:
        bench.sandbox.faults.add(fault)
    outcomes = list(bench.read().values())
    assert len(outcomes) == 6
    for outcome in outcomes:
        assert isinstance(outcome, Reading)
        assert outcome.wall is not None
        assert outcome.wall.posts
    return repr(outcomes)


@pytest.mark.parametrize("place", ["signer_id", "created_by", "likes.friends", "comments.list", "profiles"])
def test_nobody_who_stands_at_a_post_on_vk(place: str) -> None:
    with VkBench() as bench:
        value = PERSON if place in ("signer_id", "created_by") else _PEOPLE
        told = _told_of_persons(bench, Fault("set", method="wall.get", path=f"items.*.{place}", value=value))
    assert str(PERSON) not in told
    assert NAME not in told


def test_no_person_whose_post_is_passed_on_on_vk() -> None:
    original = [{"id": 1, "owner_id": PERSON, "from_id": PERSON, "date": 1, "text": NAME}]
    with VkBench() as bench:
        told = _told_of_persons(
            bench, Fault("set", method="wall.get", path="items.*.copy_history", value=original)
        )
    assert "is_repost=True" in told
    assert str(PERSON) not in told
    assert NAME not in told


@pytest.mark.parametrize("place", ["reactions.data", "comments.data", "tagged", "story_tags"])
def test_nobody_who_stands_at_a_post_on_facebook(place: str) -> None:
    with FacebookBench() as bench:
        path = f"published_posts.data.*.{place}"
        told = _told_of_persons(bench, Fault("set", method="page", path=path, value=_PEOPLE))
    assert str(PERSON) not in told
    assert NAME not in told


def test_only_counts_are_asked_for() -> None:
    with VkBench() as vk, FacebookBench() as facebook:
        vk.read()
        facebook.read()
        of_vk, of_facebook = list(vk.sandbox.requests), list(facebook.sandbox.requests)
    asked = {method for request in of_vk for method in (request.method, *request.inner_methods)}
    assert asked <= {"groups.getById", "utils.resolveScreenName", "wall.get", "execute"}
    assert not any("extended" in str(request.parameters) for request in of_vk)
    batches = " ".join(str(request.parameters) for request in of_facebook)
    for what in ("reactions", "comments"):
        assert batches.count(what) == batches.count(f"{what}.limit%280%29.summary%28total_count%29") > 0

"""What the sandbox's posts say and show: of every kind, and determined by the seed."""

from __future__ import annotations

from collections import Counter

from collector.domain.hashtags import hashtags
from collector.domain.model import Attachment, PostContent
from collector.sandbox import LIVELY_PLAN, SandboxClock, SandboxCommunity, World
from collector.sandbox.contents import BUNDLES
from collector.sandbox.model import PostKind


def _contents(seed: int = 7) -> list[tuple[PostKind, PostContent]]:
    declared = [SandboxCommunity("vk", str(100 + place)) for place in range(6)]
    world = World(declared, seed=seed, clock=SandboxClock(speed=0), plan=LIVELY_PLAN)
    return [
        (facts.kind, world.content("vk", str(100 + place), facts))
        for place in range(6)
        for facts in world.truth("vk", str(100 + place)).counted_posts
    ]


def test_posts_have_attachments_of_every_kind_and_none() -> None:
    assert {kind for bundle in BUNDLES for kind in bundle} == set(Attachment) - {Attachment.OTHER}
    assert () in BUNDLES


def test_texts_have_hashtags_and_lack_them() -> None:
    tagged = Counter(bool(hashtags(said.text)) for kind, said in _contents() if kind is PostKind.OWN)
    assert min(tagged[True], tagged[False]) > 20


def test_reposts_are_of_this_worlds_communities_of_others_and_of_people() -> None:
    reposts = [said for kind, said in _contents() if kind is PostKind.REPOST]
    ours = {str(100 + place) for place in range(6)}
    whose = Counter(
        "a person's" if said.reposted_native_id is None else said.reposted_native_id in ours
        for said in reposts
    )
    assert whose.keys() == {"a person's", True, False}
    assert {bool(said.text) for said in reposts} == {True, False}
    assert not any(said.attachments for said in reposts)
    assert all(said.reposted_native_id is None for kind, said in _contents() if kind is PostKind.OWN)


def test_the_seed_determines_them() -> None:
    assert _contents() == _contents()
    assert _contents(8) != _contents()

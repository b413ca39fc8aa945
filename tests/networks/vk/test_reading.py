"""A round against the sandbox: how few requests it takes, and what comes of what goes wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from collector.domain.errors import FailureKind
from collector.domain.model import Access, CommunityToRead, Failure, Outcome, Reading
from collector.domain.redaction import token_key
from collector.sandbox import Fault, SandboxCommunity, VkToken
from tests.networks.harness import VK_TOKEN, VkBench
from tests.networks.leaks import leaks

Start = Callable[..., VkBench]


def _methods(bench: VkBench) -> dict[str, int]:
    return dict(Counter(request.method for request in bench.sandbox.requests))


def _wall_kind(outcome: Outcome) -> FailureKind | None:
    assert isinstance(outcome, Reading), outcome
    assert (outcome.wall is None) == (outcome.wall_failure is not None)
    return outcome.wall_failure.kind if outcome.wall_failure else None


def _kind(outcome: Outcome) -> FailureKind | None:
    return outcome.kind if isinstance(outcome, Failure) else _wall_kind(outcome)


def _kinds(outcomes: dict[int, Outcome]) -> Counter[FailureKind | None]:
    return Counter(map(_kind, outcomes.values()))


# How few requests


def test_743_communities_take_32_requests(bench: Start) -> None:
    union = bench(743)
    outcomes = union.read(wall_window=2, first_wall_window=2)
    assert _kinds(outcomes) == {None: 743}
    assert _methods(union) == {"groups.getById": 2, "execute": 30}


def test_names_and_ids_share_the_lookup(bench: Start) -> None:
    union = bench(3)
    union.world.rename("vk", "1001", "profsouz.vao")
    targets = [
        union.target(0),
        CommunityToRead(1, "vk", None, "Profsouz.VAO"),
        CommunityToRead(2, "vk", None, "public1002"),
    ]
    outcomes = union.read(targets)
    assert [outcome.native_id for _, outcome in sorted(outcomes.items()) if isinstance(outcome, Reading)] == [
        "1000",
        "1001",
        "1002",
    ]
    assert _methods(union) == {"groups.getById": 1, "execute": 1}


def test_walls_that_are_not_due_are_not_read(bench: Start) -> None:
    union = bench(4)
    outcomes = union.read(union.targets(wants_wall=False))
    assert all(
        isinstance(o, Reading) and o.wall is None and o.wall_failure is None for o in outcomes.values()
    )
    assert _methods(union) == {"groups.getById": 1}
    assert not union.ledger.used


def test_the_same_community_twice_gets_an_outcome_each(bench: Start) -> None:
    union = bench(1)
    outcomes = union.read([union.target(0), union.target(0, community_id=7)])
    assert sorted(outcomes) == [0, 7]
    assert replace(outcomes[7], community_id=0) == outcomes[0]


# Who is not there


@pytest.mark.parametrize("unknown_in_batch", ["omit", "fail"])
def test_unknown_ones_are_told_apart_from_the_others(bench: Start, unknown_in_batch: str) -> None:
    union = bench(8, unknown_in_batch=unknown_in_batch)
    unknown = [CommunityToRead(90, "vk", "999999", None), CommunityToRead(91, "vk", None, "nobody_has_this")]
    outcomes = union.read([*union.targets()[:5], *unknown, *union.targets()[5:]])
    for place in (90, 91):
        gone = outcomes.pop(place)
        assert isinstance(gone, Failure)
        assert (gone.kind, gone.access, gone.is_certain) == (FailureKind.MISSING, Access.MISSING, False)
        # The same request gave the others, so the token sees what is there: once is enough.
        assert gone.confirmations == 1
    assert _kinds(outcomes) == {None: 8}
    assert _methods(union)["utils.resolveScreenName"] == 1


@pytest.mark.parametrize("unknown_in_batch", ["omit", "fail"])
def test_a_persons_page_is_told_as_such(bench: Start, unknown_in_batch: str) -> None:
    class WithPerson(VkBench):
        def declared(self, place: int) -> SandboxCommunity:
            made = super().declared(place)
            return replace(made, screen_name="ivan_petrov", is_person=True) if place == 2 else made

    with WithPerson(4, unknown_in_batch=unknown_in_batch) as union:
        outcomes = union.read(
            [union.target(place, native_id=None if place == 2 else str(1000 + place)) for place in range(4)]
        )
    person = outcomes.pop(2)
    assert isinstance(person, Failure)
    assert person.kind is FailureKind.NOT_A_COMMUNITY
    assert "ivan_petrov" in person.detail
    assert _kinds(outcomes) == {None: 3}


def test_a_name_that_only_resolving_knows_is_read_by_its_id(bench: Start) -> None:
    union = bench(2)
    union.world.rename("vk", "1001", "new_name")
    # groups.getById leaves it out once; utils.resolveScreenName leads to the id.
    union.sandbox.faults.add(Fault("set", method="groups.getById", path="groups", value=[], times=1))
    outcome = union.read([CommunityToRead(1, "vk", None, "new_name")])[1]
    assert isinstance(outcome, Reading)
    assert (outcome.native_id, outcome.wall_failure) == ("1001", None)
    assert _methods(union) == {"groups.getById": 2, "utils.resolveScreenName": 1, "wall.get": 1}


@pytest.mark.parametrize(
    ("access", "kind"), [(Access.CLOSED, FailureKind.CLOSED), (Access.PRIVATE, FailureKind.PRIVATE)]
)
def test_a_closed_communitys_wall_costs_no_quota(bench: Start, access: Access, kind: FailureKind) -> None:
    union = bench(2)
    union.world.set_access("vk", "1001", access)
    outcome = union.read()[1]
    assert isinstance(outcome, Reading)
    assert outcome.wall_failure is not None
    assert (outcome.access, outcome.wall_failure.kind, outcome.wall_failure.access) == (access, kind, access)
    assert outcome.wall_failure.is_certain
    assert union.ledger.used.total() == 1


def test_a_member_tries_a_closed_communitys_wall(bench: Start) -> None:
    union = bench(1)
    union.sandbox.faults.add(Fault("set", method="groups.getById", path="groups.0.is_closed", value=1))
    union.sandbox.faults.add(Fault("set", method="groups.getById", path="groups.0.is_member", value=1))
    outcome = union.read()[0]
    assert isinstance(outcome, Reading)
    assert outcome.access is Access.CLOSED
    assert outcome.wall is not None


def test_a_wall_that_is_switched_off_is_not_read(bench: Start) -> None:
    union = bench(2)
    union.world.change("vk", "1000", "wall", False)
    outcomes = union.read()
    assert _kind(outcomes[0]) is FailureKind.WALL_DISABLED
    assert union.ledger.used.total() == 1


# Errors of walls

TARGET_ERRORS = {
    (15, "Access denied: wall is disabled"): FailureKind.WALL_DISABLED,
    (15, "Access denied: this wall available only for community members"): FailureKind.CLOSED,
    (15, "Access denied"): FailureKind.WALL_DISABLED,
    (18, None): FailureKind.DELETED,
    (19, None): FailureKind.BANNED,
    (30, None): FailureKind.PRIVATE,
    (203, None): FailureKind.CLOSED,
    (212, None): FailureKind.MISSING,
    (100, None): FailureKind.REQUEST_REJECTED,
    (7, None): FailureKind.PERMISSION_MISSING,
    (10, None): FailureKind.TEMPORARY,
    (4242, None): FailureKind.REQUEST_REJECTED,
}


@pytest.mark.parametrize("doubles", [False, True], ids=["once", "doubled"])
@pytest.mark.parametrize("count", [1, 6], ids=["direct", "execute"])
@pytest.mark.parametrize("error", TARGET_ERRORS, ids=str)
def test_an_error_of_a_wall_is_its_communitys_alone(
    bench: Start, error: tuple[int, str | None], count: int, doubles: bool
) -> None:
    union = bench(count, doubles_execute_errors=doubles)
    code, message = error
    union.sandbox.faults.add(Fault("error", method="wall.get", community="1000", code=code, message=message))
    outcomes = union.read()
    hurt = outcomes.pop(0)
    assert _kind(hurt) is TARGET_ERRORS[error]
    assert isinstance(hurt, Reading)
    assert hurt.wall_failure is not None
    assert hurt.follower_count is not None
    if TARGET_ERRORS[error] is not FailureKind.TEMPORARY:
        assert not hurt.wall_failure.is_certain
    assert _kinds(outcomes) == Counter({None: count - 1} if count > 1 else {})


@pytest.mark.parametrize("doubles", [False, True], ids=["once", "doubled"])
def test_each_failed_wall_gets_its_own_error(bench: Start, doubles: bool) -> None:
    union = bench(10, doubles_execute_errors=doubles)
    for place, code in ((2, 19), (5, 203), (7, 18)):
        union.sandbox.faults.add(Fault("error", method="wall.get", community=str(1000 + place), code=code))
    outcomes = union.read()
    found = {place: _kind(outcome) for place, outcome in outcomes.items() if _kind(outcome)}
    assert found == {2: FailureKind.BANNED, 5: FailureKind.CLOSED, 7: FailureKind.DELETED}
    assert _methods(union) == {"groups.getById": 1, "execute": 1}


def test_where_errors_and_walls_do_not_match_each_is_asked_directly(bench: Start) -> None:
    union = bench(6)
    for place in (1, 4):
        union.sandbox.faults.add(Fault("error", method="wall.get", community=str(1000 + place), code=19))
    # A wall that vanishes from the answer: two errors for three walls.
    union.sandbox.faults.add(Fault("set", method="execute", path="response.3", value=False))
    outcomes = union.read()
    assert {place for place, outcome in outcomes.items() if _kind(outcome) is FailureKind.BANNED} == {1, 4}
    assert _kinds(outcomes)[None] == 4
    assert _methods(union) == {"groups.getById": 1, "execute": 1, "wall.get": 3}


def test_an_answer_without_any_wall_is_asked_for_directly(bench: Start) -> None:
    union = bench(3)
    union.sandbox.faults.add(Fault("null_response", method="execute"))
    assert _kinds(union.read()) == {None: 3}
    assert _methods(union)["wall.get"] == 3


@pytest.mark.parametrize("value", [5, {}, [[]], [None, {"o": "-77", "n": 0, "i": []}]], ids=str)
def test_what_is_not_our_scripts_answer_is_asked_for_directly(bench: Start, value: object) -> None:
    union = bench(3)
    union.sandbox.faults.add(Fault("set", method="execute", path="response", value=value))
    assert _kinds(union.read()) == {None: 3}


def test_columns_that_do_not_fit_are_asked_for_directly(bench: Start) -> None:
    union = bench(3)
    union.sandbox.faults.add(Fault("set", method="execute", path="response.1.v", value=[1]))
    outcomes = union.read()
    assert _kinds(outcomes) == {None: 3}
    assert _methods(union)["wall.get"] == 1


# Too large, and not allowed


def test_too_large_an_answer_is_halved(bench: Start) -> None:
    union = bench(25)
    union.sandbox.faults.add(Fault("too_big", method="execute", value=10))
    assert _kinds(union.read()) == {None: 25}
    # 25 fail, 12 and 13 fail, then 6, 6, 6 and 7.
    assert _methods(union) == {"groups.getById": 1, "execute": 7}


def test_too_large_at_any_size_ends_with_direct_reads(bench: Start) -> None:
    union = bench(4)
    union.sandbox.faults.add(Fault("too_big", method="execute", value=1))
    assert _kinds(union.read()) == {None: 4}
    assert _methods(union) == {"groups.getById": 1, "execute": 3, "wall.get": 4}


def test_a_servers_fault_on_a_large_question_halves_it(bench: Start) -> None:
    union = bench(8)
    union.sandbox.faults.add(Fault("http_status", method="execute", status=500, times=3))
    assert _kinds(union.read()) == {None: 8}
    assert _methods(union) == {"groups.getById": 1, "execute": 5}


def test_too_many_operations_make_smaller_questions_for_good(bench: Start) -> None:
    union = bench(50)
    message = "Runtime error occurred during code invocation: too many operations"
    # The first of them are answered by asking no more what posts contain.
    union.sandbox.faults.add(Fault("error", method="execute", code=13, message=message, times=3))
    assert _kinds(union.read()) == {None: 50}
    sizes = [len(request.inner_methods) for request in union.sandbox.requests if request.method == "execute"]
    # Two were under way before the first answer, and as many after it.
    assert sum(size > 13 for size in sizes) <= 4


def test_a_token_that_may_not_execute_reads_directly_and_is_remembered(bench: Start) -> None:
    union = bench(5, vk_tokens=[VkToken(VK_TOKEN, may_execute=False, requests_per_second=None)])
    adapter = union.adapter()
    for _ in range(2):
        assert _kinds({o.community_id: o for o in adapter.read(union.targets())}) == {None: 5}
    assert _methods(union) == {"groups.getById": 2, "execute": 1, "wall.get": 10}
    assert union.ledger.used.total() == 10


def test_a_script_that_does_not_compile_is_read_around(bench: Start) -> None:
    union = bench(5)
    union.sandbox.faults.add(Fault("error", method="execute", code=12))
    assert _kinds(union.read()) == {None: 5}
    # Once more, as what it asks of posts may be at fault.
    assert _methods(union) == {"groups.getById": 1, "execute": 2, "wall.get": 5}


def test_a_communitys_token_reads_followers_and_says_that_it_cannot_read_walls(bench: Start) -> None:
    union = bench(3, vk_tokens=[VkToken(VK_TOKEN, kind="group", requests_per_second=None)])
    assert _kinds(union.read()) == {FailureKind.TOKEN_WRONG_KIND: 3}
    assert _methods(union)["groups.getById"] == 1


# The network's bad days


def test_passing_errors_inside_execute_are_tried_again(bench: Start) -> None:
    union = bench(5)
    union.sandbox.faults.add(Fault("error", method="wall.get", community="1002", code=6, times=2))
    assert _kinds(union.read()) == {None: 5}


def test_garbage_that_concerns_one_lookup_is_narrowed_down_to_it(bench: Start) -> None:
    union = bench(30)
    union.sandbox.faults.add(Fault("html", method="groups.getById", community="1011"))
    outcomes = union.read()
    assert _kinds(outcomes) == {FailureKind.UNEXPECTED_RESPONSE: 1, None: 29}
    assert isinstance(outcomes[11], Failure)


def test_communities_without_an_id_in_the_answer_are_unexpected_not_missing(bench: Start) -> None:
    union = bench(3)
    union.sandbox.faults.add(Fault("set", method="groups.getById", path="groups.1.id", value="1001"))
    outcomes = union.read()
    assert _kinds(outcomes) == {FailureKind.UNEXPECTED_RESPONSE: 1, None: 2}
    assert _kind(outcomes[1]) is FailureKind.UNEXPECTED_RESPONSE


def test_a_dead_network_is_not_asked_for_each_community(bench: Start) -> None:
    union = bench(1000)
    union.sandbox.faults.add(Fault("cut_before"))
    outcomes = union.read(union.target(place % 1000, community_id=place) for place in range(20_000))
    assert _kinds(outcomes) == {FailureKind.TEMPORARY: 20_000}
    # Without an end to it there would be 120: 40 lookups, three attempts each.
    assert len(union.sandbox.requests) < 80


def test_a_wall_that_shows_none_of_its_posts_is_unexpected(bench: Start) -> None:
    union = bench(2)
    union.sandbox.faults.add(Fault("set", method="wall.get", community="1001", path="items", value=[]))
    outcomes = union.read()
    assert _kind(outcomes[1]) is FailureKind.UNEXPECTED_RESPONSE
    assert _kind(outcomes[0]) is None


# Quota

SECOND = "vk1.a.second-planted-token"


def _two_tokens(bench: Start, count: int, **of_second: object) -> VkBench:
    tokens = [
        VkToken(VK_TOKEN, requests_per_second=None, daily_wall_reads=None),
        VkToken(SECOND, requests_per_second=None, **{"daily_wall_reads": None, **of_second}),  # type: ignore[arg-type]
    ]
    made = bench(count, vk_tokens=tokens)
    made.secrets = (VK_TOKEN, SECOND)
    return made


def test_the_quota_goes_to_the_most_urgent(bench: Start) -> None:
    union = bench(60)
    outcomes = union.read(daily_wall_reads=35)
    assert [place for place, outcome in sorted(outcomes.items()) if _kind(outcome) is None] == list(range(35))
    assert _kinds(outcomes) == {None: 35, FailureKind.QUOTA_SPENT: 25}
    assert union.ledger.used[token_key(VK_TOKEN)] == 35
    assert all(isinstance(outcome, Reading) and outcome.follower_count for outcome in outcomes.values())


def test_the_ledger_is_asked_by_the_iterating_thread_alone(bench: Start) -> None:
    union = bench(60)
    union.read()
    assert union.ledger.threads == {threading.get_ident()}


@pytest.mark.parametrize("method", ["wall.get", "execute"])
def test_vks_own_word_that_the_quota_is_spent_is_believed(bench: Start, method: str) -> None:
    union = bench(40)
    union.sandbox.faults.add(Fault("error", method=method, code=29))
    outcomes = union.read()
    assert _kinds(outcomes) == {FailureKind.QUOTA_SPENT: 40}
    assert _methods(union)["execute"] <= 2


def test_after_vks_word_walls_rest_for_half_an_hour_and_followers_do_not(bench: Start) -> None:
    union = bench(40)
    adapter = union.adapter()
    union.sandbox.faults.add(Fault("error", method="execute", code=29))
    list(adapter.read(union.targets()))
    union.sandbox.faults.clear()
    asked = _methods(union)["execute"]
    resting = list(adapter.read(union.targets()))
    assert _methods(union)["execute"] == asked
    assert {outcome.follower_count is not None for outcome in resting} == {True}
    assert "asked for again after 09:30 UTC" in resting[0].wall_failure.detail
    union.clock.advance(timedelta(minutes=30))
    assert all(outcome.wall is not None for outcome in adapter.read(union.targets()))


def test_a_spent_quota_moves_the_work_to_another_token(bench: Start) -> None:
    union = _two_tokens(bench, 40, daily_wall_reads=10)
    assert _kinds(union.read()) == {None: 40}
    assert union.ledger.used[token_key(VK_TOKEN)] >= 25


def test_a_spent_quota_of_lookups_is_told_as_such(bench: Start) -> None:
    union = bench(3)
    union.sandbox.faults.add(Fault("error", method="groups.getById", code=29))
    assert _kinds(union.read()) == {FailureKind.QUOTA_SPENT: 3}


def test_what_was_reserved_and_not_sent_is_given_back(bench: Start) -> None:
    union = bench(200)
    union.sandbox.faults.add(Fault("error", code=5, skip=3))
    union.read()
    executed = sum(len(request.inner_methods) for request in union.sandbox.requests if request.status == 200)
    assert union.ledger.used[token_key(VK_TOKEN)] == executed


# Several tokens


def test_tokens_share_the_work(bench: Start) -> None:
    union = _two_tokens(bench, 300)
    assert _kinds(union.read()) == {None: 300}
    by_token = Counter(request.token_ending for request in union.sandbox.requests)
    assert min(by_token.values()) >= 4


@pytest.mark.parametrize("code", [5, 9, 14, 27])
def test_a_token_that_dies_in_the_middle_leaves_its_work_to_the_other(bench: Start, code: int) -> None:
    union = _two_tokens(bench, 300)
    union.sandbox.faults.add(Fault("error", token=SECOND, code=code, skip=3))
    outcomes = union.read()
    assert _kinds(outcomes) == {None: 300}
    assert leaks(outcomes, union.secrets) == []


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (5, FailureKind.TOKEN_REFUSED),
        (17, FailureKind.TOKEN_REFUSED),
        (3610, FailureKind.TOKEN_REFUSED),
        (14, FailureKind.CAPTCHA),
        (3300, FailureKind.CAPTCHA),
        (9, FailureKind.RATE_LIMITED),
        (1051, FailureKind.TOKEN_WRONG_KIND),
        (7, FailureKind.PERMISSION_MISSING),
    ],
)
def test_where_no_token_is_left_each_is_named(bench: Start, code: int, kind: FailureKind) -> None:
    union = _two_tokens(bench, 5)
    union.sandbox.faults.add(Fault("error", code=code))
    outcomes = union.read()
    assert _kinds(outcomes) == {kind: 5}
    assert isinstance(outcomes[0], Failure)
    assert "#1 (…oken)" in outcomes[0].detail
    assert "#2 (…oken)" in outcomes[0].detail
    assert len(union.sandbox.requests) == 2


def test_a_token_that_dies_after_the_lookup_leaves_the_followers_read(bench: Start) -> None:
    union = bench(5)
    union.sandbox.faults.add(Fault("error", code=5, skip=1))
    outcomes = union.read()
    assert _kinds(outcomes) == {FailureKind.TOKEN_REFUSED: 5}
    assert all(isinstance(outcome, Reading) and outcome.follower_count for outcome in outcomes.values())


def test_a_token_that_was_refused_gets_another_chance_in_the_next_round(bench: Start) -> None:
    union = bench(2)
    adapter = union.adapter()
    union.sandbox.faults.add(Fault("error", code=5, times=1))
    assert {_kind(outcome) for outcome in adapter.read(union.targets())} == {FailureKind.TOKEN_REFUSED}
    assert {_kind(outcome) for outcome in adapter.read(union.targets())} == {None}


def test_a_reading_that_is_given_up_makes_no_more_requests(bench: Start) -> None:
    union = bench(500)
    adapter = union.adapter()
    reading = adapter.read(union.targets())
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert union.ledger.used[token_key(VK_TOKEN)] <= 500
    assert [outcome.community_id for outcome in adapter.read([union.target(3)])] == [3]


def test_a_reading_that_is_given_up_gives_back_what_it_did_not_ask_for(bench: Start) -> None:
    union = bench(60)
    union.world.set_access("vk", "1000", Access.CLOSED)
    # The lookup takes the only turn of this minute: the walls are reserved, and wait.
    reading = union.adapter(requests_per_second=0.02).read(union.targets())
    assert _kind(next(reading)) is FailureKind.CLOSED
    reading.close()  # type: ignore[attr-defined]
    union.stop.set()
    assert union.ledger.used[token_key(VK_TOKEN)] == 0

"""The sandbox's VK answers keep to VK's official schema (payloads/vk-schema, VKCOM/vk-api-schema 5.199)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from collector.sandbox import MIXED_PLAN, Behaviour, Fault, SandboxClock, SandboxCommunity
from collector.sandbox.vk_errors import MESSAGES
from tests.sandbox.conftest import Client

SCHEMA = Path(__file__).parent.parent / "payloads" / "vk-schema"
BASE = "https://schema.invalid/"


def _modern(node: Any) -> Any:
    """A node of VK's schema in today's dialect.

    VK marks a required property by `required: true` inside it, as draft 3 did; its `additionalProperties:
    false` stands in parts of an `allOf`, where it would refuse the other parts' properties.
    """
    if isinstance(node, list):
        return [_modern(item) for item in node]
    if not isinstance(node, dict):
        return node
    modern = {key: _modern(value) for key, value in node.items() if key != "additionalProperties"}
    if isinstance(modern.get("required"), bool):
        del modern["required"]
    properties = node.get("properties")
    if isinstance(properties, dict):
        required = [
            name
            for name, inner in properties.items()
            if isinstance(inner, dict) and inner.get("required") is True
        ]
        if required:
            modern["required"] = required
    return modern


def _resources() -> Iterator[tuple[str, Resource[Any]]]:
    for file in SCHEMA.rglob("*.json"):
        contents = _modern(json.loads(file.read_text("utf-8")))
        # Their "$schema" names a file of theirs, and is not the dialect that this has become.
        contents.pop("$schema", None)
        yield BASE + file.relative_to(SCHEMA).as_posix(), Resource(contents, DRAFT202012)


@pytest.fixture(scope="session")
def registry() -> Registry[Any]:
    return Registry().with_resources(_resources())


@pytest.fixture
def check(registry: Registry[Any]) -> Callable[[str, Any], None]:
    def check(definition: str, answer: Any) -> None:
        file, _, name = definition.partition("#")
        schema = {"$ref": f"{BASE}{file}#/definitions/{name}"}
        errors = [
            f"{error.json_path}: {error.message[:200]}"
            for error in Draft202012Validator(schema, registry=registry).iter_errors(answer)
        ]
        assert errors == []

    return check


ALL_FIELDS = (
    "members_count,activity,description,status,site,verified,wall,links,contacts,"
    "fixed_post,cover,counters,can_message"
)
MANY = tuple(SandboxCommunity("vk", str(100 + place)) for place in range(2 * len(MIXED_PLAN)))


def test_the_validator_notices_what_is_missing_or_of_another_type(registry: Registry[Any]) -> None:
    schema = {"$ref": f"{BASE}wall/responses.json#/definitions/wall_get_response"}
    validator = Draft202012Validator(schema, registry=registry)
    assert not validator.is_valid({"response": {"items": []}})
    post = {"inner_type": "wall_wallpost", "likes": {"can_like": 1, "count": "many", "user_likes": 0}}
    assert not validator.is_valid({"response": {"count": 1, "items": [post]}})


def test_groups_of_every_kind_keep_to_the_schema(
    start: Callable[..., Client], clock: SandboxClock, check: Callable[[str, Any], None]
) -> None:
    client = start(*MANY)
    client.sandbox.world.set_access("vk", 100, "private")
    client.sandbox.world.set_access("vk", 101, "deleted")
    client.sandbox.world.change("vk", 102, "withheld", True)
    for _ in range(6):
        ids = ",".join(c.native_id or "" for c in MANY)
        answer = client.vk("groups.getById", group_ids=ids, fields=ALL_FIELDS)
        assert len(answer["response"]["groups"]) == len(MANY)
        check("groups/responses.json#groups_getById_object_response", answer)
        clock.advance(timedelta(days=2))


def test_walls_keep_to_the_schema(start: Callable[..., Client], check: Callable[[str, Any], None]) -> None:
    client = start(*MANY)
    seen = 0
    for community in MANY[: len(MIXED_PLAN)]:
        for wanted in ("owner", "all"):
            answer = client.vk("wall.get", owner_id=f"-{community.native_id}", count=40, filter=wanted)
            if "response" in answer:
                check("wall/responses.json#wall_get_response", answer)
                seen += len(answer["response"]["items"])
    assert seen > 500
    extended = client.vk("wall.get", owner_id="-100", count=1, extended=1)
    check("wall/responses.json#wall_get_extended_response", extended)


def test_posts_by_id_names_and_people_keep_to_the_schema(
    start: Callable[..., Client], check: Callable[[str, Any], None]
) -> None:
    person = SandboxCommunity("vk", "77", screen_name="ivan", title="Иван Петров", is_person=True)
    client = start(MANY[0], person)
    post_id = client.sandbox.world.truth("vk", 100).newest_post_id
    answer = client.vk("wall.getById", posts=f"-100_{post_id},-100_1000000")
    assert [item["id"] for item in answer["response"]["items"]] == [int(post_id or 0)]
    check("wall/responses.json#wall_getById_response", answer)
    resolved = client.vk("utils.resolveScreenName", screen_name="IVAN")["response"]
    assert resolved == {"object_id": 77, "type": "user"}
    check("utils/objects.json#utils_domain_resolved", resolved)
    (user,) = client.vk("users.get", user_ids="ivan")["response"]
    check("users/objects.json#users_user_min", user)


def test_errors_keep_to_the_schema_and_its_numbers(
    start: Callable[..., Client], check: Callable[[str, Any], None]
) -> None:
    known = {
        error["code"] for error in json.loads((SCHEMA / "errors.json").read_text("utf-8"))["errors"].values()
    }
    client = start(SandboxCommunity("vk", "1", behaviour=Behaviour(has_wall=False)))
    # Not in this version of the schema, though vk.md names them from what others met.
    outside = {code for code in MESSAGES if code not in known}
    assert outside <= {601, 1051, 1114, 1116, 3300, 3301, 3609, 3610, 9999}
    for code in MESSAGES:
        client.sandbox.faults.add(Fault("error", method="wall.get", code=code, times=1))
        error = client.vk("wall.get", owner_id=-1)["error"]
        assert error["error_code"] == code
        # The schema also wants an inner_type, which recorded answers do not have.
        check("base/objects.json#base_error", {"inner_type": "base_error", **error})
    assert client.vk("wall.get", owner_id=-1)["error"]["error_code"] == 15

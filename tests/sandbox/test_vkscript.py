"""The interpreter takes what VKScript takes, refuses what it refuses, and stops where VK stops."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.sandbox import vkscript
from collector.sandbox.vkscript_compiler import MAX_OPERATIONS
from collector.sandbox.vkscript_values import ScriptError

WALL = {"count": 2, "items": [{"id": 5, "likes": {"count": 7}, "tags": ("a",)}, {"id": 4}]}


def run(code: str, answer: Any = None) -> Any:
    return vkscript.run(code, lambda _method, _parameters: answer)


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("return 2 + 3 * 4 - 10 / 4;", 11.5),
        ("return (2 + 3) * 4 % 6;", 2),
        ("return -5 + 2;", -3),
        ("return 'a' + 1 + \"б\";", "a1б"),
        ("return 6 / 3;", 2),
        ("return 1 < 2 && 2 <= 2 && !(3 > 4) && 1 != 2;", True),
        ("return null || 'x';", "x"),
        ("return false && missing;", False),
        ("return [1, 'two', {three: 3, \"four\": [4]}];", [1, "two", {"three": 3, "four": [4]}]),
        ("var a = 1, b, c = 3; return [a, b, c];", [1, None, 3]),
        ("var i = 0; while (i < 5) i = i + 1; return i;", 5),
        ("if (0) return 1; else if ('') return 2; else { return 3; }", 3),
        ("if ([]) { return 1; } return 2;", 1),
        ("return parseInt('12abc') + parseDouble('0.5');", 12.5),
        ("return [1, 2, 3].length + 'слово'.length;", 8),
        ("var a = {x: {y: 1}}; a.x.y = 2; a['z'] = 3; return a;", {"x": {"y": 2}, "z": 3}),
        ("var a = {x: 1, y: 2}; delete a.x; return a;", {"y": 2}),
        ("return [1, 2, 3].indexOf(3) + '123'.indexOf(2) + [].indexOf(1);", 2),
        ("return [1, 2, 3, 4].slice(1, 3);", [2, 3]),
        ("var a = [1]; a.push(2); a.unshift(0); a.pop(); return [a.shift(), a];", [0, [1]]),
        ("var a = [1, 2, 3, 4]; var b = a.splice(1, 2, 9); return [a, b];", [[1, 9, 4], [2, 3]]),
        ("return 'abcdef'.substr(2, 3).split('d');", ["c", "e"]),
        ("return; ", None),
        ("var a = 1; // a comment\n/* another\n */ return a;", 1),
        ("return 'it\\'s \\u0416\\n';", "it's Ж\n"),
        ("", None),
    ],
)
def test_what_vkscript_can(code: str, result: Any) -> None:
    assert run(code) == result


def test_a_projection_keeps_places_and_gives_null_for_what_is_missing() -> None:
    code = "var w = API.wall.get({owner_id: -1}); return [w.items@.id, w.items@.likes@.count, w.count@.x, w.no@.x];"
    assert run(code, WALL) == [[5, 4], [7, None], None, None]


def test_a_failed_call_is_false_and_its_fields_are_null() -> None:
    assert run("var w = API.wall.get({}); return [w, w.items, w.items@.id, w.count];", False) == [
        False,
        None,
        None,
        None,
    ]


def test_the_parameters_of_a_call_arrive() -> None:
    calls = []
    vkscript.run(
        "var id = 5; return API.wall.get({owner_id: -id, 'count': 2});", lambda *call: calls.append(call)
    )
    assert calls == [("wall.get", {"owner_id": -5, "count": 2})]


@pytest.mark.parametrize(
    "code",
    [
        "return 1",
        "for (var i = 0; i < 2; i = i + 1) {}",
        "return a => 1;",
        "function f() { return 1; }",
        "return function () { return 1; };",
        "return 1 ? 2 : 3;",
        "var i = 0; i++;",
        "var i = 0; i += 1;",
        "let a = 1;",
        "const a = 1;",
        "return [1].map(2);",
        "return [1].filter(2);",
        "return [1].join(',');",
        "return 1 === 1;",
        "return `a`;",
        "return Math.max(1, 2);",
        "return unknownFunction(1);",
        "while (1) { break; }",
        "return [1, 2,];",
        "var a = 'no end;",
        "return 1; }",
        "try { return 1; } catch (e) {}",
        "return typeof 1;",
        "return {'a': 1,};",
        "return " + "[" * 5000 + "]" * 5000 + ";",
    ],
)
def test_what_is_no_vkscript_does_not_compile(code: str) -> None:
    with pytest.raises(ScriptError) as caught:
        run(code)
    assert caught.value.code == 12


@pytest.mark.parametrize(
    "code", ["return x;", "return 1 + null;", "var a = null; a.push(1);", "return 1 / 0;"]
)
def test_what_fails_while_it_runs_is_a_runtime_error(code: str) -> None:
    with pytest.raises(ScriptError) as caught:
        run(code)
    assert caught.value.code == 13


def test_twenty_five_calls_are_allowed_and_no_more() -> None:
    code = "var i = 0; while (i < %d) { API.users.get({}); i = i + 1; } return i;"
    assert run(code % 25) == 25
    with pytest.raises(ScriptError, match="too many api calls") as caught:
        run(code % 26)
    assert caught.value.code == 13


def test_a_thousand_operations_are_allowed_and_no_more() -> None:
    # The statements `var` and `return`, then four a turn: condition, loop, statement, sum; and the last condition.
    code = "var i = 0; while (i < %d) i = i + 1; return i;"
    turns = (MAX_OPERATIONS - 4) // 4
    assert run(code % turns) == turns
    with pytest.raises(ScriptError, match="too many operations") as caught:
        run(code % (turns + 1))
    assert caught.value.code == 13


def test_a_script_without_end_is_stopped() -> None:
    with pytest.raises(ScriptError, match="too many operations"):
        run("while (true) {}")


def test_scripts_that_differ_in_numbers_and_strings_keep_their_own() -> None:
    shape = "return {'%s': %d, b: '%s'};"
    assert run(shape % ("a", 1, "x")) == {"a": 1, "b": "x"}
    assert run(shape % ("c", 2, "y")) == {"c": 2, "b": "y"}


def test_what_a_script_changes_stays_its_own() -> None:
    shared = {"items": ({"id": 1, "tags": ("a",)},)}
    code = "var w = API.wall.get({}); w.items[0].id = 9; w.items[0].tags.push('b'); delete w.items[0].x; return w;"
    assert run(code, shared) == {"items": [{"id": 9, "tags": ["a", "b"]}]}
    assert shared == {"items": ({"id": 1, "tags": ("a",)},)}


_ATOMS = st.sampled_from(
    [
        "1",
        "0",
        "2.5",
        "99999999999999999999",
        "'x'",
        "''",
        "true",
        "false",
        "null",
        "[]",
        "[1, 'x']",
        "{x: [1]}",
        "a",
        "w",
    ]
)
_METHODS = st.sampled_from(
    ["push", "pop", "slice", "splice", "indexOf", "split", "substr", "shift", "unshift"]
)
_OPERATORS = st.sampled_from(["+", "-", "*", "/", "%", "<", ">=", "==", "!=", "&&", "||"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, _OPERATORS, inner),
        st.builds("{}.{}({})".format, inner, _METHODS, inner),
        st.builds("{}.{}({}, {})".format, inner, _METHODS, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("{{x: {}, 'id': {}}}".format, inner, inner),
        st.builds("{}.items@.id".format, inner),
        st.builds("{}@.x".format, inner),
        st.builds("{}.length".format, inner),
        st.builds("parseInt({})".format, inner),
        st.builds("!-{}".format, inner),
    )


@given(st.recursive(_ATOMS, _larger, max_leaves=8), st.recursive(_ATOMS, _larger, max_leaves=4))
def test_any_expression_gives_json_or_a_runtime_error(first: str, second: str) -> None:
    code = (
        f"var w = API.wall.get({{}}); var a = [1]; a = {first}; if ({second}) return [a, w]; return {second};"
    )
    failure = None
    result = None
    try:
        result = run(code, WALL)
    except ScriptError as error:
        failure = error
    assert failure is None or failure.code == 13
    json.dumps(result)


@pytest.mark.parametrize(
    "code",
    [
        "var a = 2; while (true) a = a * a;",
        "var a = 'ab'; while (true) a = a + a;",
    ],
)
def test_what_would_grow_without_bound_is_stopped(code: str) -> None:
    with pytest.raises(ScriptError) as caught:
        run(code)
    assert caught.value.code == 13

"""What values can do in VKScript: operators, fields, the few methods, and how they fail."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any


class ScriptError(Exception):
    """A script that does not compile (code 12) or that failed (code 13), in VK's words."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def runtime_error(what: str) -> ScriptError:
    """A failure while running: code 13."""
    return ScriptError(13, f"Runtime error occurred during code invocation: {what}")


def own_copy(value: Any) -> Any:
    """A copy all through, with lists for the tuples that the API shares."""
    if isinstance(value, dict):
        return {key: own_copy(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [own_copy(inner) for inner in value]
    return value


def is_true(value: Any) -> bool:
    """Whether a condition holds: false, null, 0 and the empty string do not."""
    return bool(value) or isinstance(value, (list, tuple, dict))


def number(value: Any) -> Any:
    """The value, if it is a number. Other values fail here, where VK's own answer is not known."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise runtime_error("a number is expected")


def field(holder: Any, name: str) -> Any:
    """`holder.name`: null where there is none, whatever the holder is."""
    if isinstance(holder, dict):
        return holder.get(name)
    if name == "length" and isinstance(holder, (list, tuple, str)):
        return len(holder)
    return None


def element(holder: Any, key: Any) -> Any:
    """`holder[key]`: null where there is none."""
    if isinstance(holder, dict):
        return holder.get(key if isinstance(key, str) else text(key))
    if isinstance(holder, (list, tuple)) and isinstance(key, int) and 0 <= key < len(holder):
        return holder[key]
    return None


def project(holder: Any, name: str) -> Any:
    """`holder@.name`: the field of each element, null where it is missing; null if the holder is no array."""
    if not isinstance(holder, (list, tuple)):
        return None
    return [item.get(name) if isinstance(item, dict) else None for item in holder]


def store(holder: Any, key: Any, value: Any) -> None:
    """`holder[key] = value`."""
    if isinstance(holder, dict):
        holder[key if isinstance(key, str) else text(key)] = value
    elif isinstance(holder, list) and isinstance(key, int) and 0 <= key <= len(holder):
        holder[key : key + 1] = [value]
    else:
        raise runtime_error("cannot assign to an element of that")


def delete(holder: Any, key: Any) -> None:
    """`delete holder[key]`: an array keeps its length."""
    if isinstance(holder, dict):
        holder.pop(key if isinstance(key, str) else text(key), None)
    elif isinstance(holder, list) and isinstance(key, int) and 0 <= key < len(holder):
        holder[key] = None


def text(value: Any) -> str:
    """A value as `+` on strings writes it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        raise runtime_error("an array or object is no string")
    return str(value)


_MAX_NUMBER = 2**63
_MAX_TEXT = 1_000_000


def _in_range(value: Any) -> Any:
    if not -_MAX_NUMBER <= value <= _MAX_NUMBER:
        raise runtime_error("a number is out of range")
    return value


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) or isinstance(right, str):
        joined = text(left) + text(right)
        if len(joined) > _MAX_TEXT:
            raise runtime_error("a string is too long")
        return joined
    return _in_range(number(left) + number(right))


def _divide(left: Any, right: Any) -> Any:
    if number(right) == 0:
        raise runtime_error("division by zero")
    quotient = number(left) / right
    return int(quotient) if isinstance(quotient, float) and quotient.is_integer() else quotient


def _modulo(left: Any, right: Any) -> Any:
    if number(right) == 0:
        raise runtime_error("division by zero")
    return number(left) % right


def _equal(left: Any, right: Any) -> bool:
    if isinstance(left, str) != isinstance(right, str):
        # "12" == 12, as where a parameter is compared with an id.
        string, other = (left, right) if isinstance(left, str) else (right, left)
        return isinstance(other, (int, float)) and not isinstance(other, bool) and string == str(other)
    return bool(left == right)


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], bool]:
    def ordered(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return bool(compare(left, right))
        return bool(compare(number(left), number(right)))

    return ordered


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": lambda left, right: _in_range(number(left) - number(right)),
    "*": lambda left, right: _in_range(number(left) * number(right)),
    "/": _divide,
    "%": _modulo,
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
}


def _parse_int(value: Any) -> int:
    found = re.match(r"\s*[+-]?\d{1,18}", value if isinstance(value, str) else text(value))
    return int(found[0]) if found else 0


def _parse_double(value: Any) -> float:
    found = re.match(r"\s*[+-]?\d+(\.\d+)?", value if isinstance(value, str) else text(value))
    return float(found[0]) if found else 0.0


FUNCTIONS: dict[str, Callable[[Any], Any]] = {"parseInt": _parse_int, "parseDouble": _parse_double}


def _list(target: Any) -> list[Any]:
    if not isinstance(target, list):
        raise runtime_error("an array is expected")
    return target


def _sequence(target: Any) -> Any:
    if not isinstance(target, (list, tuple, str)):
        raise runtime_error("an array or a string is expected")
    return target


def _integers(arguments: list[Any]) -> list[int]:
    return [int(number(argument)) for argument in arguments]


def _slice(target: Any, arguments: list[Any]) -> Any:
    cut = _sequence(target)[
        slice(*(_integers(arguments[:2]) or [0]), *([None] if len(arguments) < 2 else []))
    ]
    return list(cut) if isinstance(cut, tuple) else cut


def _push(target: Any, arguments: list[Any]) -> Any:
    _list(target).extend(arguments)
    return len(target)


def _unshift(target: Any, arguments: list[Any]) -> Any:
    _list(target)[:0] = arguments
    return len(target)


def _splice(target: Any, arguments: list[Any]) -> Any:
    items = _list(target)
    begin = _integers(arguments[:1])[0] if arguments else 0
    begin = max(0, len(items) + begin) if begin < 0 else min(begin, len(items))
    count = max(0, int(number(arguments[1]))) if len(arguments) > 1 else len(items)
    removed = items[begin : begin + count]
    items[begin : begin + count] = arguments[2:]
    return removed


def _substr(target: Any, arguments: list[Any]) -> Any:
    if not isinstance(target, str) or not arguments:
        raise runtime_error("substr takes a string and a place")
    begin, *length = _integers(arguments)
    begin = max(0, len(target) + begin) if begin < 0 else begin
    return target[begin : begin + length[0]] if length else target[begin:]


def _split(target: Any, arguments: list[Any]) -> Any:
    if not isinstance(target, str) or len(arguments) != 1 or not isinstance(arguments[0], str):
        raise runtime_error("split takes a string")
    return target.split(arguments[0]) if arguments[0] else list(target)


def _index_of(target: Any, arguments: list[Any]) -> Any:
    wanted = arguments[0] if arguments else None
    if isinstance(target, str):
        return target.find(text(wanted))
    return next((place for place, item in enumerate(_sequence(target)) if _equal(item, wanted)), -1)


METHODS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "slice": _slice,
    "push": _push,
    "pop": lambda target, _arguments: _list(target).pop() if _list(target) else None,
    "shift": lambda target, _arguments: _list(target).pop(0) if _list(target) else None,
    "unshift": _unshift,
    "splice": _splice,
    "substr": _substr,
    "split": _split,
    "indexOf": _index_of,
}
CHANGING_METHODS = frozenset({"push", "pop", "shift", "unshift", "splice"})

"""VKScript: runs a script, parsing each shape of script once.

The grammar is in vkscript.lark. Scripts of one shape differ by numbers and strings only, so that these
are taken out before parsing and a shape is compiled once. What a tree is turned into is in vkscript_compiler.py.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from collector.sandbox import vkscript_values as values
from collector.sandbox.vkscript_compiler import UNSET, CallApi, Compiler, Expression, Run
from collector.sandbox.vkscript_values import ScriptError

_PARSER = Lark(
    files(__package__).joinpath("vkscript.lark").read_text("utf-8"), parser="lalr", maybe_placeholders=True
)
_LITERAL = re.compile(
    r"""(?P<other>//[^\n]*|/\*(?:.|\n)*?\*/|[A-Za-z_$][A-Za-z0-9_$]*)"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
)
_LONGEST_INTEGER = 19
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}


def run(code: str, call_api: CallApi) -> Any:
    """Run a script and give what it returns; None where it returns nothing.

    Raises ScriptError with code 12 for a script that does not compile, 13 for one that fails. Values that
    the API gave may be shared with it: the result is for reading only.
    """
    shape, literals = _split_literals(code)
    try:
        program, is_changing = _compiled(shape)
        if is_changing:
            shared = call_api

            def call_api(method: str, parameters: dict[str, Any]) -> Any:
                return values.own_copy(shared(method, parameters))

        result = program(Run(literals, call_api))
    except RecursionError:
        raise ScriptError(12, "Unable to compile code: nested too deeply") from None
    return None if result is UNSET else result


def _split_literals(code: str) -> tuple[str, list[Any]]:
    literals: list[Any] = []

    def take(match: re.Match[str]) -> str:
        if match.lastgroup == "other":
            return match[0]
        if match.lastgroup == "number":
            is_whole = "." not in match[0] and len(match[0]) < _LONGEST_INTEGER
            literals.append(int(match[0]) if is_whole else float(match[0]))
            return "0"
        literals.append(_ESCAPE.sub(_unescape, match[0][1:-1]))
        return '""'

    return _LITERAL.sub(take, code), literals


def _unescape(match: re.Match[str]) -> str:
    escaped = match[1]
    return chr(int(escaped[1:], 16)) if len(escaped) == 5 else _ESCAPED.get(escaped, escaped)


@lru_cache(maxsize=256)
def _compiled(shape: str) -> tuple[Expression, bool]:
    """The program of a shape, and whether it may change in place what the API gave it."""
    try:
        tree = _PARSER.parse(shape)
    except UnexpectedToken as error:
        expected = "';' expected" if "SEMICOLON" in error.accepts else "syntax error"
        found = "" if error.token.type == "$END" else str(error.token)
        line = max(error.line, 1)
        raise ScriptError(12, f"Unable to compile code: {expected}, '{found}' found in line {line}") from None
    except UnexpectedCharacters as error:
        found = error.char
        raise ScriptError(12, f"Unable to compile code: unexpected '{found}' in line {error.line}") from None
    except UnexpectedInput:
        raise ScriptError(12, "Unable to compile code") from None
    tokens = [
        token
        for token in tree.scan_values(lambda v: isinstance(v, Token))
        if token.type in {"NUMBER", "STRING"}
    ]
    tokens.sort(key=lambda token: token.start_pos or 0)
    compiler = Compiler({token.start_pos: number for number, token in enumerate(tokens)})
    return compiler.block(tree.children), compiler.is_changing

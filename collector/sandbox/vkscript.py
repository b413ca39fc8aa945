"""VKScript: compiles a script once into closures, and runs it within VK's limits.

The grammar is in vkscript.lark. Scripts of one shape differ by numbers and strings only, so that these
are taken out before parsing and a shape is compiled once. What a value can do is in vkscript_values.py.

Limits: 25 API calls, 1,000 operations (https://dev.vk.com/ru/method/execute). VK does not say what an
operation is: counted here are each statement run, operator, call, projection and literal element.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from collector.sandbox import vkscript_values as values
from collector.sandbox.vkscript_values import ScriptError, runtime_error

MAX_API_CALLS = 25
MAX_OPERATIONS = 1_000

CallApi = Callable[[str, dict[str, Any]], Any]
"""Calls an API method by name and parameters; gives its `response`, or False where it failed."""
_Expression = Callable[["_Run"], Any]

_PARSER = Lark(
    files(__package__).joinpath("vkscript.lark").read_text("utf-8"), parser="lalr", maybe_placeholders=True
)
_LITERAL = re.compile(
    r"""(?P<other>//[^\n]*|/\*(?:.|\n)*?\*/|[A-Za-z_$][A-Za-z0-9_$]*)"""
    r"""|(?P<number>\d+(?:\.\d+)?)|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_UNSET = object()


class _Run:
    """One run of a script: its literals, variables, and what it has used of the limits."""

    __slots__ = ("api_calls", "call_api", "literals", "operations", "variables")

    def __init__(self, literals: list[Any], call_api: CallApi) -> None:
        self.literals = literals
        self.call_api = call_api
        self.variables: dict[str, Any] = {}
        self.operations = 0
        self.api_calls = 0

    def spend(self, operations: int = 1) -> None:
        self.operations += operations
        if self.operations > MAX_OPERATIONS:
            raise runtime_error("too many operations")


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

        result = program(_Run(literals, call_api))
    except RecursionError:
        raise ScriptError(12, "Unable to compile code: nested too deeply") from None
    return None if result is _UNSET else result


def _split_literals(code: str) -> tuple[str, list[Any]]:
    literals: list[Any] = []

    def take(match: re.Match[str]) -> str:
        if match.lastgroup == "other":
            return match[0]
        if match.lastgroup == "number":
            literals.append(float(match[0]) if "." in match[0] else int(match[0]))
            return "0"
        literals.append(_ESCAPE.sub(_unescape, match[0][1:-1]))
        return '""'

    return _LITERAL.sub(take, code), literals


def _unescape(match: re.Match[str]) -> str:
    escaped = match[1]
    return chr(int(escaped[1:], 16)) if len(escaped) == 5 else _ESCAPED.get(escaped, escaped)


@lru_cache(maxsize=256)
def _compiled(shape: str) -> tuple[_Expression, bool]:
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
    compiler = _Compiler({token.start_pos: number for number, token in enumerate(tokens)})
    return compiler.block(tree.children), compiler.is_changing


class _Compiler:
    """Turns a parse tree into closures. A statement gives _UNSET, or what a `return` in it gave."""

    def __init__(self, places: dict[int | None, int]) -> None:
        self._places = places
        self.is_changing = False

    # Statements

    def block(self, statements: list[Any]) -> _Expression:
        steps = tuple(self._statement(statement) for statement in statements)

        def block(run: _Run) -> Any:
            for step in steps:
                run.spend()
                result = step(run)
                if result is not _UNSET:
                    return result
            return _UNSET

        return block

    def _statement(self, tree: Tree[Token]) -> _Expression:
        return getattr(self, f"_do_{tree.data}")(tree)  # type: ignore[no-any-return]

    def _do_block(self, tree: Tree[Token]) -> _Expression:
        return self.block(tree.children)

    def _do_var(self, tree: Tree[Token]) -> _Expression:
        pairs = []
        for declarator in tree.children:
            name, value = declarator.children  # type: ignore[union-attr]
            pairs.append((str(name), self._expression(value) if value is not None else _null))

        def var(run: _Run) -> Any:
            for name, value in pairs:
                run.variables[name] = value(run)
            return _UNSET

        return var

    def _do_if_then(self, tree: Tree[Token]) -> _Expression:
        return self._do_if_else(tree)

    def _do_if_else(self, tree: Tree[Token]) -> _Expression:
        condition = self._expression(tree.children[0])
        then = self.block([tree.children[1]])
        otherwise = self.block(tree.children[2:])
        return lambda run: then(run) if values.is_true(condition(run)) else otherwise(run)

    def _do_while_loop(self, tree: Tree[Token]) -> _Expression:
        condition = self._expression(tree.children[0])
        body = self.block([tree.children[1]])

        def loop(run: _Run) -> Any:
            while values.is_true(condition(run)):
                run.spend()
                result = body(run)
                if result is not _UNSET:
                    return result
            return _UNSET

        return loop

    def _do_return_nothing(self, _tree: Tree[Token]) -> _Expression:
        return _null

    def _do_return_value(self, tree: Tree[Token]) -> _Expression:
        return self._expression(tree.children[0])

    def _do_call_statement(self, tree: Tree[Token]) -> _Expression:
        expression = self._expression(tree.children[0])

        def call(run: _Run) -> Any:
            expression(run)
            return _UNSET

        return call

    def _do_assign(self, tree: Tree[Token]) -> _Expression:
        return self._store(tree.children[0], self._expression(tree.children[1]))

    def _do_delete(self, tree: Tree[Token]) -> _Expression:
        target: Any = tree.children[0]
        if target.data == "variable":
            return self._store(target, _null)
        holder, key = self._place(target)

        def delete(run: _Run) -> Any:
            values.delete(holder(run), key(run))
            return _UNSET

        return delete

    def _store(self, target: Any, value: _Expression) -> _Expression:
        if target.data == "variable":
            name = str(target.children[0])

            def assign(run: _Run) -> Any:
                run.variables[name] = value(run)
                return _UNSET

            return assign
        holder, key = self._place(target)

        def store(run: _Run) -> Any:
            values.store(holder(run), key(run), value(run))
            return _UNSET

        return store

    def _place(self, target: Any) -> tuple[_Expression, _Expression]:
        self.is_changing = True
        if target.data == "field":
            name = str(target.children[1])
            return self._expression(target.children[0]), lambda _run: name
        if target.data == "element":
            return self._expression(target.children[0]), self._expression(target.children[1])
        raise ScriptError(12, "Unable to compile code: cannot assign to that")

    # Expressions

    def _expression(self, tree: Any) -> _Expression:
        return getattr(self, f"_{tree.data}")(tree.children)  # type: ignore[no-any-return]

    def _literal(self, token: Token) -> _Expression:
        place = self._places[token.start_pos]
        return lambda run: run.literals[place]

    def _constant(self, children: list[Any]) -> _Expression:
        return self._literal(children[0])

    def _true(self, _children: list[Any]) -> _Expression:
        return lambda _run: True

    def _false(self, _children: list[Any]) -> _Expression:
        return lambda _run: False

    def _null(self, _children: list[Any]) -> _Expression:
        return _null

    def _variable(self, children: list[Any]) -> _Expression:
        name = str(children[0])

        def variable(run: _Run) -> Any:
            try:
                return run.variables[name]
            except KeyError:
                raise runtime_error(f"undefined variable '{name}'") from None

        return variable

    def _arguments(self, tree: Any) -> list[_Expression]:
        return [self._expression(child) for child in tree.children] if tree is not None else []

    def _array(self, children: list[Any]) -> _Expression:
        elements = self._arguments(children[0])

        def array(run: _Run) -> Any:
            run.spend(len(elements))
            return [element(run) for element in elements]

        return array

    def _object(self, children: list[Any]) -> _Expression:
        pairs = []
        for pair in children:
            if pair is None:
                continue
            name, value = pair.children
            key = self._literal(name) if name.type == "STRING" else _fixed(str(name))
            pairs.append((key, self._expression(value)))

        def make(run: _Run) -> Any:
            run.spend(len(pairs))
            return {key(run): value(run) for key, value in pairs}

        return make

    def _field(self, children: list[Any]) -> _Expression:
        holder, name = self._expression(children[0]), str(children[1])
        return lambda run: values.field(holder(run), name)

    def _element(self, children: list[Any]) -> _Expression:
        holder, key = map(self._expression, children)
        return lambda run: values.element(holder(run), key(run))

    def _projection(self, children: list[Any]) -> _Expression:
        holder, name = self._expression(children[0]), str(children[1])

        def project(run: _Run) -> Any:
            run.spend()
            return values.project(holder(run), name)

        return project

    def _binary(self, children: list[Any]) -> _Expression:
        left, right = self._expression(children[0]), self._expression(children[2])
        operate = values.OPERATORS[str(children[1])]

        def binary(run: _Run) -> Any:
            run.spend()
            return operate(left(run), right(run))

        return binary

    def _signed(self, children: list[Any]) -> _Expression:
        operand = self._expression(children[1])
        sign = -1 if children[0] == "-" else 1

        def signed(run: _Run) -> Any:
            run.spend()
            return sign * values.number(operand(run))

        return signed

    def _not_(self, children: list[Any]) -> _Expression:
        operand = self._expression(children[0])

        def negate(run: _Run) -> Any:
            run.spend()
            return not values.is_true(operand(run))

        return negate

    def _and_(self, children: list[Any]) -> _Expression:
        left, right = map(self._expression, children)

        def both(run: _Run) -> Any:
            run.spend()
            first = left(run)
            return right(run) if values.is_true(first) else first

        return both

    def _or_(self, children: list[Any]) -> _Expression:
        left, right = map(self._expression, children)

        def either(run: _Run) -> Any:
            run.spend()
            first = left(run)
            return first if values.is_true(first) else right(run)

        return either

    def _function_call(self, children: list[Any]) -> _Expression:
        name, arguments = str(children[0]), self._arguments(children[1])
        function = values.FUNCTIONS.get(name)
        if function is None or len(arguments) != 1:
            raise ScriptError(
                12, f"Unable to compile code: no function '{name}' of {len(arguments)} arguments"
            )

        def call(run: _Run) -> Any:
            run.spend()
            return function(arguments[0](run))

        return call

    def _method_call(self, children: list[Any]) -> _Expression:
        holder, name, arguments = children[0], str(children[1]), self._arguments(children[2])
        if (group := _api_group(holder)) is not None:
            return self._api_call(f"{group}.{name}", arguments)
        method = values.METHODS.get(name)
        if method is None:
            raise ScriptError(12, f"Unable to compile code: no method '{name}'")
        if name in values.CHANGING_METHODS and holder.data != "variable":
            self.is_changing = True
        target = self._expression(holder)

        def call(run: _Run) -> Any:
            run.spend()
            return method(target(run), [argument(run) for argument in arguments])

        return call

    def _api_call(self, method: str, arguments: list[_Expression]) -> _Expression:
        if len(arguments) > 1:
            raise ScriptError(12, f"Unable to compile code: API.{method} takes one object")

        def call(run: _Run) -> Any:
            run.spend()
            parameters = arguments[0](run) if arguments else {}
            run.api_calls += 1
            if run.api_calls > MAX_API_CALLS:
                raise runtime_error("too many api calls")
            if not isinstance(parameters, dict):
                raise runtime_error(f"API.{method} takes an object")
            return run.call_api(method, parameters)

        return call


def _null(_run: _Run) -> Any:
    return None


def _fixed(value: str) -> _Expression:
    return lambda _run: value


def _api_group(holder: Any) -> str | None:
    if (
        holder.data == "field"
        and holder.children[0].data == "variable"
        and holder.children[0].children[0] == "API"
    ):
        return str(holder.children[1])
    return None

"""What a VKScript parse tree is turned into: closures that run within VK's limits.

Limits: 25 API calls, 1,000 operations (https://dev.vk.com/ru/method/execute). VK does not say what an
operation is: counted here are each statement run, operator, call, projection and literal element. What a
value can do is in vkscript_values.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lark import Token, Tree

from collector.sandbox import vkscript_values as values
from collector.sandbox.vkscript_values import ScriptError, runtime_error

MAX_API_CALLS = 25
MAX_OPERATIONS = 1_000

CallApi = Callable[[str, dict[str, Any]], Any]
"""Calls an API method by name and parameters; gives its `response`, or False where it failed."""
Expression = Callable[["Run"], Any]
UNSET = object()
"""What a statement gives that returned nothing."""


class Run:
    """One run of a script: its literals, variables, and what it has used of the limits."""

    __slots__ = ("api_calls", "call_api", "literals", "operations", "variables")

    def __init__(self, literals: list[Any], call_api: CallApi) -> None:
        self.literals = literals
        self.call_api = call_api
        self.variables: dict[str, Any] = {}
        self.operations = 0
        self.api_calls = 0

    def spend(self, operations: int = 1) -> None:
        """Use up operations. Raises ScriptError where there are none left."""
        self.operations += operations
        if self.operations > MAX_OPERATIONS:
            raise runtime_error("too many operations")


class Compiler:
    """Turns a parse tree into closures. A statement gives UNSET, or what a `return` in it gave."""

    def __init__(self, places: dict[int | None, int]) -> None:
        self._places = places
        self.is_changing = False

    # Statements

    def block(self, statements: list[Any]) -> Expression:
        """The closure of statements in a row."""
        steps = tuple(self._statement(statement) for statement in statements)

        def block(run: Run) -> Any:
            for step in steps:
                run.spend()
                result = step(run)
                if result is not UNSET:
                    return result
            return UNSET

        return block

    def _statement(self, tree: Tree[Token]) -> Expression:
        return getattr(self, f"_do_{tree.data}")(tree)  # type: ignore[no-any-return]

    def _do_block(self, tree: Tree[Token]) -> Expression:
        return self.block(tree.children)

    def _do_var(self, tree: Tree[Token]) -> Expression:
        pairs = []
        for declarator in tree.children:
            name, value = declarator.children  # type: ignore[union-attr]
            pairs.append((str(name), self._expression(value) if value is not None else _null))

        def var(run: Run) -> Any:
            for name, value in pairs:
                run.variables[name] = value(run)
            return UNSET

        return var

    def _do_if_then(self, tree: Tree[Token]) -> Expression:
        return self._do_if_else(tree)

    def _do_if_else(self, tree: Tree[Token]) -> Expression:
        condition = self._expression(tree.children[0])
        then = self.block([tree.children[1]])
        otherwise = self.block(tree.children[2:])
        return lambda run: then(run) if values.is_true(condition(run)) else otherwise(run)

    def _do_while_loop(self, tree: Tree[Token]) -> Expression:
        condition = self._expression(tree.children[0])
        body = self.block([tree.children[1]])

        def loop(run: Run) -> Any:
            while values.is_true(condition(run)):
                run.spend()
                result = body(run)
                if result is not UNSET:
                    return result
            return UNSET

        return loop

    def _do_return_nothing(self, _tree: Tree[Token]) -> Expression:
        return _null

    def _do_return_value(self, tree: Tree[Token]) -> Expression:
        return self._expression(tree.children[0])

    def _do_call_statement(self, tree: Tree[Token]) -> Expression:
        expression = self._expression(tree.children[0])

        def call(run: Run) -> Any:
            expression(run)
            return UNSET

        return call

    def _do_assign(self, tree: Tree[Token]) -> Expression:
        return self._store(tree.children[0], self._expression(tree.children[1]))

    def _do_delete(self, tree: Tree[Token]) -> Expression:
        target: Any = tree.children[0]
        if target.data == "variable":
            return self._store(target, _null)
        holder, key = self._place(target)

        def delete(run: Run) -> Any:
            values.delete(holder(run), key(run))
            return UNSET

        return delete

    def _store(self, target: Any, value: Expression) -> Expression:
        if target.data == "variable":
            name = str(target.children[0])

            def assign(run: Run) -> Any:
                run.variables[name] = value(run)
                return UNSET

            return assign
        holder, key = self._place(target)

        def store(run: Run) -> Any:
            values.store(holder(run), key(run), value(run))
            return UNSET

        return store

    def _place(self, target: Any) -> tuple[Expression, Expression]:
        self.is_changing = True
        if target.data == "field":
            name = str(target.children[1])
            return self._expression(target.children[0]), lambda _run: name
        if target.data == "element":
            return self._expression(target.children[0]), self._expression(target.children[1])
        raise ScriptError(12, "Unable to compile code: cannot assign to that")

    # Expressions

    def _expression(self, tree: Any) -> Expression:
        return getattr(self, f"_{tree.data}")(tree.children)  # type: ignore[no-any-return]

    def _literal(self, token: Token) -> Expression:
        place = self._places[token.start_pos]
        return lambda run: run.literals[place]

    def _constant(self, children: list[Any]) -> Expression:
        return self._literal(children[0])

    def _true(self, _children: list[Any]) -> Expression:
        return lambda _run: True

    def _false(self, _children: list[Any]) -> Expression:
        return lambda _run: False

    def _null(self, _children: list[Any]) -> Expression:
        return _null

    def _variable(self, children: list[Any]) -> Expression:
        name = str(children[0])

        def variable(run: Run) -> Any:
            try:
                return run.variables[name]
            except KeyError:
                raise runtime_error(f"undefined variable '{name}'") from None

        return variable

    def _arguments(self, tree: Any) -> list[Expression]:
        return [self._expression(child) for child in tree.children] if tree is not None else []

    def _array(self, children: list[Any]) -> Expression:
        elements = self._arguments(children[0])

        def array(run: Run) -> Any:
            run.spend(len(elements))
            return [element(run) for element in elements]

        return array

    def _object(self, children: list[Any]) -> Expression:
        pairs = []
        for pair in children:
            if pair is None:
                continue
            name, value = pair.children
            key = self._literal(name) if name.type == "STRING" else _fixed(str(name))
            pairs.append((key, self._expression(value)))

        def make(run: Run) -> Any:
            run.spend(len(pairs))
            return {key(run): value(run) for key, value in pairs}

        return make

    def _field(self, children: list[Any]) -> Expression:
        holder, name = self._expression(children[0]), str(children[1])
        return lambda run: values.field(holder(run), name)

    def _element(self, children: list[Any]) -> Expression:
        holder, key = map(self._expression, children)
        return lambda run: values.element(holder(run), key(run))

    def _projection(self, children: list[Any]) -> Expression:
        holder, name = self._expression(children[0]), str(children[1])

        def project(run: Run) -> Any:
            run.spend()
            return values.project(holder(run), name)

        return project

    def _binary(self, children: list[Any]) -> Expression:
        left, right = self._expression(children[0]), self._expression(children[2])
        operate = values.OPERATORS[str(children[1])]

        def binary(run: Run) -> Any:
            run.spend()
            return operate(left(run), right(run))

        return binary

    def _signed(self, children: list[Any]) -> Expression:
        operand = self._expression(children[1])
        sign = -1 if children[0] == "-" else 1

        def signed(run: Run) -> Any:
            run.spend()
            return sign * values.number(operand(run))

        return signed

    def _not_(self, children: list[Any]) -> Expression:
        operand = self._expression(children[0])

        def negate(run: Run) -> Any:
            run.spend()
            return not values.is_true(operand(run))

        return negate

    def _and_(self, children: list[Any]) -> Expression:
        left, right = map(self._expression, children)

        def both(run: Run) -> Any:
            run.spend()
            first = left(run)
            return right(run) if values.is_true(first) else first

        return both

    def _or_(self, children: list[Any]) -> Expression:
        left, right = map(self._expression, children)

        def either(run: Run) -> Any:
            run.spend()
            first = left(run)
            return first if values.is_true(first) else right(run)

        return either

    def _function_call(self, children: list[Any]) -> Expression:
        name, arguments = str(children[0]), self._arguments(children[1])
        function = values.FUNCTIONS.get(name)
        if function is None or len(arguments) != 1:
            raise ScriptError(
                12, f"Unable to compile code: no function '{name}' of {len(arguments)} arguments"
            )

        def call(run: Run) -> Any:
            run.spend()
            return function(arguments[0](run))

        return call

    def _method_call(self, children: list[Any]) -> Expression:
        holder, name, arguments = children[0], str(children[1]), self._arguments(children[2])
        if (group := _api_group(holder)) is not None:
            return self._api_call(f"{group}.{name}", arguments)
        method = values.METHODS.get(name)
        if method is None:
            raise ScriptError(12, f"Unable to compile code: no method '{name}'")
        if name in values.CHANGING_METHODS and holder.data != "variable":
            self.is_changing = True
        target = self._expression(holder)

        def call(run: Run) -> Any:
            run.spend()
            return method(target(run), [argument(run) for argument in arguments])

        return call

    def _api_call(self, method: str, arguments: list[Expression]) -> Expression:
        if len(arguments) > 1:
            raise ScriptError(12, f"Unable to compile code: API.{method} takes one object")

        def call(run: Run) -> Any:
            run.spend()
            parameters = arguments[0](run) if arguments else {}
            run.api_calls += 1
            if run.api_calls > MAX_API_CALLS:
                raise runtime_error("too many api calls")
            if not isinstance(parameters, dict):
                raise runtime_error(f"API.{method} takes an object")
            return run.call_api(method, parameters)

        return call


def _null(_run: Run) -> Any:
    return None


def _fixed(value: str) -> Expression:
    return lambda _run: value


def _api_group(holder: Any) -> str | None:
    if (
        holder.data == "field"
        and holder.children[0].data == "variable"
        and holder.children[0].children[0] == "API"
    ):
        return str(holder.children[1])
    return None

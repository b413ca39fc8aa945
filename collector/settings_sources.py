"""Owns where settings come from: which variables exist, secrets in files, and how a mistake is told.

pydantic-settings reads the variables themselves; it knows neither `..._FILE` nor what a mistyped name was
meant to be, and its errors speak of fields, not of variables.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from dotenv import dotenv_values
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings
from pydantic_settings import SettingsError as UnreadableVariable

from collector.domain.redaction import MASK, Redactor

PREFIX = "COLLECTOR_"
FILE_SUFFIX = "_FILE"
_FREE_FORM = "networks"
_MAX_SECRET_FILE_BYTES = 64 * 1024
# What Kubernetes sets in every container beside a Service that is called "collector".
_NOT_OURS = re.compile(r"COLLECTOR_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)(_\w+)?)?)")

S = TypeVar("S", bound=BaseSettings)


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a setting is read from."""

    name: str
    path: tuple[str, ...]
    field: FieldInfo
    field_path: tuple[str, ...]
    """`path` in the code's own names; so pydantic calls a field whose default is wrong."""

    @property
    def is_secret(self) -> bool:
        """Whether its value must never be shown; such a one can also be given as `..._FILE`."""
        return _mentions(self.field.annotation, SecretStr)


def variables(model: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[Variable]:
    """Every variable of the settings but the free-form ones of other networks, sections last."""
    sections = []
    own = model.__annotations__
    # A section's own fields before those that all networks share.
    for name, field in sorted(model.model_fields.items(), key=lambda item: item[0] not in own):
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            sections.append((inner, (*path, name)))
        elif (*path, name) != (_FREE_FORM,):
            # `from` is a word of Python: such a field has another name in the code, and its alias in the variable.
            told = (*path, field.alias or name)
            yield Variable(variable_name(told), told, field, (*path, name))
    for section, inner_path in sections:
        yield from variables(section, inner_path)


def variable_name(path: tuple[str, ...]) -> str:
    """The variable of a field: `COLLECTOR_VK__TOKENS` of `("vk", "tokens")`."""
    return PREFIX + "__".join(path).upper()


def load(model: type[S], env_file: Path | None, error: type[Exception]) -> S:
    """The settings, or an `error` that lists every mistake."""
    mistakes: list[str] = []
    given = _given(env_file, mistakes)
    known = {variable.name: variable for variable in variables(model)}
    secret_files = _secret_files(given, known, mistakes)
    settings = None
    try:
        # Values passed here go before the environment's and are merged into them.
        settings = model(_env_file=env_file, **_read_secret_files(secret_files, given, known, mistakes))
    except ValidationError as found:
        mistakes += _told(found, known, secret_files)
    except UnreadableVariable:
        # JSON where a section's variable was expected; its name was refused above.
        pass
    except UnicodeError:
        pass
    # Raised out here, so that no traceback leads on to pydantic's error, which holds the values.
    if mistakes or settings is None:
        lines = list(dict.fromkeys(mistakes or ["the settings cannot be read"]))
        told = f" {lines[0]}" if len(lines) == 1 else "".join(f"\n  {line}" for line in lines)
        raise error(f"the settings cannot be used:{told}")
    return settings


def secret_files(model: type[BaseModel], env_file: Path | None) -> dict[str, Path]:
    """The files that hold secrets, by the variable whose value they give. Of mistakes `load` tells."""
    given = _given(env_file, [])
    known = {variable.name: variable for variable in variables(model)}
    return {name.removesuffix(FILE_SUFFIX): Path(given[name]) for name in _secret_files(given, known, [])}


def _given(env_file: Path | None, mistakes: list[str]) -> dict[str, str]:
    """Our variables that are set, by name in capitals; an empty one is not set."""
    from_file: Mapping[str, str | None] = {}
    if env_file is not None:
        try:
            from_file = dotenv_values(env_file, encoding="utf-8-sig")
        except UnicodeError:
            mistakes.append(f"{env_file}: is not UTF-8; save it as UTF-8")
        except OSError as found:
            mistakes.append(
                f"{env_file}: cannot be read ({found.strerror}); let the collector's user read it"
            )
    given: dict[str, str] = {}
    for source in (from_file, os.environ):
        for name, value in source.items():
            if name.upper().startswith(PREFIX) and value and not _NOT_OURS.fullmatch(name.upper()):
                given[name.upper()] = value
    return given


def _secret_files(given: Mapping[str, str], known: Mapping[str, Variable], mistakes: list[str]) -> list[str]:
    """Those of `given` that name a secret's file; unknown names are added to the mistakes."""
    files = []
    for name in sorted(given):
        base = name.removesuffix(FILE_SUFFIX)
        if name in known:
            continue
        if base != name and base in known and known[base].is_secret:
            files.append(name)
        elif name.startswith(variable_name((_FREE_FORM, ""))):
            wrong = _wrong_free_form(name, known)
            if wrong:
                mistakes.append(wrong)
            elif base != name:
                files.append(name)
        else:
            mistakes.append(_unknown(name, known))
    return files


def _wrong_free_form(name: str, known: Mapping[str, Variable]) -> str | None:
    parts = name.removeprefix(PREFIX).split("__")
    if len(parts) != 3 or not all(parts):
        return f"{name}: is no option of a network; write COLLECTOR_NETWORKS__<NAME>__<KEY>"
    own = variable_name((parts[1], ""))
    if any(variable.startswith(own) and variable.endswith(("__TOKEN", "__TOKENS")) for variable in known):
        return f"{name}: this network has a section of its own; write {own}{parts[2]}"
    return None


def _unknown(name: str, known: Mapping[str, Variable]) -> str:
    names = [*known, *(f"{key}{FILE_SUFFIX}" for key, variable in known.items() if variable.is_secret)]
    nearest = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    advice = f"did you mean {nearest[0]}?" if nearest else "remove it; .env.example lists all that there are"
    return f"{name}: there is no such setting; {advice}"


def _read_secret_files(
    files: list[str], given: Mapping[str, str], known: Mapping[str, Variable], mistakes: list[str]
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in files:
        base = name.removesuffix(FILE_SUFFIX)
        if base in given:
            mistakes.append(f"{name}: {base} is set as well; set one of the two")
            continue
        text = _content(name, Path(given[name]), mistakes)
        if text is None:
            continue
        path = known[base].path if base in known else tuple(base.removeprefix(PREFIX).lower().split("__"))
        inner = values
        for step in path[:-1]:
            inner = inner.setdefault(step, {})
        inner[path[-1]] = SecretStr(text)
    return values


def _content(name: str, path: Path, mistakes: list[str]) -> str | None:
    advice = "name a file that holds the secret alone and that the collector's user may read"
    # What has no slash may be the secret itself, put in the wrong variable.
    shown = Redactor()(str(path)) if "/" in str(path) else MASK
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_SECRET_FILE_BYTES + 1).decode("utf-8-sig").strip()
    except (OSError, ValueError) as found:
        reason = found.strerror if isinstance(found, OSError) else "it is no text in UTF-8"
        mistakes.append(f"{name}: cannot read {shown} ({reason}); {advice}")
        return None
    if not text:
        mistakes.append(
            f"{name}: {shown} is empty; write the secret into it, or go without: {name}= with nothing"
        )
        return None
    if len(text) > _MAX_SECRET_FILE_BYTES:
        mistakes.append(f"{name}: {shown} is too large for a secret; {advice}")
        return None
    return text


def _told(found: ValidationError, known: Mapping[str, Variable], secret_files: list[str]) -> Iterator[str]:
    """pydantic's errors in words; the values of settings that are no secrets are shown."""
    by_path = {path: each for each in known.values() for path in (each.field_path, each.path)}
    for each in found.errors(include_url=False, include_context=False):
        if each["type"] == "default_factory_not_called":
            continue  # It follows from another mistake, which is told.
        path = tuple(str(step) for step in each["loc"])
        variable = by_path.get(path) or by_path.get(path[:2]) or by_path.get(path[:1])
        if variable is None:
            continue  # Another network's options, of a wrong shape: the variable's name was refused.
        name = variable.name + (FILE_SUFFIX if variable.name + FILE_SUFFIX in secret_files else "")
        what = each["msg"].replace("Input should", "should")
        if not variable.is_secret and each["input"] is not None:
            # Redacted all the same: a token lands in the wrong variable easily.
            what = f"{Redactor()(str(each['input']))[:80]!r} {what}"
        yield f"{name}: {what}; {_example(variable)}"


def _example(variable: Variable) -> str:
    shown = default_text(variable)
    return f"for instance {variable.name}={shown}" if shown else variable.field.description or ""


def default_text(variable: Variable) -> str:
    """The default as it is written in a variable; empty where there is none."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - for the ISO 8601 form alone

    default = variable.field.get_default(call_default_factory=True, validated_data={})
    if default is None or default == ():
        return str((variable.field.examples or [""])[0])
    if isinstance(default, SecretStr):
        return default.get_secret_value()
    if isinstance(default, float):
        return f"{default:g}"
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    if hasattr(default, "total_seconds"):
        seconds = int(default.total_seconds())
        for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
            if seconds and seconds % size == 0:
                return f"{seconds // size}{unit}"
        return str(TypeAdapter(Any).dump_python(default, mode="json"))
    return str(default)


def _mentions(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_mentions(inner, wanted) for inner in get_args(annotation))

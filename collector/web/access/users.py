"""Owns the users file: who may log in. Written by `collector users` alone, read by the page at each request.

It holds argon2 hashes of passwords and SHA-256 of scripts' tokens, never either of them as such. A token needs no
slow hash: it is 256 bits of chance, which nobody guesses.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from collector.domain.errors import CollectorError

Users = Mapping[str, "User"]
"""By name."""

NOBODY: Users = MappingProxyType({})
_NAME = re.compile(r"[\w.@-]{1,64}")
_LARGEST_FILE_BYTES = 4 * 1024 * 1024


class UsersFileError(CollectorError):
    """A users file that cannot be used: what is wrong with it, and what to do."""


def user_name(written: str) -> str | None:
    """A name as the file has it, whatever the capitals it is typed with; None: no name that a user can have."""
    name = unicodedata.normalize("NFC", unicodedata.normalize("NFC", written.strip()).casefold())
    return name if _NAME.fullmatch(name) else None


def token_hash(token: str) -> str:
    """What the file keeps of a script's token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _an_own_name(name: str) -> str:
    if user_name(name) != name:
        raise ValueError("is no user's name")
    return name


def _an_argon2_hash(text: str) -> str:
    try:
        extract_parameters(text)
    except InvalidHashError:
        raise ValueError("is no argon2 hash") from None
    return text


class User(BaseModel):
    """Somebody who may read."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Annotated[str, AfterValidator(_an_own_name)]
    password_hash: Annotated[str, AfterValidator(_an_argon2_hash)] = Field(repr=False)
    token_hash: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")] | None = Field(
        default=None, repr=False
    )
    added_at: AwareDatetime
    """When it was added; UTC."""

    @property
    def mark(self) -> str:
        """Another one for each password ever set: what bears it ends when the password is changed."""
        return hashlib.sha256(f"{self.name} {self.password_hash}".encode()).hexdigest()[:16]


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    users: tuple[User, ...]


def read_users(path: Path) -> Users:
    """The users of a file; none where there is no file. Raises UsersFileError."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE_BYTES + 1)
    except FileNotFoundError:
        return NOBODY
    except OSError as error:
        raise UsersFileError(
            f"the users file {path} cannot be read: {error.strerror}; let the collector's own user read it"
        ) from None
    if len(content) > _LARGEST_FILE_BYTES:
        raise UsersFileError(
            f"the users file {path} is too large to be one; name yours in COLLECTOR_WEB__USERS_FILE"
        )
    try:
        users = _Content.model_validate_json(content).users
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise UsersFileError(
            f"the users file {path} is damaged ({where + ': ' if where else ''}{first['msg']}); "
            "put back a copy of it, or delete it and add the users anew"
        ) from None
    by_name = {user.name: user for user in users}
    if len(by_name) != len(users):
        raise UsersFileError(f"the users file {path} names a user twice; put back a copy of it")
    return MappingProxyType(by_name)


def users_text(users: Iterable[User]) -> str:
    """The content of the file."""
    ordered = tuple(sorted(users, key=lambda user: user.name))
    return _Content(users=ordered).model_dump_json(indent=2) + "\n"

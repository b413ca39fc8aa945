"""`collector users`: who may log in to read the department's pages."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from collector.web.access.users import User, Users

app = typer.Typer(
    help="Add and remove those who may log in to read the page. What changes holds at once, without a restart.",
    epilog="Example: collector users add ivanova",
    no_args_is_help=True,
)

_Name = Annotated[str, typer.Argument(help="What is typed at the login; capitals do not matter.")]
_PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, for scripts.")
]


@app.command(epilog="Example: collector users add ivanova")
def add(name: _Name, password_stdin: _PasswordStdin = False) -> None:
    """Add a user. The password is asked for twice; it has at least 12 characters."""
    from collector.bootstrap.program import utc_now
    from collector.domain.errors import CollectorError
    from collector.web.access.passwords import hash_password
    from collector.web.access.users import User, read_users, user_name

    own_name = user_name(name)
    if own_name is None:
        raise CollectorError(
            f"{name!r} is no name for a user; take up to 64 letters, digits and . _ - @, without blanks"
        )
    _refuse_taken(own_name, read_users(_path()))
    # Asked for before the file is locked: somebody may think for a while.
    password_hash = hash_password(_password(password_stdin))
    with _changing() as users:
        _refuse_taken(own_name, users)
        users[own_name] = User(name=own_name, password_hash=password_hash, added_at=utc_now())
    print(f"{own_name} may log in now. The users file is {_path()}.")


@app.command("list", epilog="Example: collector users list --json")
def list_(as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False) -> None:
    """Tell who may log in."""
    from collector.cli import console
    from collector.web.access.users import read_users

    users = sorted(read_users(_path()).values(), key=lambda user: user.name)
    if as_json:
        console.print_json(
            [
                {"name": user.name, "added_at": user.added_at, "has_token": user.token_hash is not None}
                for user in users
            ]
        )
    elif users:
        rows = [
            (user.name, console.moscow(user.added_at), "yes" if user.token_hash else "no") for user in users
        ]
        console.out().print(console.table(None, ("user", "added (Moscow)", "script's token"), rows))
    else:
        print(f"There is no user in {_path()}. To do: collector users add NAME")


@app.command(epilog="Example: collector users remove ivanova")
def remove(name: _Name) -> None:
    """Remove a user, whose sessions and token end at once."""
    with _changing() as users:
        found = _found(users, name)
        del users[found.name]
    print(f"{found.name} was removed and is logged out.")


@app.command(epilog="Example: collector users passwd ivanova")
def passwd(name: _Name, password_stdin: _PasswordStdin = False) -> None:
    """Set a new password. Whoever is logged in by the old one is out at once."""
    from collector.web.access.passwords import hash_password
    from collector.web.access.users import read_users

    _found(read_users(_path()), name)
    hashed = hash_password(_password(password_stdin))
    with _changing() as users:
        found = _found(users, name)
        users[found.name] = found.model_copy(update={"password_hash": hashed})
    print(f"{found.name} has a new password, and is logged out where the old one was used.")
    if found.token_hash:
        print(f"The token for scripts still holds. To end it: collector users token {found.name} --revoke")


@app.command(epilog="Example: collector users token ivanova")
def token(
    name: _Name,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="End the user's token, and make no new one.")
    ] = False,
) -> None:
    """Make a token with which a script reads the JSON API. It is shown once; one made before ends."""
    import secrets

    from collector.web.access.users import token_hash

    made = f"collector_{secrets.token_urlsafe(32)}"
    with _changing() as users:
        found = _found(users, name)
        users[found.name] = found.model_copy(update={"token_hash": None if revoke else token_hash(made)})
    if revoke:
        print(f"{found.name} has no token any more.")
    else:
        print(made)


def _path() -> Path:
    from collector.bootstrap import settings

    return settings().web.users_file


def _refuse_taken(name: str, users: Users) -> None:
    from collector.domain.errors import CollectorError

    if name in users:
        raise CollectorError(f"there is a user {name} already; `collector users passwd` sets a new password")


def _found(users: Users, name: str) -> User:
    from collector.domain.errors import CollectorError
    from collector.web.access.users import user_name

    found = users.get(user_name(name) or "")
    if found is None:
        raise CollectorError(
            f"there is no user {name!r} in {_path()}; `collector users list` tells who there is"
        )
    return found


@contextmanager
def _changing() -> Iterator[dict[str, User]]:
    """The users, to be changed; written whole at the end, unless something was wrong."""
    from filelock import FileLock, Timeout

    from collector.cli.files import whole_file
    from collector.domain.errors import CollectorError
    from collector.web.access.users import read_users, users_text

    path = _path()
    if not path.absolute().parent.is_dir():
        raise CollectorError(f"{path} cannot be written: there is no folder {path.parent}; create it")
    try:
        with FileLock(f"{path}.lock", timeout=10):
            users = dict(read_users(path))
            yield users
            with whole_file(path, private=True) as beside:
                beside.write_text(users_text(users.values()), "utf-8")
    except Timeout:
        raise CollectorError(f"another command is changing {path}; try again when it has ended") from None
    except OSError as error:
        raise CollectorError(f"{path} cannot be changed: {error.strerror}") from None


def _password(from_stdin: bool) -> str:
    import getpass
    import sys

    from collector.domain.errors import CollectorError

    if from_stdin:
        # Whatever the locale. What is no UTF-8 is told where the password is judged.
        return sys.stdin.buffer.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CollectorError("there is no terminal to ask for the password on; use --password-stdin")
    first = getpass.getpass("Password (at least 12 characters): ")
    if getpass.getpass("Once more: ") != first:
        raise CollectorError("the two passwords differ; nothing was changed")
    return first

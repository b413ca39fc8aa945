"""`collector users`: who may log in, as ops add and remove them."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from collector.cli import app
from collector.domain.errors import CollectorError
from collector.web.access.passwords import PasswordCheck
from collector.web.access.users import read_users, token_hash
from tests.cli.running import Collector
from tests.cli.test_serve import SECRET, serving
from tests.web.logins import a_user, write_users

PASSWORD = "correct-horse-battery"


@pytest.fixture
def ops(tmp_path: Path) -> Collector:
    return Collector(
        tmp_path,
        f"sqlite:///{tmp_path / 'collector.db'}",
        settings={"COLLECTOR_WEB__SECRET": SECRET, "COLLECTOR_WEB__USERS_FILE": "people.json"},
    )


@pytest.fixture
def here(ops: Collector, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Runs a command in this process: enough for what it refuses."""
    monkeypatch.chdir(ops.folder)
    return CliRunner(env=ops.environment)


def typed(ops: Collector, text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "collector", "users", *arguments],
        cwd=ops.folder,
        env=ops.environment,
        input=text,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def add(ops: Collector, name: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
    return typed(ops, f"{password}\n", "add", name, "--password-stdin")


def test_users_are_added_listed_changed_and_removed(ops: Collector) -> None:
    assert (
        "There is no user in people.json. To do: collector users add NAME" in ops.run("users", "list").stdout
    )
    assert add(ops, "Иванова").stdout == "иванова may log in now. The users file is people.json.\n"
    assert add(ops, "petrov").returncode == 0
    file = ops.folder / "people.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    assert "$argon2id$" in file.read_text()
    before = read_users(file)
    assert PasswordCheck().is_right(before["иванова"], PASSWORD)

    changed = typed(ops, "another-long-one\n", "passwd", "ИВАНОВА", "--password-stdin")
    assert changed.stdout == "иванова has a new password, and is logged out where the old one was used.\n"
    after = read_users(file)
    assert PasswordCheck().is_right(after["иванова"], "another-long-one")
    assert after["petrov"] == before["petrov"]

    token = ops.run("users", "token", "petrov").stdout.strip()
    assert read_users(file)["petrov"].token_hash == token_hash(token)
    assert token not in file.read_text()
    listed = {each["name"]: each["has_token"] for each in ops.json("users", "list")}
    assert listed == {"petrov": True, "иванова": False}
    assert "no token any more" in ops.run("users", "token", "petrov", "--revoke").stdout
    assert read_users(file)["petrov"].token_hash is None

    assert ops.run("users", "remove", "petrov").stdout == "petrov was removed and is logged out.\n"
    assert set(read_users(file)) == {"иванова"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(each.name for each in ops.folder.iterdir()) == ["people.json", "people.json.lock"]


@pytest.mark.parametrize(
    ("arguments", "text", "told"),
    [
        (
            ("add", "new", "--password-stdin"),
            "elevenchars\n",
            "the password is 11 characters long; take 12 to 200",
        ),
        (("add", "new", "--password-stdin"), "", "the password is 0 characters long"),
        (("add", "new", "--password-stdin"), "x" * 201, "the password is 201 characters long"),
        (
            ("add", "new", "--password-stdin"),
            "четыре-слова".encode("cp1251"),
            "the password is no UTF-8 text; write it in that encoding",
        ),
        (
            ("add", "two words", "--password-stdin"),
            PASSWORD,
            "'two words' is no name for a user; take up to 64",
        ),
        (
            ("add", "ИВАНОВА", "--password-stdin"),
            PASSWORD,
            "there is a user иванова already; `collector users passwd`",
        ),
        (("add", "new"), PASSWORD, "there is no terminal to ask for the password on; use --password-stdin"),
        (
            ("passwd", "nobody", "--password-stdin"),
            PASSWORD,
            "there is no user 'nobody' in people.json; `collector",
        ),
        (("remove", "nobody"), "", "there is no user 'nobody' in people.json; `collector users list`"),
        (("token", "nobody"), "", "there is no user 'nobody' in people.json"),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(
    ops: Collector, here: CliRunner, arguments: tuple[str, ...], text: str | bytes, told: str
) -> None:
    file = ops.folder / "people.json"
    write_users(file, a_user("иванова"))
    before = file.read_bytes()
    done = here.invoke(app, ["users", *arguments], input=text)
    assert isinstance(done.exception, CollectorError)
    assert told in str(done.exception)
    assert PASSWORD not in str(done.exception) + done.output
    assert file.read_bytes() == before


def test_a_damaged_file_is_told_and_left_as_it_is(ops: Collector, here: CliRunner) -> None:
    file = ops.folder / "people.json"
    file.write_text('{"users": [{"name": "a", "password_hash": "secret-that-is-not-shown"}]}')
    for arguments in (("list",), ("remove", "a"), ("token", "a")):
        done = here.invoke(app, ["users", *arguments])
        assert "the users file people.json is damaged (users.0.password_hash: " in str(done.exception)
        assert "secret-that" not in str(done.exception)
    assert "secret-that" in file.read_text()


def test_a_folder_that_is_not_there_is_told(ops: Collector, here: CliRunner) -> None:
    done = here.invoke(
        app,
        ["users", "add", "иванова", "--password-stdin"],
        input=PASSWORD,
        env={"COLLECTOR_WEB__USERS_FILE": "nowhere/people.json"},
    )
    assert "nowhere/people.json cannot be written: there is no folder nowhere; create it" in str(
        done.exception
    )
    assert not (ops.folder / "nowhere").exists()


@pytest.mark.parametrize(("second", "code"), [(PASSWORD, 0), ("correct-horse-batteri", 2)])
def test_a_person_types_it_twice_and_it_is_not_shown(ops: Collector, second: str, code: int) -> None:
    mine, its = pty.openpty()
    command = [sys.executable, "-m", "collector", "users", "add", "иванова"]
    with subprocess.Popen(
        command,
        cwd=ops.folder,
        env=ops.environment,
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    ) as process:
        os.close(its)
        shown = b""
        for asks, answer in ((b"characters): ", PASSWORD), (b"Once more: ", second)):
            while not shown.endswith(asks):
                shown += os.read(mine, 1000)
            os.write(mine, f"{answer}\n".encode())
        # Reading a terminal that nobody holds open any more is an error on Linux.
        try:
            while more := os.read(mine, 1000):
                shown += more
        except OSError:
            pass
        assert process.wait(timeout=30) == code
    os.close(mine)
    assert b"correct-horse" not in shown
    assert (b"differ; nothing was changed" in shown) == (code == 2)
    assert (ops.folder / "people.json").exists() == (code == 0)


def test_commands_at_once_lose_nobody(ops: Collector) -> None:
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "collector", "users", "add", f"user{number}", "--password-stdin"],
            cwd=ops.folder,
            env=ops.environment,
            stdin=subprocess.PIPE,
            text=True,
            stdout=subprocess.DEVNULL,
        )
        for number in range(3)
    ]
    for process in started:
        process.communicate(PASSWORD, timeout=30)
        assert process.returncode == 0
    assert set(read_users(ops.folder / "people.json")) == {"user0", "user1", "user2"}


def test_a_user_who_is_added_may_come_in_without_a_restart(ops: Collector) -> None:
    with serving(ops, "serve", "--listen", "127.0.0.1:0", COLLECTOR_WEB__LOGIN="always") as (_, base):
        assert httpx.get(base).status_code == 503
        assert "nobody can read the department's pages" in ops.log
        add(ops, "script")
        assert httpx.get(base).status_code == 303
        token = ops.run("users", "token", "script").stdout.strip()
        assert httpx.get(f"{base}/api/x", headers={"authorization": f"Bearer {token}"}).status_code == 404
        ops.run("users", "remove", "script")
        assert httpx.get(f"{base}/api/x", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert token not in ops.log
    assert json.loads(ops.log.splitlines()[0])

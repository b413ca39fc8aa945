"""Guessing is slowed, nobody is locked out for good, and neither memory nor the processor can be exhausted by it."""

from __future__ import annotations

import io
import json
import threading
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette

from collector.web.access.brakes import Brakes, Counted, Suspect
from collector.web.access.passwords import PasswordCheck, TooManyLoginsError
from tests.web.asking import Asked, asked
from tests.web.logins import PASSWORD, Browser, a_user, hidden, write_users
from tests.web.site import NOW, Site

SECOND = timedelta(seconds=1)
NONE = timedelta(0)
VICTIM = Suspect(Counted.BY_USER, "иванова")
OFFICE = Suspect(Counted.BY_ADDRESS, "203.0.113.5")
HOST = ("host", "collector.example.org")
WRONG = "не-тот-пароль-совсем"


def failing(brakes: Brakes, times: int, *suspects: Suspect) -> None:
    for _ in range(times):
        assert brakes.attempt(suspects, NOW) == NONE


def test_after_five_failures_each_next_one_waits_longer_up_to_a_minute() -> None:
    brakes = Brakes()
    failing(brakes, 5, VICTIM)
    now, waits = NOW, []
    for _ in range(9):
        waits.append(brakes.attempt([VICTIM], now))
        assert brakes.attempt([VICTIM], now + waits[-1] - SECOND / 100) > NONE
        now += waits[-1]
        assert brakes.attempt([VICTIM], now) == NONE
    assert [wait.total_seconds() for wait in waits] == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_an_attempt_that_had_to_wait_is_no_failure() -> None:
    brakes = Brakes()
    failing(brakes, 5, VICTIM)
    assert {brakes.attempt([VICTIM], NOW) for _ in range(100)} == {SECOND}


def test_who_got_in_starts_anew_and_a_day_forgets() -> None:
    brakes = Brakes()
    failing(brakes, 5, VICTIM)
    brakes.succeeded([VICTIM])
    failing(brakes, 5, VICTIM)
    assert brakes.attempt([VICTIM], NOW) == SECOND
    assert brakes.attempt([VICTIM], NOW + timedelta(days=1)) == NONE
    assert brakes.attempt([VICTIM], NOW + timedelta(days=1)) == NONE


def test_a_clock_that_was_set_back_makes_nobody_wait() -> None:
    brakes = Brakes()
    failing(brakes, 5, VICTIM)
    assert brakes.attempt([VICTIM], NOW - timedelta(days=365)) == NONE


def test_an_address_may_fail_more_often_and_keeps_others_failures() -> None:
    brakes = Brakes()
    for number in range(19):
        failing(brakes, 1, Suspect(Counted.BY_USER, str(number)), OFFICE)
    failing(brakes, 1, VICTIM, OFFICE)
    brakes.succeeded([VICTIM, OFFICE])
    failing(brakes, 1, OFFICE)
    assert brakes.attempt([OFFICE], NOW) == SECOND, "one success does not wipe away nineteen failures"


def test_who_was_sent_away_unjudged_counts_for_nothing() -> None:
    """Else many logins at once would slow who has the right password, or push a victim's failures out for nothing."""
    brakes = Brakes(most=100)
    failing(brakes, 5, VICTIM)
    for number in range(1000):
        name = Suspect(Counted.BY_USER, str(number))
        failing(brakes, 1, name)
        brakes.unjudged([name])
    assert brakes.attempt([VICTIM], NOW) == SECOND
    for _ in range(40):
        failing(brakes, 1, OFFICE)
        brakes.unjudged([OFFICE])
    assert len(brakes) == 1


def test_memory_is_bounded() -> None:
    brakes = Brakes(most=100)
    for number in range(1000):
        failing(brakes, 1, Suspect(Counted.BY_USER, str(number)))
    assert len(brakes) == 100


def test_attempts_at_once_are_counted_each() -> None:
    brakes = Brakes()
    waits: list[timedelta] = []
    together = threading.Barrier(20)

    def attempt() -> None:
        together.wait()
        waits.append(brakes.attempt([VICTIM], NOW))

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert waits.count(NONE) == 5


def test_passwords_are_checked_one_at_a_time_and_few_wait() -> None:
    check = PasswordCheck()
    user = a_user("иванова")
    found: list[bool] = []
    check._one_at_a_time.acquire()
    waiting = [
        threading.Thread(target=lambda: found.append(check.is_right(user, PASSWORD))) for _ in range(8)
    ]
    for thread in waiting:
        thread.start()
    while check._places._value:
        assert all(thread.is_alive() for thread in waiting)
    with pytest.raises(TooManyLoginsError):
        check.is_right(user, PASSWORD)
    assert not found
    known = threading.Thread(target=lambda: found.append(check.is_right(user, PASSWORD, is_known=True)))
    known.start()
    while check._known_places._value == 4:
        assert known.is_alive()
    check._one_at_a_time.release()
    for thread in (*waiting, known):
        thread.join()
    assert found == [True] * 9, "strangers do not keep out whom the browser knows"
    assert check.is_right(user, PASSWORD)
    assert not check.is_right(None, PASSWORD)


def test_guessing_is_slowed_and_the_right_password_waits_too(fresh: Site) -> None:
    with Browser(fresh.base) as stranger:
        for _ in range(5):
            assert stranger.login("иванова", WRONG).status_code == 403
        slowed = stranger.login("ИВАНОВА", PASSWORD)
        assert slowed.status_code == 429
        assert slowed.headers["retry-after"] == "2"
        assert "Следующая возможна через 2 с" in slowed.text
        assert stranger.session is None
        with Browser(fresh.base) as another:
            assert another.login("petrov").status_code == 303, "nobody else waits"
        fresh.now += 2 * SECOND
        assert stranger.login("иванова").status_code == 303


def test_who_comes_while_too_many_log_in_is_not_slowed_by_that(fresh: Site) -> None:
    app = fresh.app()
    login = asked(app, "/login", headers=[HOST])
    cookie = login.headers["set-cookie"].partition(";")[0]
    form = {"name": "иванова", "password": PASSWORD, "token": _token(login)}
    own = [HOST, ("cookie", cookie)]
    served: Any = app
    while not isinstance(served, Starlette):
        served = served._app
    (enter,) = [each for each in served.routes if each.path == "/login" and "POST" in each.methods]
    places = enter.endpoint.__self__._passwords._places
    with ExitStack() as others:
        for _ in range(8):
            others.enter_context(places)
        busy = [asked(app, "/login", method="POST", headers=own, form=form).status for _ in range(10)]
        assert busy == [503] * 10
    assert asked(app, "/login", method="POST", headers=own, form=form).status == 303


def test_a_name_that_is_nobodys_is_slowed_alike(fresh: Site) -> None:
    with Browser(fresh.base) as stranger:
        told = [stranger.login("nobody", WRONG).status_code for _ in range(6)]
        assert told == [403] * 5 + [429]


def test_a_stranger_cannot_keep_out_whom_the_browser_knows(fresh: Site) -> None:
    with Browser(fresh.base) as own, Browser(fresh.base) as stranger:
        own.login("иванова")
        own.http.post("logout", data={"token": hidden(own.get(""))})
        for _ in range(40):
            stranger.login("иванова", WRONG)
            fresh.now += 2 * SECOND
        assert stranger.login("иванова").status_code == 429
        assert own.login("иванова").status_code == 303
        own.http.cookies.delete("collector_session")
        # What the browser is known by is good for its own user alone, and slowed as well.
        for _ in range(5):
            assert own.login("иванова", WRONG).status_code == 403
        assert own.login("иванова", WRONG).status_code == 429


def test_one_address_is_slowed_whatever_names_it_tries(fresh: Site) -> None:
    # Each name is somebody's, as a hash of the tests takes no time to check.
    write_users(fresh.users_file, *(a_user(f"user{number}") for number in range(62)))
    app = fresh.app("0.0.0.0")

    def attempt(number: int, client: str) -> Asked:
        form = asked(app, "/login", client=client)
        cookie = form.headers["set-cookie"].split(";")[0]
        body = {"name": f"user{number}", "password": WRONG, "token": _token(form)}
        return asked(app, "/login", method="POST", client=client, headers=[("cookie", cookie)], form=body)

    told = [attempt(number, "203.0.113.5").status for number in range(21)]
    assert told == [403] * 20 + [429]
    assert attempt(30, "203.0.113.6").status == 403
    # A proxy on this machine stands for everybody.
    assert {attempt(number, "127.0.0.1").status for number in range(40, 62)} == {403}


def _token(form: Asked) -> str:
    return form.text.split('name="token" value="')[1].split('"')[0]


def test_the_log_names_who_was_refused_and_never_what_was_typed(fresh: Site, written: io.StringIO) -> None:
    with Browser(fresh.base) as browser:
        browser.login("иванова", WRONG)
        browser.login(WRONG, "иванова")
        browser.login("petrov")
    told = written.getvalue()
    lines = [json.loads(line) for line in told.splitlines()]
    assert next(line["who"] for line in lines if line["event"] == "login refused") == "иванова"
    assert [line["who"] for line in lines if line["event"] == "logged in"] == ["petrov"]
    assert WRONG not in told
    assert PASSWORD not in told

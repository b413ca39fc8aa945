"""Episodes, mutes and contacts in the database: written by many at once, by those who are killed, and by people."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from collector.domain.calendar import moscow_day, moscow_day_begins
from collector.domain.episode import Ended, EndReason, Episode, Opened, SilenceFacts
from collector.domain.errors import CollectorError
from collector.domain.model import Contact, ContactRole
from collector.domain.notification import Audience, Recipient
from collector.jobs.detect_silence import DetectPolicy, detect
from storage.letter_tables import branch_mute, outbox_message, silence
from storage.mutes import MuteRefusedError
from storage.store import Store, open_store
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, post, read, vk, wall

CHAIR = Contact(ContactRole.CHAIR, "Анна", "chair@vao.example.org")
ADMINISTRATOR = Contact(ContactRole.ADMINISTRATOR, "Борис", "smm@vao.example.org")
DEPARTMENT = Contact(ContactRole.DEPARTMENT, "Отдел", "info@mgo.example.org")
AT = NOON + 7 * DAY + HOUR
TODAY = moscow_day(AT)


def silent_world(store: Store, count: int = 3) -> World:
    """Branches that are silent, and not detected yet; each has a chair and an administrator."""
    world = World(
        store,
        *(
            branch(f"Б{number}", vk(str(number)), contacts=(CHAIR, ADMINISTRATOR))
            for number in range(1, count + 1)
        ),
    )
    world.round(
        *(
            read(AT, wall=wall(post("10", NOON)), community_id=number, native_id=str(number))
            for number in range(1, count + 1)
        )
    )
    return world


def opened(branch_id: int = 1, at: datetime = AT) -> Opened:
    facts = SilenceFacts(NOON + 7 * DAY, at, 7, NOON, None)
    return Opened(branch_id, facts, (), (Recipient(Audience.CHAIR, "Анна", CHAIR.email),))


def episode(world: World) -> Episode:
    """The first branch's silence."""
    (found,) = world.store.silences.write([opened()], AT).opened
    return found


# At once


def test_two_daemons_on_one_database_make_one_episode_and_one_letter_a_person(
    store: Store, database_url: str
) -> None:
    """Each of four detects at the same moment, again and again."""
    world = silent_world(store)
    workers = 4
    barrier = threading.Barrier(workers, timeout=30)

    def daemon() -> list[int]:
        with open_store(database_url) as own:
            made = []
            for _ in range(5):
                barrier.wait()
                made.append(len(detect(own, DetectPolicy(), AT).opened))
            return made

    with ThreadPoolExecutor(workers) as pool:
        made = [each.result() for each in [pool.submit(daemon) for _ in range(workers)]]
    assert sum(map(sum, made)) == 3
    assert len(world.rows(silence)) == 3
    assert len(world.rows(outbox_message)) == 6


def test_an_end_that_two_daemons_see_is_told_once(store: Store, database_url: str) -> None:
    world = silent_world(store, 1)
    detect(store, DetectPolicy(), AT)
    for row in world.rows(outbox_message):
        assert store.outbox.claim(row.id, "worker", AT, HOUR) is not None
        store.outbox.sent(row.id, "worker", AT, subject="s", body_text="b")
    world.round(read(AT + HOUR, wall=wall(post("10", NOON), post("11", AT + HOUR))))
    barrier = threading.Barrier(4, timeout=30)

    def daemon() -> int:
        with open_store(database_url) as own:
            barrier.wait()
            return len(detect(own, DetectPolicy(), AT + HOUR).ended)

    with ThreadPoolExecutor(4) as pool:
        ended = [each.result() for each in [pool.submit(daemon) for _ in range(4)]]
    assert sum(ended) == 1
    assert [row.kind for row in world.rows(outbox_message)] == ["silence", "silence", "resumed", "resumed"]


def test_what_another_ended_meanwhile_is_left_alone(store: Store) -> None:
    world = silent_world(store, 1)
    found = episode(world)
    first = store.silences.write([Ended(found.silence_id, AT, EndReason.POSTED, "https://vk.com/1")], AT)
    assert [each.resumed_post_url for each in first.ended] == ["https://vk.com/1"]
    second = store.silences.write([Ended(found.silence_id, AT + HOUR, EndReason.WITHDRAWN)], AT + HOUR)
    assert second.ended == ()
    assert world.row(silence).end_reason == "posted"


def test_another_branches_file_ends_any_number_of_silences(store: Store) -> None:
    count = 6_000
    store.sync_branches([branch(f"Б{number}") for number in range(count)], NOON)
    store.silences.write([opened(branch_id) for branch_id in range(1, count + 1)], AT)
    store.sync_branches([branch("ВАО")], AT)
    taken: list[int] = []

    def note(_conn: object, _cursor: object, _statement: str, given: object, *_: object) -> None:
        taken.append(len(given) if isinstance(given, tuple | dict) else 0)

    event.listen(store._engine, "before_cursor_execute", note)
    assert len(store.silences.end_retired(AT + HOUR).ended) == count
    assert store.silences.open_episodes() == {}
    # psycopg takes 65,535 in a statement, SQLite as few as 32,766; this is far from both.
    assert max(taken) < count


def test_killed_at_every_step_no_letter_is_lost_or_doubled(store: Store, database_url: str) -> None:
    """An episode stands with all its letters or not at all."""
    silent_world(store)
    done = subprocess.run(
        [sys.executable, "-m", "tests.storage.detecting", database_url, AT.isoformat()],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines()]
    counts = [tuple(map(int, words[2:])) for words in told if words[:1] == ["killed"]]
    assert len(counts) > 10, "it was killed at fewer steps than there are"
    assert set(counts) == {(0, 0), (3, 6)}
    assert counts[-1] == (3, 6)


# What is asked of it


def test_episodes_are_listed_and_found(store: Store) -> None:
    world = silent_world(store)
    first = episode(world)
    store.silences.write([Ended(first.silence_id, AT, EndReason.POSTED)], AT)
    store.silences.write([opened(1, AT + DAY), opened(2)], AT + DAY)
    silences = store.silences
    assert [each.branch_code for each in silences.episodes()] == ["Б2", "Б1", "Б1"]
    assert [each.is_open for each in silences.episodes(["Б1"])] == [True, False]
    assert len(silences.episodes(only_open=True)) == 2
    assert len(silences.episodes(limit=1)) == 1
    assert set(silences.open_episodes()) == {1, 2}
    assert set(silences.open_episodes([2, 3])) == {2}
    assert silences.episode(first.silence_id) == next(
        each for each in silences.episodes() if each.silence_id == first.silence_id
    )
    assert silences.episode(999) is None


def test_an_acknowledgement_is_noted_once_and_logged(store: Store) -> None:
    found = episode(silent_world(store, 1))
    with capture_logs() as logs:
        first = store.silences.acknowledge(found.silence_id, "Анна", AT)
        second = store.silences.acknowledge(found.silence_id, "Борис", AT + HOUR)
    assert (first.is_new, second.is_new) == (True, False)
    assert second.episode == first.episode
    assert (second.episode.acknowledged_by, second.episode.acknowledged_at) == ("Анна", AT)
    assert [(each["event"], each["branch"], each["who"]) for each in logs] == [
        ("silence acknowledged", "Б1", "Анна")
    ]


def test_what_is_over_or_never_was_cannot_be_acknowledged(store: Store) -> None:
    found = episode(silent_world(store, 1))
    store.silences.write([Ended(found.silence_id, AT, EndReason.POSTED)], AT)
    done = store.silences.acknowledge(found.silence_id, "Анна", AT)
    assert (done.is_new, done.episode.acknowledged_at) == (False, None)
    with pytest.raises(CollectorError, match="silence 999: there is none"):
        store.silences.acknowledge(999, "Анна", AT)


# Mutes


def test_a_mute_holds_until_the_end_of_its_day_in_moscow(store: Store) -> None:
    silent_world(store, 1)
    until = TODAY + 3 * DAY
    store.silences.mute("Б1", until, "отпуск", "Анна", AT)
    last = moscow_day_begins(until + DAY)
    (mute,) = store.silences.mutes(last - HOUR / 3600).values()
    assert (mute.branch_code, mute.muted_until, mute.reason, mute.created_by) == (
        "Б1",
        until,
        "отпуск",
        "Анна",
    )
    assert store.silences.mutes(last) == {}


def test_the_same_mute_again_changes_nothing_and_another_takes_its_place(store: Store) -> None:
    world = silent_world(store, 1)
    with capture_logs() as logs:
        first = store.silences.mute("Б1", TODAY, "отпуск", "Анна", AT)
        assert store.silences.mute("Б1", TODAY, " отпуск\n", "Борис", AT + HOUR) == first
        store.silences.mute("Б1", TODAY + DAY, "ремонт", "Борис", AT + HOUR)
    assert [row.reason for row in world.rows(branch_mute)] == ["отпуск", "ремонт"]
    assert [row.lifted_by for row in world.rows(branch_mute)] == ["Борис", None]
    assert [each.reason for each in store.silences.mutes(AT).values()] == ["ремонт"]
    assert [(each["event"], each["who"]) for each in logs] == [
        ("branch muted", "Анна"),
        ("branch muted", "Борис"),
    ]


def test_a_mute_is_lifted_once(store: Store) -> None:
    world = silent_world(store, 1)
    store.silences.mute("Б1", TODAY, "отпуск", "Анна", AT)
    with capture_logs() as logs:
        assert store.silences.unmute("Б1", "Борис", AT) is True
        assert store.silences.unmute("Б1", "Борис", AT) is False
    assert store.silences.mutes(AT) == {}
    assert (world.row(branch_mute).lifted_at, world.row(branch_mute).lifted_by) == (AT, "Борис")
    assert [each["event"] for each in logs] == ["branch unmuted"]


@pytest.mark.parametrize(
    ("code", "until", "reason", "words"),
    [
        ("Б1", TODAY - DAY, "отпуск", "that day is past"),
        ("Б1", TODAY + 367 * DAY, "отпуск", "more than a year ahead"),
        ("Б1", TODAY, "  ", "needs a reason"),
        ("Б9", TODAY, "отпуск", "branch Б9: there is none"),
    ],
)
def test_a_mute_that_makes_no_sense_is_refused(
    store: Store, code: str, until: date, reason: str, words: str
) -> None:
    silent_world(store, 1)
    with pytest.raises(MuteRefusedError, match=words):
        store.silences.mute(code, until, reason, "Анна", AT)
    store.silences.mute("Б1", TODAY + 366 * DAY, "отпуск", "Анна", AT)
    with pytest.raises(MuteRefusedError, match="there is none"):
        store.silences.unmute("Б9", "Анна", AT)


def test_many_who_mute_at_once_leave_one_mute(store: Store, database_url: str) -> None:
    silent_world(store, 1)
    barrier = threading.Barrier(4, timeout=30)

    def mute(number: int) -> None:
        with open_store(database_url) as own:
            barrier.wait()
            own.silences.mute("Б1", TODAY, f"причина {number}", "Анна", AT)

    with ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(mute, number) for number in range(4)]:
            each.result()
    store.silences.unmute("Б1", "Анна", AT)
    assert store.silences.mutes(AT) == {}


# People


def test_contacts_are_those_of_live_branches(store: Store) -> None:
    city = branch("МГО", contacts=(DEPARTMENT, CHAIR))
    tpo = branch("ВАО", parent_code="МГО", contacts=(ADMINISTRATOR,))
    ppo = branch("Школа", parent_code="ВАО")
    World(store, city, tpo, ppo, branch("САО", contacts=(CHAIR,)))
    store.sync_branches([city, tpo, ppo], NOON)
    people = store.silences.people()
    ids = {row.code: number for number, row in enumerate(store.branches(), start=1)}
    school = people.of(ids["Школа"])
    assert [each.email for each in school.department] == [DEPARTMENT.email]
    assert [(each.audience, each.name) for each in school.parent_chairs] == [(Audience.CHAIR, CHAIR.name)]
    assert school.own == ()
    assert [each.email for each in people.of(ids["ВАО"]).administrators] == [ADMINISTRATOR.email]
    assert people.of(ids["САО"]).chairs == ()

"""Which letters an episode owes: at each boundary, after downtime, in pauses, to people who come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zlib import crc32

import pytest

from collector.domain.calendar import moscow_day_begins
from collector.domain.episode import Episode
from collector.domain.model import Pause
from collector.domain.notification import Audience, MessageStatus, NotificationKind, OwedLetter, Recipient
from collector.domain.owed import (
    NO_CONTACT,
    BranchPeople,
    KnownLetter,
    OwedPolicy,
    People,
    letters_of_episode,
    overtaken_letters,
    reminders_due,
    resumed_letters,
    warning_letters,
)
from collector.domain.silence import Assessment, SeenPost, Verdict

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
SINCE = moscow_day_begins(date(2026, 10, 12))
SENT_AT = SINCE + 2 * DAY
POLICY = OwedPolicy()

CHAIR = Recipient(Audience.CHAIR, "Анна", "chair@vao.example.org")
ADMINISTRATOR = Recipient(Audience.ADMINISTRATOR, "Борис", "smm@vao.example.org")
DEPARTMENT = Recipient(Audience.DEPARTMENT, "Отдел", "info@mgo.example.org")
PARENT = Recipient(Audience.CHAIR, "Вера", "chair@mgo.example.org")
ALL = BranchPeople((CHAIR,), (ADMINISTRATOR,), (DEPARTMENT,), (PARENT,))
OWN = replace(ALL, department=(), parent_chairs=())

EPISODE = Episode(
    silence_id=5,
    branch_id=2,
    branch_code="ВАО",
    branch_name="Восточная",
    silent_since=SINCE,
    detected_at=SINCE + SECOND,
    confirmed_at=SINCE + SECOND,
    threshold_days=7,
    counted_from=SINCE - 7 * DAY,
    last_post_at=SINCE - 7 * DAY,
    last_post_network="vk",
    last_post_url="https://vk.com/wall-1_1",
    proof=(),
)


def known(
    recipient: Recipient,
    status: MessageStatus = MessageStatus.SENT,
    kind: NotificationKind = NotificationKind.SILENCE,
    at: datetime = SENT_AT,
    number: int | None = None,
    reason: str | None = None,
) -> KnownLetter:
    middle = f"5:{number}" if number else "5"
    return KnownLetter(
        message_id=crc32(f"{recipient.email}{kind}{number}".encode()),
        key=f"{kind}:{middle}:{recipient.email}",
        kind=kind,
        audience=recipient.audience,
        email=recipient.email,
        status=status,
        finished_at=None if status is MessageStatus.PENDING else at,
        cancel_reason=reason,
    )


TOLD = (known(CHAIR), known(ADMINISTRATOR))


def owed(
    now: datetime,
    letters: tuple[KnownLetter, ...] = TOLD,
    people: BranchPeople = OWN,
    pauses: tuple[Pause, ...] = (),
    episode: Episode = EPISODE,
    policy: OwedPolicy = POLICY,
    *,
    is_fresh: bool = True,
) -> list[OwedLetter]:
    return letters_of_episode(episode, people, letters, policy, pauses, now, is_fresh=is_fresh)


def keys(letters: list[OwedLetter]) -> list[str]:
    return [each.key for each in letters]


# Silence letters


def test_each_contact_is_owed_the_first_letter_once() -> None:
    assert keys(owed(SINCE, ())) == [f"silence:5:{CHAIR.email}", f"silence:5:{ADMINISTRATOR.email}"]
    assert owed(SINCE, TOLD[:1]) == owed(SINCE, ())[1:]
    assert owed(SENT_AT) == []


def test_who_is_chair_and_administrator_gets_one_letter_as_a_chair() -> None:
    both = Recipient(Audience.ADMINISTRATOR, "Анна", "Chair@VAO.example.org")
    assert [each.recipient for each in owed(SINCE, (), BranchPeople((CHAIR,), (both,)))] == [CHAIR]


@pytest.mark.parametrize("status", MessageStatus)
def test_a_letter_that_is_there_is_not_owed_again_however_it_stands(status: MessageStatus) -> None:
    letter = known(CHAIR, status, reason="by a person's word")
    assert keys(owed(SINCE, (letter,))) == [f"silence:5:{ADMINISTRATOR.email}"]


def test_who_was_no_contact_for_an_hour_is_owed_the_letter_again() -> None:
    """A mistake in the branches file, put right at once, must lose nobody's letter."""
    letter = known(CHAIR, MessageStatus.CANCELLED, reason=NO_CONTACT)
    assert keys(owed(SINCE, (letter, TOLD[1]))) == [f"silence:5:{CHAIR.email}"]


# Reminders


@pytest.mark.parametrize(
    ("passed", "number"),
    [
        (7 * DAY - SECOND, None),
        (7 * DAY, 1),
        (14 * DAY - SECOND, 1),
        (14 * DAY, 2),
        (30 * DAY - SECOND, 2),
        (30 * DAY, 3),
        (60 * DAY - SECOND, 3),
        (60 * DAY, 4),
        (90 * DAY, 5),
        (395 * DAY, 15),
    ],
)
def test_reminders_count_from_the_day_the_chair_was_told_and_only_the_newest_is_owed(
    passed: timedelta, number: int | None
) -> None:
    expected = [f"reminder:5:{number}:{each.email}" for each in (CHAIR, ADMINISTRATOR)] if number else []
    found = owed(SENT_AT + passed)
    assert keys(found) == expected
    assert {each.about["number"] for each in found} == ({number} if number else set())


def test_a_reminder_is_owed_once() -> None:
    reminded = tuple(known(each, kind=NotificationKind.REMINDER, number=1) for each in (CHAIR, ADMINISTRATOR))
    assert owed(SENT_AT + 13 * DAY, TOLD + reminded) == []


def test_without_set_days_reminders_go_by_the_interval_alone() -> None:
    policy = OwedPolicy(reminders_after=(), reminders_then_every=10 * DAY)
    counts = [reminders_due(policy, passed) for passed in (10 * DAY - SECOND, 10 * DAY, 29 * DAY)]
    assert counts == [0, 1, 2]


def test_no_reminder_before_the_first_letter_was_really_sent() -> None:
    for status in (MessageStatus.PENDING, MessageStatus.FAILED, MessageStatus.CANCELLED):
        assert owed(SENT_AT + 100 * DAY, (known(CHAIR, status), known(ADMINISTRATOR, status))) == []


def test_reminders_wait_for_the_chairs_letter_even_if_an_administrator_got_one() -> None:
    letters = (known(CHAIR, MessageStatus.PENDING), known(ADMINISTRATOR))
    assert owed(SENT_AT + 8 * DAY, letters) == []
    later = (known(CHAIR, at=SENT_AT + 5 * DAY), known(ADMINISTRATOR))
    assert owed(SENT_AT + 12 * DAY - SECOND, later) == []
    assert len(owed(SENT_AT + 12 * DAY, later)) == 2


def test_without_a_chair_or_with_one_that_refuses_mail_anybodys_letter_counts() -> None:
    reminder = [f"reminder:5:1:{ADMINISTRATOR.email}"]
    nobody = replace(OWN, chairs=())
    assert keys(owed(SENT_AT + 7 * DAY, TOLD[1:], nobody)) == reminder
    refused = (known(CHAIR, MessageStatus.FAILED), known(ADMINISTRATOR))
    assert keys(owed(SENT_AT + 7 * DAY, refused)) == reminder


def test_a_new_chair_is_told_first_and_reminded_a_week_after() -> None:
    new = Recipient(Audience.CHAIR, "Галина", "new@vao.example.org")
    people = BranchPeople((new,))
    assert keys(owed(SENT_AT + 13 * DAY, TOLD, people)) == [f"silence:5:{new.email}"]
    told = (*TOLD, known(new, at=SENT_AT + 13 * DAY))
    assert owed(SENT_AT + 14 * DAY, told, people) == []
    assert keys(owed(SENT_AT + 20 * DAY, told, people)) == [f"reminder:5:1:{new.email}"]


def test_an_acknowledged_silence_is_not_reminded_of_but_escalated() -> None:
    seen = replace(EPISODE, acknowledged_at=SENT_AT + DAY, acknowledged_by="Анна")
    assert owed(SENT_AT + 8 * DAY, episode=seen) == []
    found = owed(SINCE + 30 * DAY, people=ALL, episode=seen)
    assert {each.kind for each in found} == {NotificationKind.ESCALATION}


def test_pauses_stop_the_clock_of_reminders_and_none_falls_into_one() -> None:
    pause = Pause(date(2026, 10, 17), date(2026, 10, 26), "каникулы")
    for passed in (7 * DAY, 12 * DAY, 17 * DAY - SECOND):
        assert owed(SENT_AT + passed, pauses=(pause,)) == []
    assert len(owed(SENT_AT + 17 * DAY, pauses=(pause,))) == 2
    # One that fell due before, while the daemon was down, waits for the end.
    late = Pause(date(2026, 10, 22), date(2026, 10, 24), "каникулы")
    assert owed(moscow_day_begins(date(2026, 10, 22)), pauses=(late,)) == []
    assert len(owed(moscow_day_begins(date(2026, 10, 25)), pauses=(late,))) == 2


def test_an_old_proof_owes_first_letters_alone() -> None:
    """A clock that is a month ahead makes reminders due, as nothing else of an open silence hangs on now."""
    assert owed(SENT_AT + 30 * DAY, people=ALL, is_fresh=False) == []
    assert len(owed(SENT_AT + 30 * DAY, (), ALL, is_fresh=False)) == 2


# Escalations


@pytest.mark.parametrize(
    ("lasted", "recipients"),
    [
        (14 * DAY - SECOND, []),
        (14 * DAY, [DEPARTMENT]),
        (30 * DAY - SECOND, [DEPARTMENT]),
        (30 * DAY, [DEPARTMENT, PARENT]),
    ],
)
def test_escalations_count_from_the_detection(lasted: timedelta, recipients: list[Recipient]) -> None:
    waiting = tuple(known(each, MessageStatus.PENDING) for each in (CHAIR, ADMINISTRATOR))
    found = owed(EPISODE.detected_at + lasted, waiting, ALL)
    assert [each.recipient for each in found] == recipients
    assert {each.kind for each in found} <= {NotificationKind.ESCALATION}


def test_a_silence_found_late_is_escalated_late() -> None:
    """On the program's first day the chairs of branches long silent hear of it before those above them."""
    late = replace(EPISODE, detected_at=SINCE + 199 * DAY)
    found = owed(SINCE + 200 * DAY, (), ALL, episode=late)
    assert [each.recipient for each in found] == [CHAIR, ADMINISTRATOR]


def test_a_silence_that_a_clock_ahead_detected_is_escalated_all_the_same() -> None:
    ahead = replace(EPISODE, detected_at=SINCE + 365 * DAY)
    found = owed(SINCE + 14 * DAY, (*TOLD, *REMINDED), ALL, episode=ahead)
    assert [each.recipient for each in found] == [DEPARTMENT]


def test_pauses_put_escalations_off() -> None:
    pause = (Pause(date(2026, 10, 15), date(2026, 10, 24), "каникулы"),)
    assert owed(EPISODE.detected_at + 24 * DAY - SECOND, (*TOLD, *REMINDED), ALL, pause) == []
    assert [
        each.recipient for each in owed(EPISODE.detected_at + 24 * DAY, (*TOLD, *REMINDED), ALL, pause)
    ] == [DEPARTMENT]


REMINDED = tuple(
    known(each, kind=NotificationKind.REMINDER, number=number)
    for each in (CHAIR, ADMINISTRATOR)
    for number in (1, 2)
)


def test_escalations_can_be_switched_off() -> None:
    policy = OwedPolicy(escalate_department=None, escalate_parent=None)
    found = owed(SINCE + 100 * DAY, people=ALL, policy=policy)
    assert {each.kind for each in found} == {NotificationKind.REMINDER}


# Cancelled on the way


def test_letters_to_former_contacts_are_cancelled_and_sent_ones_left_alone() -> None:
    letters = [
        known(CHAIR, MessageStatus.PENDING),
        known(CHAIR, MessageStatus.PENDING, NotificationKind.REMINDER, number=1),
        known(ADMINISTRATOR),
        known(DEPARTMENT, MessageStatus.PENDING, NotificationKind.ESCALATION),
        known(PARENT, MessageStatus.PENDING, NotificationKind.ESCALATION),
    ]
    assert overtaken_letters(ALL, letters, []) == []
    found = overtaken_letters(BranchPeople(department=(DEPARTMENT,)), letters, [])
    assert found == [(letters[place].message_id, NO_CONTACT) for place in (0, 1, 4)]


def test_a_reminder_that_waited_gives_way_to_the_next() -> None:
    """After a mute, or an outage of the mail server, one reminder leaves, not all of them."""
    waiting = [known(CHAIR, MessageStatus.PENDING, NotificationKind.REMINDER, number=1)]
    letters = owed(SENT_AT + 14 * DAY, (*TOLD, *waiting))
    ((message_id, reason),) = overtaken_letters(OWN, waiting, letters)
    assert message_id == waiting[0].message_id
    assert reason != NO_CONTACT


# The end, and before the beginning


def test_the_end_is_told_to_whom_the_silence_was_told() -> None:
    letters = (known(CHAIR), known(ADMINISTRATOR, MessageStatus.PENDING), known(PARENT))
    assert keys(resumed_letters(EPISODE, ALL, letters)) == [f"resumed:5:{CHAIR.email}"]
    escalated = (known(DEPARTMENT, kind=NotificationKind.ESCALATION),)
    assert resumed_letters(EPISODE, ALL, escalated) == []


def test_a_warning_goes_to_the_administrators_alone() -> None:
    last = SeenPost(1, "vk", "1", SINCE - 7 * DAY, "https://vk.com/wall-1_1")
    verdict = Assessment(Verdict.ACTIVE, None, last.published_at, SINCE, last_post=last, is_warning_due=True)
    (letter,) = warning_letters(2, verdict, ALL)
    assert letter.recipient == ADMINISTRATOR
    assert letter.key == f"warning:2:{int(SINCE.timestamp())}:{ADMINISTRATOR.email}"
    assert letter.about["last_post"]["url"] == last.url
    assert warning_letters(2, replace(verdict, is_warning_due=False), ALL) == []


# Who is who


def test_departments_and_parents_are_sought_upwards() -> None:
    people = People(
        chairs={1: (PARENT,), 3: (CHAIR,)},
        administrators={3: (ADMINISTRATOR,)},
        departments={1: (DEPARTMENT,)},
        parents={1: None, 2: 1, 3: 2},
    )
    assert people.of(3) == ALL
    assert people.of(2) == BranchPeople(department=(DEPARTMENT,), parent_chairs=(PARENT,))
    assert people.of(1) == BranchPeople((PARENT,), department=(DEPARTMENT,))
    own = replace(DEPARTMENT, email="own@vao.example.org")
    assert replace(people, departments={1: (DEPARTMENT,), 3: (own,)}).of(3).department == (own,)
    assert people.of(99) == BranchPeople()

"""What holds a letter, and that it holds no other: working hours, mutes, pauses, proofs, clocks."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event

from collector.domain.model import Contact, ContactRole, Pause
from collector.domain.notification import ABOUT_SILENCE
from collector.domain.owed import NO_CONTACT
from collector.jobs.detect_silence import DetectPolicy
from collector.jobs.gates import GatePolicy, Held
from storage.letter_tables import outbox_message
from storage.store import Store
from storage.tables import community_state
from tests import smtp
from tests.jobs.post_office import SILENT, WEEK, PostOffice, branches, chair
from tests.storage.worlds import DAY, HOUR, NOON, branch, vk

MINUTE = timedelta(minutes=1)
YEAR = timedelta(days=365)
CHAIRS = [chair(number).email for number in (1, 2, 3)]
HELPER = Contact(ContactRole.ADMINISTRATOR, "Борис", "smm@example.org")
DEPARTMENT = Contact(ContactRole.DEPARTMENT, "Отдел", "info@example.org")
EVENING = SILENT + 2 * HOUR
"""18:00 in Moscow: the working day is over."""
MORNING = SILENT + 17 * HOUR
"""9:00 in Moscow, the next day."""


@pytest.fixture
def office(store: Store, server: smtp.MailServer) -> PostOffice:
    """Three branches fell silent, and their chairs are owed a letter each."""
    made = PostOffice(store, server)
    made.fall_silent()
    return made


def reasons(office: PostOffice, at: datetime) -> list[str]:
    """Why letters are held at this time."""
    return [each.why for each in office.deliver(at).held]


def see(office: PostOffice, at: datetime) -> None:
    """A round, and the verdicts that follow."""
    office.look(at)
    office.detect(at)


def test_chairs_are_written_to_in_working_hours_only(office: PostOffice) -> None:
    for at in (EVENING, MORNING - MINUTE):
        see(office, at)
        assert reasons(office, at) == [Held.WORKING_HOURS] * 3
    assert office.server.mails == []
    see(office, MORNING)
    office.deliver(MORNING)
    assert office.server.recipients == CHAIRS


def test_what_waits_for_the_morning_is_asked_nothing_else_all_night(office: PostOffice) -> None:
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(office.store._engine, "before_cursor_execute", note)
    assert reasons(office, EVENING) == [Held.WORKING_HOURS] * 3
    assert [each for each in asked if "FROM" in each and "FROM outbox_message" not in each] == []


def test_copies_of_a_chairs_letter_wait_with_it_and_the_department_hears_at_once(
    store: Store, server: smtp.MailServer
) -> None:
    office = PostOffice(store, server, branch("Б1", vk("1"), contacts=(chair(1), HELPER, DEPARTMENT)))
    office.fall_silent()
    night = SILENT + 14 * DAY + 7 * HOUR
    see(office, night)
    assert reasons(office, night) == [Held.WORKING_HOURS] * 2
    assert server.recipients == ["info@example.org"]


def test_a_muted_branchs_letters_wait_in_nobodys_way_and_leave_if_still_true(office: PostOffice) -> None:
    for code in ("Б1", "Б2"):
        office.store.silences.mute(code, date(2026, 10, 14), "отпуск", "ops", SILENT)
    assert reasons(office, SILENT) == [Held.MUTED] * 2
    assert office.server.recipients == CHAIRS[2:]
    # Б2 posts meanwhile: its letter never leaves.
    office.look(SILENT + DAY, {2: SILENT + HOUR})
    office.detect(SILENT + DAY)
    after = SILENT + 3 * DAY
    see(office, after - DAY)
    office.deliver(after - DAY)
    assert office.server.recipients == CHAIRS[2:]
    see(office, after)
    office.deliver(after)
    assert office.server.recipients == [CHAIRS[2], CHAIRS[0]]
    assert office.statuses == ["sent", "cancelled", "sent"]


def test_a_muted_branch_is_not_hidden_from_the_department(store: Store, server: smtp.MailServer) -> None:
    office = PostOffice(store, server, branch("Б1", vk("1"), contacts=(chair(1), DEPARTMENT)))
    office.fall_silent()
    store.silences.mute("Б1", date(2026, 12, 31), "отпуск", "ops", SILENT)
    later = SILENT + 14 * DAY
    see(office, later)
    office.deliver(later)
    assert server.recipients == ["info@example.org"]


def test_a_pause_that_began_after_a_silence_holds_its_letters(store: Store, server: smtp.MailServer) -> None:
    office = PostOffice(store, server)
    office.fall_silent()
    day = date(2026, 10, 12)
    store.sync_branches(branches(3, pauses=(Pause(day, day, "каникулы"),)), SILENT)
    # Before the detection withdraws what the pause makes untrue.
    assert set(reasons(office, SILENT)) == {Held.PAUSED}
    assert server.mails == []


def test_a_proof_that_is_too_old_holds_a_letter_and_asks_for_a_look(office: PostOffice) -> None:
    stale = MORNING
    assert reasons(office, stale) == [Held.NOT_PROVEN] * 3
    assert office.server.mails == []
    for row in office.rows(community_state):
        assert (row.look_asked_at, row.next_due_at) == (stale - 2 * HOUR, min(stale, row.next_due_at))
    # The look is enough: it need not have been detected anew.
    office.look(stale + MINUTE)
    office.deliver(stale + 2 * MINUTE)
    assert office.server.recipients == CHAIRS


def test_a_proof_is_fresh_for_two_hours_to_the_second(store: Store, server: smtp.MailServer) -> None:
    office = PostOffice(store, server, *branches(1))
    at = MORNING + HOUR
    office.look(at - 2 * HOUR)
    office.detect(at - 2 * HOUR)
    assert reasons(office, at + timedelta(seconds=1)) == [Held.NOT_PROVEN]
    office.deliver(at)
    assert server.recipients == CHAIRS[:1]


def test_no_look_is_asked_for_while_nobody_may_be_written_to(office: PostOffice) -> None:
    assert set(reasons(office, MORNING - MINUTE)) == {Held.WORKING_HOURS}
    assert [row.look_asked_at for row in office.rows(community_state)] == [None] * 3


def test_a_post_that_was_seen_but_not_yet_judged_holds_the_letter(office: PostOffice) -> None:
    office.look(SILENT + 2 * MINUTE, {1: SILENT + MINUTE})
    assert reasons(office, SILENT + 3 * MINUTE) == [Held.NOT_PROVEN]
    assert office.server.recipients == CHAIRS[1:]
    office.detect(SILENT + 4 * MINUTE)
    office.deliver(SILENT + 4 * MINUTE)
    assert office.server.recipients == CHAIRS[1:]
    assert office.statuses == ["cancelled", "sent", "sent"]


def test_another_silence_than_the_one_that_was_found_is_judged_before_it_is_told_of(
    office: PostOffice,
) -> None:
    # Nothing was read for a month, then a round that was started by hand saw a post, and silence after it.
    later = SILENT + 28 * DAY
    office.look(later, {1: later - 10 * DAY})
    assert reasons(office, later) == [Held.NOT_JUDGED]
    assert office.server.recipients == CHAIRS[1:]
    office.detect(later)
    office.deliver(later)
    assert office.server.recipients == [*CHAIRS[1:], CHAIRS[0]]
    assert "уже 10 дней" in office.server.mails[-1].text.replace("\u00a0", " ")


def test_who_left_the_branches_file_is_written_to_no_more(office: PostOffice) -> None:
    another = Contact(ContactRole.CHAIR, "Новый", "new@example.org")
    office.store.sync_branches(
        [
            branch("Б1", vk("1"), contacts=(another,)),
            branch("Б2", vk("2"), contacts=(chair(2), another)),
            branch("Б4", vk("4"), contacts=(chair(1), chair(3))),
        ],
        SILENT + MINUTE,
    )
    # Nothing was detected since.
    delivered = office.deliver(SILENT + 2 * MINUTE)
    assert [each.why for each in delivered.cancelled] == [NO_CONTACT] * 2
    assert office.server.recipients == CHAIRS[1:2]
    # One is back in time, and hears of it.
    office.store.sync_branches(office.declared, SILENT + 3 * MINUTE)
    office.detect(SILENT + 4 * MINUTE)
    office.deliver(SILENT + 4 * MINUTE)
    assert sorted(office.server.recipients) == CHAIRS


def test_good_news_goes_to_no_chair_of_the_past(office: PostOffice) -> None:
    office.deliver(SILENT)
    see_post = SILENT + 3 * HOUR
    office.look(see_post, {1: see_post - HOUR})
    office.detect(see_post)
    another = Contact(ContactRole.CHAIR, "Новый", "new@example.org")
    office.store.sync_branches([branch("Б1", vk("1"), contacts=(another,)), *office.declared[1:]], see_post)
    see(office, MORNING)
    office.deliver(MORNING)
    assert office.server.recipients == CHAIRS
    assert [row.status for row in office.rows(outbox_message) if row.kind == "resumed"] == ["cancelled"]


def test_the_department_hears_while_the_file_names_it(store: Store, server: smtp.MailServer) -> None:
    above = branch("МГО", contacts=(DEPARTMENT, chair(9)))
    below = branch("Б1", vk("1"), contacts=(chair(1),), parent_code="МГО")
    office = PostOffice(store, server, above, below)
    office.declared = (below,)
    office.look(NOON + HOUR)
    office.fall_silent()
    later = SILENT + 14 * DAY
    see(office, later)
    other = Contact(ContactRole.DEPARTMENT, "Другой отдел", "other@example.org")
    store.sync_branches([branch("МГО", contacts=(other, chair(9))), below], later)
    office.deliver(later)
    assert server.recipients == CHAIRS[:1]
    see(office, later + MINUTE)
    office.deliver(later + MINUTE)
    assert server.recipients == [*CHAIRS[:1], "other@example.org"]


def test_a_letter_of_a_silence_that_is_over_is_cancelled(office: PostOffice) -> None:
    office.look(SILENT + 2 * MINUTE, {1: SILENT + MINUTE})
    office.detect(SILENT + 2 * MINUTE)
    # As if a person had tried it again.
    office.store.outbox.retry(1, SILENT + 3 * MINUTE)
    delivered = office.deliver(SILENT + 3 * MINUTE)
    assert [each.why for each in delivered.cancelled] == ["overtaken by events: the silence is over"]
    assert office.store.outbox.show(1).cancel_reason == "overtaken by events: the silence is over"
    assert office.server.recipients == CHAIRS[1:]


def test_a_warning_leaves_only_while_the_deadline_is_still_to_come(
    store: Store, server: smtp.MailServer
) -> None:
    office = PostOffice(store, server, branch("Б1", vk("1"), contacts=(chair(1), HELPER)))
    office.detecting = DetectPolicy(warn_before=2 * DAY)
    office.gates = GatePolicy(warn_before=2 * DAY)
    soon = NOON + WEEK - DAY
    see(office, soon)
    posted = soon + HOUR
    office.look(posted, {1: posted - MINUTE})
    assert reasons(office, posted) == [Held.NOT_PROVEN]
    office.detect(posted)
    next_time = posted + WEEK - DAY
    see(office, next_time)
    office.deliver(next_time)
    assert server.recipients == ["smm@example.org"]
    assert office.statuses == ["cancelled", "sent"]


def test_a_warning_waits_for_a_fresh_look_at_every_community(store: Store, server: smtp.MailServer) -> None:
    declared = (branch("Б1", vk("1"), contacts=(HELPER,)), branch("Б2", vk("2")))
    office = PostOffice(store, server, *declared)
    # Of one branch from here on; the second community's network will not answer.
    store.sync_branches([branch("Б1", vk("1"), vk("2"), contacts=(HELPER,)), branch("Б2")], NOON + HOUR)
    office.detecting = DetectPolicy(warn_before=2 * DAY)
    office.gates = GatePolicy(warn_before=2 * DAY)
    see(office, NOON + WEEK - 2 * DAY + MINUTE)
    late = NOON + WEEK - HOUR
    store.outbox.retry(1, late)
    office.round(office.reading(1, late))
    assert reasons(office, late) == [Held.NOT_PROVEN]
    asked = {row.community_id: row.look_asked_at for row in office.rows(community_state)}
    assert asked == {1: None, 2: late - 2 * HOUR}
    office.round(office.reading(2, late + MINUTE))
    office.deliver(late + MINUTE)
    assert server.recipients == ["smm@example.org"]


def test_a_clock_a_year_ahead_and_back_sends_no_chair_anything_untrue(office: PostOffice) -> None:
    ahead = SILENT + YEAR
    office.detect(ahead)
    assert set(reasons(office, ahead)) == {Held.NOT_PROVEN}
    assert office.server.mails == []
    # Back again: what the clock left behind holds nothing, and what was true before leaves now.
    see(office, SILENT + MINUTE)
    office.deliver(SILENT + MINUTE)
    assert office.server.recipients == CHAIRS
    kinds = {row.kind for row in office.rows(outbox_message) if row.status == "sent"}
    assert kinds <= {kind.value for kind in ABOUT_SILENCE}


def test_a_clock_that_is_slow_holds_everything_about_a_silence(office: PostOffice) -> None:
    slow = SILENT - 3 * DAY - 3 * HOUR
    office.deliver(slow)
    assert office.server.mails == []
    office.deliver(SILENT + MINUTE)
    assert office.server.recipients == CHAIRS

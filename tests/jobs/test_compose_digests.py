"""Letters of the calendar as they are written from a database when they leave."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.errors import CollectorError, FailureKind
from collector.domain.finding import Finding
from collector.domain.model import Access, BranchDeclaration, BranchKind, Contact, ContactRole
from collector.domain.notification import Audience, NotificationKind, OutboxLetter, Recipient
from collector.jobs.compose_digests import (
    DigestPolicy,
    compose_monthly,
    compose_ops,
    compose_weekly,
    weekly_facts,
)
from collector.jobs.detect_silence import DetectPolicy, detect
from collector.notifications.rendering import Renderer
from storage.store import Store
from tests.storage.worlds import DAY, HOUR, World, branch, failed, post, read, vk, wall

NOW = datetime(2026, 11, 16, 6, tzinfo=UTC)
MONDAY = date(2026, 11, 16)
POLICY = DigestPolicy(timedelta(days=7), count_reposts=True)
OFFICE = Contact(ContactRole.DEPARTMENT, "Информационный отдел", "info@example.org")


def letter(kind: NotificationKind, branch_id: int | None = None, **about: object) -> OutboxLetter:
    to = Recipient(Audience.CHAIR, "Иванова Ирина Петровна", "chair@example.org")
    return OutboxLetter(7, "key", kind, to, branch_id, None, about, NOW, 0)


def plain(text: str) -> str:
    return " ".join(text.replace("\u202f", " ").split())


@pytest.fixture
def world(store: Store) -> World:
    """Of four branches one is lively, one silent, one closed, one without communities."""
    declared = [
        branch("ВАО", vk("1"), contacts=(OFFICE,)),
        branch("САО", vk("2"), contacts=(OFFICE,)),
        branch("ЦАО", vk("3")),
        branch("ЮАО"),
    ]
    world = World(store, *declared)
    old, new = post("1", NOW - 10 * DAY), post("2", NOW - DAY)
    for at in (NOW - 50 * DAY, NOW - 8 * DAY, NOW - HOUR):
        closed = at > NOW - 9 * DAY
        world.round(
            read(at, 100 + (NOW - at).days, wall(old, *([new] if at > new.published_at else []))),
            read(at, 200, wall(old), community_id=2, native_id="2"),
            read(
                at,
                300,
                None if closed else wall(),
                community_id=3,
                native_id="3",
                access=Access.CLOSED if closed else Access.OPEN,
            ),
        )
    return world


def test_all_branches_are_on_one_page_as_they_stand_when_the_letter_leaves(world: World) -> None:
    world.store.silences.mute("САО", date(2026, 11, 20), "Меняют председателя", "ops", NOW)
    written = compose_weekly(
        world.store, Renderer(strict=True), POLICY, letter(NotificationKind.WEEKLY, monday="2026-11-16"), NOW
    )
    text = plain(written.text)
    assert "Всего 4 организации: 1 молчит, о 1 неизвестно, 1 без сообществ, 1 активна." in text
    assert "ТПО САО: молчит 10 дней, последняя публикация 6 ноября — заглушено до 20 ноября" in text
    assert "ТПО ЮАО: нет сообществ" in text
    assert "ВКонтакте: закрыто, замечено 8 ноября" in text
    assert text.index("ТПО САО") < text.index("ТПО ЮАО") < text.index("ТПО ВАО: активна")
    later = compose_weekly(
        world.store,
        Renderer(strict=True),
        POLICY,
        letter(NotificationKind.WEEKLY, monday="2026-11-16"),
        NOW + DAY,
    )
    assert "молчит 11 дней" in plain(later.text)


def test_a_branch_that_was_told_silent_and_cannot_be_read_now_is_said_so(world: World) -> None:
    detect(world.store, DetectPolicy(), NOW)
    world.round(
        read(NOW + HOUR, 100, wall(post("9", NOW))), failed(NOW + HOUR, FailureKind.TEMPORARY, community_id=2)
    )
    world.store.sync_branches([branch("ВАО", vk("1")), branch("САО", vk("2"), vk("5"))], NOW + HOUR)
    told = weekly_facts(world.store, POLICY, MONDAY, NOW + 2 * HOUR)
    (sao,) = [each for each in told.lines if each.label.endswith("САО")]
    assert sao.state.startswith("неизвестно")
    assert [plain(note) for note in sao.notes] == ["до этого молчала: отмечено 16 ноября"]


def test_of_hundreds_of_primaries_only_counts_and_the_longest_silences_are_told(store: Store) -> None:
    above = [branch("ВАО", vk("1")), branch("САО", vk("2"))]
    below = [
        BranchDeclaration(
            code=f"Школа {number}",
            name="Школа",
            kind=BranchKind.PRIMARY,
            parent_code="ВАО" if number % 3 else "САО",
            communities=(vk(str(number + 10)),) if number % 10 else (),
        )
        for number in range(743)
    ]
    world = World(store, *above, *below)
    for at in (NOW - 50 * DAY, NOW - HOUR):
        world.round(
            *(
                read(
                    at,
                    10,
                    wall(post("1", min(at, NOW - each.community_id % 20 * DAY) - HOUR)),
                    community_id=each.community_id,
                    native_id=str(each.community_id),
                )
                for each in store.communities()
            )
        )
    told = weekly_facts(store, POLICY, MONDAY, NOW)
    assert [each.label for each in told.lines] == ["ТПО\u00a0ВАО", "ТПО\u00a0САО"]
    assert told.tally.total == 745
    assert sum(each.tally.total for each in told.primaries) == 743
    assert (len(told.silent_primaries), told.silent_left_out > 100) == (30, True)
    assert told.silent_primaries[0].state == "19\u00a0дней"
    assert sum(each.tally.silent for each in told.primaries) == 30 + told.silent_left_out
    written = compose_weekly(
        store, Renderer(strict=True), POLICY, letter(NotificationKind.WEEKLY, monday="2026-11-16"), NOW
    )
    assert len(written.text.splitlines()) < 80
    assert len(written.html) < 60_000


def test_a_chair_reads_of_their_own_month_only(world: World) -> None:
    written = compose_monthly(
        world.store,
        Renderer(strict=True),
        POLICY,
        letter(NotificationKind.MONTHLY, 1, month="2026-10-01"),
        NOW,
    )
    text = plain(written.text)
    assert "ТПО ВАО: ваши сообщества, октябрь 2026 года" in text
    assert "vk.com/club1" in text
    assert "vk.com/club2" not in text
    assert written.reply_to is not None
    assert written.reply_to.email == "info@example.org"
    assert len(written.images) == 1


def test_a_month_of_a_branch_that_left_is_not_written(world: World) -> None:
    world.store.sync_branches([branch("ВАО", vk("1"))], NOW)
    with pytest.raises(CollectorError, match="not in the branches file any more"):
        compose_monthly(
            world.store,
            Renderer(strict=True),
            POLICY,
            letter(NotificationKind.MONTHLY, 2, month="2026-10-01"),
            NOW,
        )


def test_ops_read_what_stands_when_the_letter_leaves(store: Store) -> None:
    token = Finding("token:vk", "vk: the token is refused", "Set another.")
    store.findings.observe([token, Finding("clock", "the clock is wrong", "Set it.")], NOW)
    store.findings.observe([token], NOW + HOUR)
    about = letter(NotificationKind.OPS, keys=["token:vk", "clock"])
    written = compose_ops(store, Renderer(strict=True), about, NOW + HOUR)
    assert written.subject == "[collector] 1 to see to, 1 over: vk: the token is refused"
    assert "Already over:" in written.text

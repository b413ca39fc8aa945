"""Letters of the outbox, written from a real database at the moment when they leave."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from collector.domain.errors import CollectorError, FailureKind
from collector.domain.model import Access, BranchDeclaration, Contact, ContactRole, Pause
from collector.domain.notification import Audience, NotificationKind, OutboxLetter, Recipient
from collector.jobs.compose import Composer
from collector.jobs.compose_digests import DigestPolicy
from collector.jobs.detect_silence import DetectPolicy, detect
from collector.notifications.links import LetterLink, LinkSigner
from collector.notifications.rendering import Renderer
from storage.letter_tables import outbox_message
from storage.store import Store
from tests.notifications.letter_world import plain
from tests.storage.worlds import DAY, HOUR, NOON, World, branch, failed, post, read, vk, wall

CHAIR = Contact(ContactRole.CHAIR, "Иванова Анна Петровна", "chair@vao.example.org")
ADMINISTRATOR = Contact(ContactRole.ADMINISTRATOR, "Борис Орлов", "smm@vao.example.org")
DEPARTMENT = Contact(ContactRole.DEPARTMENT, "Информационный отдел", "info@mgo.example.org")
PARENT = Contact(ContactRole.CHAIR, "Вера Львова", "chair@mgo.example.org")
LAST = post("10", NOON)
WEEK = 7 * DAY
LINKS = LinkSigner("s" * 32, "https://collector.example.org", 60 * DAY)
CITY = branch("МГО", contacts=(DEPARTMENT, PARENT))


def vao(**more: object) -> BranchDeclaration:
    return branch(
        "ВАО",
        vk("1"),
        vk("2"),
        **{"parent_code": "МГО", "contacts": (CHAIR, ADMINISTRATOR), **more},
    )


class Writing(World):
    """ВАО has an open community that posted at noon, and a closed one."""

    def __init__(self, store: Store, declared: BranchDeclaration | None = None) -> None:
        super().__init__(store, CITY, declared or vao())
        self.policy = DigestPolicy(WEEK, count_reposts=True)

    def look(self, at: datetime, *posts: object) -> None:
        stands = wall(*posts, since=None)  # type: ignore[arg-type]
        closed = failed(at, FailureKind.CLOSED, community_id=2, access=Access.CLOSED)
        self.round(read(at, wall=stands, title="Профсоюз <ВАО>"), closed)

    def detect(self, at: datetime) -> None:
        detect(self.store, DetectPolicy(WEEK, warn_before=2 * DAY), at)

    def letter(self, kind: NotificationKind, audience: Audience) -> OutboxLetter:
        """The one of this kind that is owed to such a recipient."""
        (row,) = [
            each
            for each in self.rows(outbox_message)
            if (each.kind, each.audience) == (kind.value, audience.value)
        ]
        found = self.store.outbox.claim(row.id, "worker", row.next_attempt_at, HOUR)
        assert found is not None
        return found

    def compose(
        self,
        kind: NotificationKind,
        audience: Audience,
        now: datetime,
        links: LinkSigner | None = LINKS,
    ) -> tuple[str, str]:
        """A letter's subject and text, on one line each."""
        composer = Composer(self.store, Renderer(), links, self.policy)
        made = composer.compose(self.letter(kind, audience), now)
        assert made.reply_to == Recipient(Audience.DEPARTMENT, DEPARTMENT.name, DEPARTMENT.email)
        assert "&lt;ВАО&gt;" in made.html or kind in (NotificationKind.RESUMED, NotificationKind.WARNING)
        return plain(made.subject), plain(made.text)


@pytest.fixture
def world(store: Store) -> Writing:
    """ВАО has just been found silent."""
    made = Writing(store)
    made.look(NOON + HOUR, LAST)
    made.look(NOON + WEEK + HOUR, LAST)
    made.detect(NOON + WEEK + HOUR)
    return made


def test_the_days_are_those_of_the_moment_when_it_leaves(world: Writing) -> None:
    written_at = NOON + WEEK + 3 * DAY
    subject, text = world.compose(NotificationKind.SILENCE, Audience.CHAIR, written_at)
    assert subject == "ТПО ВАО: в открытом сообществе нет публикаций уже 10 дней"
    assert "в понедельник, 5 октября 2026 года, во ВКонтакте: https://vk.com/wall-1_10" in text
    assert "Здравствуйте, Анна Петровна!" in text
    assert "Профсоюз <ВАО>, ВКонтакте: новых публикаций нет (12 октября, 16:00)" in text
    assert "ВКонтакте: закрыто (12 октября, 16:00)" in text


def test_days_are_moscows_whatever_the_hour(world: Writing) -> None:
    before_midnight = datetime.fromisoformat("2026-10-14T20:59:59+00:00")
    first, _ = world.compose(NotificationKind.SILENCE, Audience.CHAIR, before_midnight)
    second, _ = world.compose(
        NotificationKind.SILENCE, Audience.ADMINISTRATOR, before_midnight + timedelta(seconds=1)
    )
    assert "9 дней" in first
    assert "10 дней" in second


def test_a_later_look_is_the_one_that_is_told(world: Writing) -> None:
    world.look(NOON + WEEK + 2 * DAY, LAST)
    _, text = world.compose(NotificationKind.SILENCE, Audience.CHAIR, NOON + WEEK + 2 * DAY)
    assert "новых публикаций нет (14 октября, 15:00)" in text


def test_its_link_is_for_this_silence_and_this_recipient(world: Writing) -> None:
    now = NOON + WEEK + DAY
    _, text = world.compose(NotificationKind.SILENCE, Audience.CHAIR, now)
    (token,) = [each.rsplit("/", 1)[1] for each in text.split() if "/letters/" in each]
    assert LINKS.read(token, now) == LetterLink(1, 2, CHAIR.email)
    _, bare = world.compose(NotificationKind.SILENCE, Audience.ADMINISTRATOR, now, links=None)
    assert "/letters/" not in bare


def test_the_copy_names_the_chair(world: Writing) -> None:
    _, text = world.compose(NotificationKind.SILENCE, Audience.ADMINISTRATOR, NOON + WEEK + DAY)
    assert "Это копия письма председателю: Иванова Анна Петровна." in text


def test_reminders_and_escalations_tell_the_same_silence(world: Writing) -> None:
    for row in world.rows(outbox_message):
        claimed = world.store.outbox.claim(row.id, "worker", NOON + WEEK + HOUR, HOUR)
        assert claimed is not None
        world.store.outbox.sent(row.id, "worker", NOON + WEEK + HOUR, subject="s", body_text="t")
    later = NOON + WEEK + 31 * DAY
    world.look(later, LAST)
    world.detect(later)
    subject, text = world.compose(NotificationKind.REMINDER, Audience.CHAIR, later)
    assert subject == "Напоминание: в открытом сообществе ТПО ВАО нет публикаций уже 38 дней"
    assert "Мы уже писали об этом" in text
    _, department = world.compose(NotificationKind.ESCALATION, Audience.DEPARTMENT, later)
    assert "Иванова Анна Петровна, председатель: chair@vao.example.org" in department
    _, parent = world.compose(NotificationKind.ESCALATION, Audience.CHAIR, later)
    assert "Здравствуйте, Вера Львова!" in parent
    assert "не с упрёком" in parent


def test_the_end_is_told_with_the_new_post_and_the_length(world: Writing) -> None:
    for row in world.rows(outbox_message):
        assert world.store.outbox.claim(row.id, "worker", NOON + WEEK + HOUR, HOUR)
        world.store.outbox.sent(row.id, "worker", NOON + WEEK + HOUR, subject="s", body_text="t")
    resumed_at = NOON + 15 * DAY
    world.look(resumed_at + HOUR, LAST, post("11", resumed_at))
    world.detect(resumed_at + HOUR)
    subject, text = world.compose(NotificationKind.RESUMED, Audience.CHAIR, resumed_at + 2 * DAY)
    assert subject == "ТПО ВАО: публикации снова выходят"
    assert "вышла во вторник, 20 октября 2026 года: https://vk.com/wall-1_11" in text
    assert "длился 15 дней" in text


def test_a_warning_tells_the_days_that_are_left_when_it_leaves(store: Store) -> None:
    world = Writing(store)
    world.look(NOON + 5 * DAY + HOUR, LAST)
    world.detect(NOON + 5 * DAY + HOUR)
    subject, text = world.compose(NotificationKind.WARNING, Audience.ADMINISTRATOR, NOON + 6 * DAY)
    assert subject == "ТПО ВАО: новой записи ждём до 12 октября, остался 1 день"
    assert "7 дней без публикаций исполнится в понедельник, 12 октября 2026 года, в 15:00" in text
    assert "нет новых публикаций уже 6 дней" in text


def test_a_branch_that_never_posted_is_told_so(store: Store) -> None:
    world = Writing(store)
    world.look(NOON)
    world.look(NOON + 8 * DAY)
    world.detect(NOON + 8 * DAY)
    subject, text = world.compose(NotificationKind.SILENCE, Audience.CHAIR, NOON + 8 * DAY)
    assert subject == "ТПО ВАО: в открытом сообществе пока нет публикаций"
    assert "Наблюдаем с 5 октября 2026 года: за 8 дней записей не появилось." in text


def test_days_of_a_pause_are_told_apart(store: Store) -> None:
    first = NOON.date() + 2 * DAY
    world = Writing(store, vao(pauses=(Pause(first, first + 9 * DAY, "каникулы"),)))
    world.look(NOON, LAST)
    world.look(NOON + 18 * DAY, LAST)
    world.detect(NOON + 18 * DAY)
    _, text = world.compose(NotificationKind.SILENCE, Audience.CHAIR, NOON + 18 * DAY)
    assert "уже 18 дней" in text
    assert "Из этих дней 10 дней пришлись на перерыв" in text


def test_a_branch_that_left_is_told_of_by_what_was_proven(world: Writing) -> None:
    letter = world.letter(NotificationKind.SILENCE, Audience.CHAIR)
    world.store.sync_branches([CITY], NOON + 8 * DAY)
    made = Composer(world.store, Renderer(), None, world.policy).compose(letter, NOON + 8 * DAY)
    assert "https://vk.com/club1" in made.text
    assert "закрыто" in made.text


def test_a_letter_about_nothing_is_refused_in_words(world: Writing) -> None:
    composer = Composer(world.store, Renderer(), None, world.policy)
    letter = world.letter(NotificationKind.SILENCE, Audience.CHAIR)
    for silence_id in (None, 99):
        lost = OutboxLetter(
            7, "k", NotificationKind.SILENCE, letter.recipient, 2, silence_id, {}, NOON, attempt_count=0
        )
        with pytest.raises(CollectorError, match="letter 7: there is no silence"):
            composer.compose(lost, NOON)

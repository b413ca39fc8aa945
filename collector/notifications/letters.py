"""The letters about a branch's silence: what each of them is told, and who its words are for.

The words themselves stand in the templates; a template sees the fields of `Addressed` by their names, the facts
as `it`, and what else the functions here give it. All counts and dates are true at the moment of writing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from collector.domain.model import Access, BranchKind
from collector.domain.notification import NotificationKind, Recipient
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.words import branch_label


@dataclass(frozen=True, slots=True)
class Addressed:
    """To whom a letter goes, whom they may ask, and where they can answer by a click.

    `office` is the information department; answers to the letter go there. `link` leads to the page with the
    buttons; None: letters have none.
    """

    to: Recipient
    office: Recipient | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class BranchInLetter:
    """A branch as letters name it: shortly, in words that need no declension, and in full.

    `place` is how its communities stand after «в»: «сообществах», «сообществе» where there is one, and «открытых
    сообществах» where others are closed: nobody knows what is posted there.
    """

    label: str
    name: str
    kind: BranchKind
    place: str

    @property
    def where(self) -> str:
        """`place`, and whose: «сообществах ТПО ВАО»."""
        return f"{self.place} {self.label}"

    @classmethod
    def of(
        cls, code: str, name: str, kind: BranchKind, count: int, withheld_count: int = 0
    ) -> BranchInLetter:
        """Named by its code. `count` are its communities that can be read, `withheld_count` those that cannot."""
        open_one, open_ones = ("открытом ", "открытых ") if count and withheld_count else ("", "")
        place = f"{open_one}сообществе" if count == 1 else f"{open_ones}сообществах"
        return cls(branch_label(kind, code), name, kind, place)


@dataclass(frozen=True, slots=True)
class PostInLetter:
    """A post: when, in which network, its link."""

    published_at: datetime
    network: str
    url: str | None


@dataclass(frozen=True, slots=True)
class LookInLetter:
    """A community that was looked at. `title` None: the network told none. `state` is in words."""

    title: str | None
    network: str
    url: str
    looked_at: datetime
    state: str
    is_readable: bool


@dataclass(frozen=True, slots=True)
class SilenceFacts:
    """A silence that lasts.

    `days` are Moscow's calendar days without a post up to now, pauses included; `paused_days` those of them that
    lie in a pause. `counted_from` is when the last post was published, or where there was none, the first look.
    """

    branch: BranchInLetter
    days: int
    paused_days: int
    threshold_days: int
    counts_reposts: bool
    counted_from: datetime
    last_post: PostInLetter | None
    looks: tuple[LookInLetter, ...]
    chairs: tuple[Recipient, ...]
    administrators: tuple[Recipient, ...]
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ResumedFacts:
    """A silence that is over. `days` are Moscow's calendar days between the two posts.

    `had_post`: whether there was any post before; without, they are those between the first look and the post.
    """

    branch: BranchInLetter
    days: int
    had_post: bool
    resumed_at: datetime
    post_url: str | None


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """A branch that will be silent soon. `days_left` are Moscow's calendar days up to the deadline's day."""

    branch: BranchInLetter
    days: int
    paused_days: int
    days_left: int
    deadline_at: datetime
    threshold_days: int
    counted_from: datetime
    last_post: PostInLetter | None


_RECOMMENDATIONS = (
    "рекомендации, приложение №\u00a01 к постановлению №\u00a040-7 от 27\u00a0июня 2018\u00a0года"
)
# What the recommendations say, in the words of a letter; and two clauses of the resolution itself.
_NEWS = (
    "Опубликуйте новость из первички.",
    "Если у неё есть своё сообщество, она поделится вашей записью, и читателей прибавится.",
)
_OWN_NEWS = (
    "Расскажите, чем живёт первичка.",
    "Хватит короткой заметки: о коллеге, о полезном деле, о событии в учреждении.",
)
_PHOTOS = (
    "Выложите фотоотчёт о недавнем мероприятии.",
    "А на следующем объявите, где искать снимки: так придут и новые подписчики.",
)
_TALK = ("Поговорите с подписчиками.", "Подойдут опрос, небольшой конкурс, ответы в комментариях.")
_REGULARLY = ("Пусть записи выходят регулярно.", "Решите, кто и по каким дням их готовит.")
_STUDENTS = (
    "Позовите в помощники студентов.",
    "Профсоюзные активисты вузов могут взять часть работы на себя; не забудьте их отметить.",
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What can be done: pieces of two sentences each, and where they are from."""

    pieces: tuple[tuple[str, str], ...]
    source: str


_FOR_PRIMARIES = Advice(
    (_OWN_NEWS, _PHOTOS, _TALK, _REGULARLY), f"{_RECOMMENDATIONS}; о новостях первичек — пункт\u00a04.3"
)
_FOR_OTHERS = Advice(
    (_NEWS, _PHOTOS, _TALK, _REGULARLY, _STUDENTS), f"{_RECOMMENDATIONS}; о студентах — пункт\u00a04.5"
)

_STATES = {
    Access.CLOSED: "закрыто",
    Access.PRIVATE: "закрыто",
    Access.BANNED: "заблокировано",
    Access.DELETED: "удалено",
    Access.MISSING: "недоступно",
    Access.UNKNOWN: "недоступно",
    Access.OPEN: "записи скрыты",
}


def state_in_words(access: Access, *, is_readable: bool) -> str:
    """How a community was found when it was looked at."""
    return "новых публикаций нет" if is_readable else _STATES[access]


def silence(renderer: Renderer, addressed: Addressed, facts: SilenceFacts) -> Rendered:
    """To the chair: no posts for so many days, what proves it, what can be done. A copy to the administrators."""
    return _letter(renderer, NotificationKind.SILENCE, addressed, it=facts, advice=_advice(facts.branch))


def reminder(renderer: Renderer, addressed: Addressed, facts: SilenceFacts, number: int) -> Rendered:
    """The n-th reminder, from 1: the same in short, with another piece of advice each time."""
    pieces = _advice(facts.branch).pieces
    return _letter(
        renderer,
        NotificationKind.REMINDER,
        addressed,
        it=facts,
        number=number,
        piece=pieces[number % len(pieces)],
    )


def escalation(renderer: Renderer, addressed: Addressed, facts: SilenceFacts) -> Rendered:
    """To the information department, facts; or to the chair of the branch above, kindly."""
    return _letter(renderer, NotificationKind.ESCALATION, addressed, it=facts)


def resumed(renderer: Renderer, addressed: Addressed, facts: ResumedFacts) -> Rendered:
    """To whom the silence was told: it is over."""
    return _letter(renderer, NotificationKind.RESUMED, addressed, it=facts)


def warning(renderer: Renderer, addressed: Addressed, facts: WarningFacts) -> Rendered:
    """To the administrators: so many days are left."""
    return _letter(renderer, NotificationKind.WARNING, addressed, it=facts, advice=_advice(facts.branch))


def _advice(branch: BranchInLetter) -> Advice:
    return _FOR_PRIMARIES if branch.kind is BranchKind.PRIMARY else _FOR_OTHERS


def _letter(renderer: Renderer, kind: NotificationKind, addressed: Addressed, **values: Any) -> Rendered:
    shared = {each.name: getattr(addressed, each.name) for each in fields(addressed)}
    return renderer.render(kind.value, {**shared, **values}, reply_to=addressed.office)

"""What the world's posts say and show, in the domain's words: both networks' payloads are made from it."""

from __future__ import annotations

from collector.domain.model import Attachment, PostContent
from collector.sandbox.community import CommunityLife
from collector.sandbox.model import PostFacts, PostKind

_TEXTS = (
    "Коллеги, напоминаем: до пятницы принимаем заявки на оздоровительную смену. #отдых #Профсоюз",
    "Поздравляем победителей конкурса «Педагог года»! Фотографии с награждения.",
    "Заседание президиума территориальной организации: о чём договорились. #новости@mgoprof",
    "Юрист Профсоюза отвечает: как оплачивается замещение.\n\nПодробности по ссылке.",
    "Новость от первички: в школе открылся уголок Профсоюза. #Профсоюз #МГО",
    "Скидки по профсоюзному билету: обновлённый список партнёров.",
    "Фоторепортаж с туристического слёта. Спасибо всем командам! #турслёт2026",
    "Анкета о нагрузке учителей: займёт пять минут, ответы анонимны.",
)
_COMMENTS = ("", "", "Поддерживаем коллег! #Профсоюз", "Читайте у наших первичек.")

_OCCASIONS = (
    (5, Attachment.LINK),
    (7, Attachment.VIDEO),
    (11, Attachment.POLL),
    (13, Attachment.VIDEO_LINK),
    (17, Attachment.ARTICLE),
    (19, Attachment.DOCUMENT),
    (23, Attachment.AUDIO),
    (29, Attachment.ALBUM),
    (31, Attachment.EVENT),
)
"""Every so many bundles have one of these."""


def _bundle(number: int) -> tuple[Attachment, ...]:
    """Up to three photos, now and then something else."""
    return (Attachment.PHOTO,) * (number % 4) + tuple(
        kind for every, kind in _OCCASIONS if number % every == 0
    )


BUNDLES = tuple(_bundle(number) for number in range(512))
"""What hangs on posts; posts share these, and payloads made of them, since to make them takes long."""


def bundle_of(facts: PostFacts) -> int:
    """The number of the bundle that hangs on a post, or on what it passes on."""
    return (facts.random >> 12) % len(BUNDLES)


def content(life: CommunityLife, facts: PostFacts) -> PostContent:
    """What a post says and shows of its own."""
    if facts.kind is PostKind.REPOST:
        source = source_of(life, facts)
        return PostContent(_COMMENTS[facts.random % len(_COMMENTS)], (), str(-source) if source < 0 else None)
    return PostContent(_TEXTS[facts.random % len(_TEXTS)], BUNDLES[bundle_of(facts)])


def passed_on(facts: PostFacts) -> str:
    """The words of the post that a repost passes on."""
    return _TEXTS[(facts.random >> 8) % len(_TEXTS)]


def source_of(life: CommunityLife, facts: PostFacts) -> int:
    """Whose post a repost passes on, as VK numbers owners: a person's id, or a community's with a minus.

    Every third is of a community of this world, every seventh of the others of a person.
    """
    draw = facts.random >> 20
    if life.neighbours and draw % 3 == 0:
        return -life.neighbours[draw // 3 % len(life.neighbours)]
    stranger = 10_000 + facts.random % 10**6
    return stranger if draw % 7 == 0 else -stranger

"""The 16 recommendations of the founding resolution: who can check each, what the data show of it, what to look at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.notifications import words
from collector.reports.audit import AuditNumbers, BranchAudit, CommunityAudit, Share
from collector.reports.naming import Common
from collector.reports.phrases import community_labels, listed
from collector.reports.points import rounded

PROGRAM, PARTLY, PERSON = "проверяет программа", "отчасти", "проверяет человек"
NOT_READ, NO_POSTS, UNKNOWN = "не читали", "публикаций не видели", "неизвестно"
_BY_PERSON = "по данным не видно"
_TOLD = 12


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One of the 16. `shows`: what the data show; `look`: what a person must look at, empty: nothing more."""

    words: str
    checker: str
    shows: Callable[[AuditNumbers], str]
    look: str


def share_in_words(share: Share) -> str:
    """«12,5 % (5 из 40)», and of how many it is not known."""
    if not share.total:
        return NO_POSTS
    if not share.known:
        return NOT_READ
    percent = words.decimals(rounded(100 * share.part, share.known), 1)
    rest = f"; о {share.unknown} неизвестно" if share.unknown else ""
    return f"{percent}\u00a0% ({share.part} из {share.known}{rest})"


def days_in_words(days_with_posts: int, days: int, *, is_whole: bool) -> str:
    """«45 из 90», «не меньше 45 из 90»."""
    if not is_whole and not days_with_posts:
        return NOT_READ
    return f"{days_with_posts} из {days}" if is_whole else f"не меньше {days_with_posts} из {days}"


def _regularity(numbers: AuditNumbers) -> str:
    there = [each for each in numbers.branches if each.has_community]
    if not there:
        return "сообществ нет"
    ordered = sorted(there, key=lambda each: (each.days_with_posts, each.code))
    return "дней с публикациями: " + listed(
        [_regular(each, numbers.day_count) for each in ordered], _TOLD, "; "
    )


def _regular(branch: BranchAudit, day_count: int) -> str:
    days = days_in_words(branch.days_with_posts, day_count, is_whole=branch.is_whole)
    return f"{branch.code} — {days}"


def _own(numbers: AuditNumbers) -> str:
    return f"собственных, не репостов: {share_in_words(numbers.shares.own)}"


def _style(numbers: AuditNumbers) -> str:
    of = numbers.naming
    parts = [
        _common("слово в названиях", of.title_word),
        _common("начало имён в ссылках", of.name_beginning),
        _alike("названия в разных сетях одинаковы", of.same_title, of.other_title),
        _alike("имена в ссылках в разных сетях одинаковы", of.same_name, of.other_name),
        f"без своего имени в ссылке: {of.without_name} из {of.named}" if of.named else "",
    ]
    return "; ".join(filter(None, parts)) or f"названия {UNKNOWN}"


def _common(what: str, common: Common | None) -> str:
    return f"{what} — «{common.what}», у {common.count} из {common.total}" if common is not None else ""


def _alike(what: str, same: Sequence[str], other: Sequence[str]) -> str:
    if not same and not other:
        return ""
    differ = f", разные: {listed(other)}" if other else ""
    return f"{what} у {len(same)} из {len(same) + len(other)}{differ}"


def _talk(numbers: AuditNumbers) -> str:
    shares = numbers.shares
    return (
        f"с опросом: {share_in_words(shares.poll)}; с комментариями: {share_in_words(shares.commented)}; "
        f"комментарии {_offered(numbers, lambda each: each.facts.are_comments_open, 'открыты', 'закрыты')}"
    )


def _messages(numbers: AuditNumbers) -> str:
    return (
        f"сообщения {_offered(numbers, lambda each: each.facts.are_messages_open, 'включены', 'выключены')}"
    )


def _sites(numbers: AuditNumbers) -> str:
    def names_site(each: CommunityAudit) -> bool | None:
        return None if each.facts.site is None else bool(each.facts.site)

    return f"сайт в описании сообщества {_offered(numbers, names_site, 'указан', 'не указан')}"


def _offered(numbers: AuditNumbers, has: Callable[[CommunityAudit], bool | None], yes: str, no: str) -> str:
    """«включены у 5 из 8; выключены: ВАО, ВКонтакте; неизвестно у 3»."""
    live = [each for each in numbers.communities if each.facts.retired_at is None]
    labels = community_labels([(each.facts.branch_code, each.facts.network) for each in live])
    told = [(label, has(each)) for label, each in zip(labels, live, strict=True)]
    known = [(label, is_so) for label, is_so in told if is_so is not None]
    if not known:
        return f"— {UNKNOWN}"
    without = [label for label, is_so in known if not is_so]
    parts = [f"{yes} у {len(known) - len(without)} из {len(known)}"]
    parts += [f"{no}: {listed(without, separator='; ')}"] if without else []
    parts += [f"{UNKNOWN} у {len(told) - len(known)}"] if len(known) < len(told) else []
    return "; ".join(parts)


def _from_primaries(numbers: AuditNumbers) -> str:
    return f"репостов из сообществ ППО, которые есть в списке: {share_in_words(numbers.shares.of_primaries)}"


def _hashtags(numbers: AuditNumbers) -> str:
    tags = ", ".join(f"{tag} ({count})" for tag, count in numbers.hashtags)
    return f"с хэштегом: {share_in_words(numbers.shares.hashtag)}" + (f"; чаще всего {tags}" if tags else "")


def _feeds(numbers: AuditNumbers) -> str:
    shares = numbers.shares
    return (
        f"с видео, загруженным в сеть: {share_in_words(shares.video)}; с видео других площадок: "
        f"{share_in_words(shares.video_link)}; со статьёй: {share_in_words(shares.article)}"
    )


def _nothing(numbers: AuditNumbers) -> str:
    del numbers
    return _BY_PERSON


RECOMMENDATIONS = (
    Recommendation(
        "Регулярный выход публикаций (пункты 4.1 и 4.2 постановления: ежедневно)", PROGRAM, _regularity, ""
    ),
    Recommendation(
        "Качественные, уникальные публикации",
        PARTLY,
        _own,
        "содержание: своё ли оно, привлекает ли внимание",
    ),
    Recommendation(
        "Единая, узнаваемая стилистика",
        PARTLY,
        _style,
        "оформление: обложка, аватар, вид записей",
    ),
    Recommendation(
        "Конкурсы, опросы, общение в комментариях",
        PARTLY,
        _talk,
        "проводятся ли конкурсы, отвечает ли сообщество в комментариях",
    ),
    Recommendation(
        "Функция «написать сообщение», развёрнутые и быстрые ответы",
        PARTLY,
        _messages,
        "напишите сообществу: ответят ли, скоро ли, подробно ли",
    ),
    Recommendation(
        "Ссылки на соцсети в письмах рассылки для ППО", PERSON, _nothing, "последние письма рассылки ТПО"
    ),
    Recommendation(
        "Ссылки на соцсети на сайте ТПО, на видном месте",
        PARTLY,
        _sites,
        "откройте сайт ТПО: есть ли ссылки, ведут ли они в эти сообщества",
    ),
    Recommendation(
        "Новости, присланные из ППО",
        PARTLY,
        _from_primaries,
        "новости ППО, которые опубликованы не репостом",
    ),
    Recommendation(
        "Приглашать профактив, молодых педагогов, председателей и членов профсоюза",
        PERSON,
        _nothing,
        "кого и как приглашали; растёт ли число подписчиков, показывает отчёт о приросте",
    ),
    Recommendation(
        "Подключать профсоюзных лидеров и авторитетных людей",
        PERSON,
        _nothing,
        "есть ли авторские публикации, делятся ли записями на личных страницах",
    ),
    Recommendation(
        "Рекламировать сообщества на мероприятиях", PERSON, _nothing, "спросите организаторов мероприятий"
    ),
    Recommendation("Привлекать студентов округа", PERSON, _nothing, "спросите администраторов сообществ"),
    Recommendation(
        "Подписка на уведомления о новых публикациях",
        PERSON,
        _nothing,
        "просят ли подписчиков включить уведомления",
    ),
    Recommendation("Хэштеги", PROGRAM, _hashtags, ""),
    Recommendation("Видео, загруженные в сообщество, и статьи ВКонтакте", PROGRAM, _feeds, ""),
    Recommendation(
        "Таргетированная реклама", PERSON, _nothing, "рекламный кабинет: была ли реклама, с каким итогом"
    ),
)
"""In the appendix's order."""

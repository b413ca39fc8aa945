"""The letter of the week: right words, and harmless whatever strangers wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.episode import Mute
from collector.domain.figures import CommunityFigures
from collector.domain.model import Access, BranchKind, Pause
from collector.domain.period import week_until
from collector.domain.silence import (
    Assessment,
    BranchFacts,
    Evidence,
    SeenPost,
    SilencePolicy,
    UnknownReason,
    Verdict,
)
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.standing import attention, state_in_words
from collector.notifications.weekly import (
    BranchLine,
    PrimariesLine,
    SilentPrimary,
    Tally,
    WeeklyFacts,
    branch_line,
    week_in_words,
    weekly,
)
from tests.notifications.digest_world import DAY, HOSTILE, NOW, TO, WEEK, figures, plain


def evidence(access: Access = Access.OPEN, *, withheld: bool = False) -> Evidence:
    at = NOW - timedelta(hours=1)
    return Evidence(1, "vk", "https://vk.com/club1", "Т", access, None, at, at, at if withheld else None)


def facts(code: str = "ВАО", *communities: Evidence, pauses: tuple[Pause, ...] = ()) -> BranchFacts:
    policy = SilencePolicy(7 * DAY, pauses)
    return BranchFacts(1, code, "Организация", BranchKind.TERRITORIAL, None, policy, communities)


def silent(days: int) -> Assessment:
    at = NOW - days * DAY
    return Assessment(Verdict.SILENT, None, at, at + 7 * DAY, SeenPost(1, "vk", "1", at, "u"), proven_at=NOW)


ACTIVE = Assessment(Verdict.ACTIVE)


def unknown(reason: UnknownReason) -> Assessment:
    return Assessment(Verdict.UNKNOWN, reason)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (8, "молчит 8 дней, последняя публикация 8 ноября"),
        (21, "молчит 21 день, последняя публикация 26 октября"),
        (22, "молчит 22 дня, последняя публикация 25 октября"),
    ],
)
def test_a_silence_is_told_in_days_of_the_right_form(days: int, words: str) -> None:
    assert plain(state_in_words(silent(days), NOW)) == words


def test_each_state_has_its_words() -> None:
    assert state_in_words(ACTIVE, NOW) == "активна"
    assert state_in_words(unknown(UnknownReason.NO_COMMUNITY), NOW) == "нет сообществ"
    for reason in set(UnknownReason) - {UnknownReason.NO_COMMUNITY}:
        assert state_in_words(unknown(reason), NOW).startswith("неизвестно: ")
    never = Assessment(Verdict.SILENT, None, NOW - 8 * DAY, NOW - DAY, None, proven_at=NOW)
    assert plain(state_in_words(never, NOW)) == "молчит: не было ни одной публикации, наблюдаем с 8 ноября"


def test_what_needs_attention_comes_first() -> None:
    judged = [
        (facts("А", evidence()), ACTIVE),
        (facts("Б", evidence()), silent(9)),
        (facts("В", evidence(Access.CLOSED, withheld=True), evidence()), ACTIVE),
        (facts("Г"), unknown(UnknownReason.NO_COMMUNITY)),
        (facts("Д", evidence()), silent(30)),
    ]
    assert [each[0].code for each in sorted(judged, key=lambda each: attention(*each))] == list("ДБГВА")


def line(
    branch: BranchFacts, verdict: Assessment, *all_figures: CommunityFigures, mute: Mute | None = None
) -> BranchLine:
    return branch_line(branch, verdict, all_figures, None, mute, WEEK, NOW)


def test_mutes_pauses_and_closed_groups_are_told_beside() -> None:
    pause = Pause(date(2026, 11, 10), date(2026, 11, 16), "каникулы")
    mute = Mute("ВАО", date(2026, 11, 20), "Меняют председателя", NOW, "ops")
    told = line(
        facts("ВАО", evidence(Access.CLOSED, withheld=True), pauses=(pause,)),
        silent(9),
        figures(access="closed", access_since=WEEK.start),
        mute=mute,
    )
    assert [plain(note) for note in told.notes] == [
        "ВКонтакте: закрыто, замечено 9 ноября",
        "перерыв до 16 ноября: каникулы",
        "заглушено до 20 ноября: Меняют председателя",
    ]
    over = Pause(date(2026, 11, 10), date(2026, 11, 15), "каникулы")
    assert line(facts("ВАО", evidence(), pauses=(over,)), ACTIVE).notes == ()


def test_a_day_of_another_year_is_told_with_its_year() -> None:
    assert plain(state_in_words(silent(400), NOW)).endswith("последняя публикация 12 октября 2025 года")
    old = figures(access="closed", access_since=datetime(2019, 11, 9, 12, tzinfo=UTC))
    told = line(facts("ВАО", evidence(Access.CLOSED, withheld=True)), ACTIVE, old)
    assert [plain(note) for note in told.notes] == ["ВКонтакте: закрыто, замечено 9 ноября 2019 года"]


def test_posts_that_are_not_all_known_are_a_least_number() -> None:
    branch = facts("ВАО", evidence(), replace(evidence(), community_id=2))
    told = line(branch, ACTIVE, figures(), figures(community_id=2, posts=None, posts_before=None))
    assert (told.posts, told.posts_before) == ("не меньше 3", "не меньше 5")
    unread = figures(posts=None, posts_before=0)
    assert (line(branch, ACTIVE, unread).posts, line(branch, ACTIVE, unread).posts_before) == (
        "нет данных",
        "0",
    )


def test_the_posts_of_a_group_that_closed_are_left_out() -> None:
    branch = facts("ВАО", evidence(), replace(evidence(Access.CLOSED, withheld=True), community_id=2))
    assert line(branch, ACTIVE, figures(), figures(community_id=2, posts=None, posts_before=4)).posts == "3"
    assert (
        line(branch, ACTIVE, figures(), figures(community_id=2, posts=None, posts_before=4)).posts_before
        == "9"
    )


def test_a_week_is_named_by_its_days() -> None:
    assert plain(week_in_words(WEEK)) == "9–15 ноября"
    assert plain(week_in_words(week_until(date(2026, 11, 2)))) == "26 октября – 1 ноября"


def a_week(**more: object) -> Rendered:
    told = line(facts("ВАО", evidence()), silent(9), figures())
    values = {
        "week": WEEK,
        "seen_at": NOW,
        "tally": Tally(11, 7, 1, 2, 1),
        "closed_count": 1,
        "lines": (told,),
        **more,
    }
    return weekly(Renderer(strict=True), TO, WeeklyFacts(**values))  # type: ignore[arg-type]


def test_the_week_s_letter_counts_first_and_tells_each_branch() -> None:
    letter = a_week()
    assert plain(letter.subject) == "Сообщества за неделю 9–15 ноября: молчит 1 из 11"
    text = plain(letter.text)
    assert "Всего 11 организаций: 1 молчит, о 2 неизвестно, 1 без сообществ, 7 активны." in text
    assert "ТПО ВАО: молчит 9 дней, последняя публикация 7 ноября" in text
    assert "Подписчики, ВКонтакте: 112 (+12)" in text
    assert "Публикации за неделю: 3, неделей раньше: 5" in text
    assert text.index("Всего 11") < text.index("ТПО ВАО")
    assert letter.images == ()


@pytest.mark.parametrize(
    ("tally", "subject"),
    [
        (Tally(11, 8, 2, 1, 0), "молчат 2 из 11"),
        (Tally(100, 79, 21, 0, 0), "молчит 21 из 100"),
        (Tally(11, 11, 0, 0, 0), "молчания нет"),
        (Tally(11, 9, 0, 2, 0), "молчания нет, неизвестно о 2"),
    ],
)
def test_the_week_s_subject_says_what_matters(tally: Tally, subject: str) -> None:
    assert plain(a_week(tally=tally).subject).endswith(f": {subject}")


def test_hundreds_of_primaries_are_counted_and_some_named() -> None:
    letter = a_week(
        primaries=(PrimariesLine("ТПО ВАО", Tally(70, 60, 8, 2, 0)),),
        primaries_left_out=3,
        silent_primaries=(SilentPrimary("ППО Школа 1", "12 дней"),),
        silent_left_out=7,
        lines_left_out=5,
    )
    text = plain(letter.text)
    assert "ТПО ВАО, всего 70: 8 молчат, о 2 неизвестно, 60 активны" in text
    assert "ППО Школа 1: 12 дней — и ещё 7" in text
    assert "И ещё 5 организаций." in text
    assert "и ещё у 3 организаций" in text
    for told in ("ППО Школа 1", "и ещё 7", "И ещё 5", "И ещё у 3"):
        assert told in plain(letter.html)


def test_hostile_words_are_harmless_in_the_week_s_letter() -> None:
    mute = Mute("ВАО", date(2026, 11, 20), HOSTILE, NOW, "ops")
    hostile = (figures(title=HOSTILE), figures(community_id=2, title=HOSTILE, network="vk"))
    letter = a_week(lines=(line(facts(HOSTILE, evidence()), silent(9), *hostile, mute=mute),))
    assert "<script" not in letter.html
    for part in (letter.subject, letter.text, letter.html):
        assert "\u202e" not in part
    assert "\nBcc" not in letter.text
    assert len(letter.html) < 30_000

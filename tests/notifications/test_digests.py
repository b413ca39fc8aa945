"""The letters of the week, of the month and to ops: in right words, and harmless whatever strangers wrote."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from collector.domain.episode import Mute
from collector.domain.figures import CommunityFigures, DayFigures, SilentSpan
from collector.domain.finding import KeptFinding
from collector.domain.model import Access, BranchKind, Pause
from collector.domain.notification import Audience, Recipient
from collector.domain.period import month_before, month_of, week_until
from collector.domain.silence import (
    Assessment,
    BranchFacts,
    Evidence,
    SeenPost,
    SilencePolicy,
    UnknownReason,
    Verdict,
)
from collector.notifications.charts import month_chart
from collector.notifications.figures import community_name, followers_change, followers_end
from collector.notifications.monthly import BranchMonth, in_words, monthly
from collector.notifications.ops import ops
from collector.notifications.rendering import Rendered, Renderer
from collector.notifications.weekly import (
    BranchLine,
    PrimariesLine,
    SilentPrimary,
    Tally,
    WeeklyFacts,
    attention,
    branch_line,
    state_in_words,
    week_in_words,
    weekly,
)

WEEK = week_until(date(2026, 11, 16))
MONTH = month_of(date(2026, 10, 1))
NOW = WEEK.end + timedelta(hours=9)
DAY = timedelta(days=1)
HOSTILE = "<script>alert(1)</script>\r\nBcc: x@example.org\u202e" + "ы" * 5000
TO = Recipient(Audience.DEPARTMENT, "Информационный отдел", "info@example.org")


def plain(text: str) -> str:
    """With common spaces, and without line ends."""
    return " ".join(text.replace("\u202f", " ").split())


def figures(**more: object) -> CommunityFigures:
    values = {
        "branch_id": 1,
        "community_id": 1,
        "network": "vk",
        "url": "https://vk.com/club1",
        "title": "Профсоюз",
        "access": "open",
        "access_since": MONTH.start - 100 * DAY,
        "followers_start": 100,
        "followers_start_at": WEEK.start - timedelta(hours=1),
        "followers_end": 112,
        "followers_end_at": WEEK.end - timedelta(hours=1),
        "posts": 3,
        "posts_before": 5,
        **more,
    }
    return CommunityFigures(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("start", "end", "change"),
    [
        (100, 112, "+12"),
        (112, 100, "−12"),
        (100, 100, "без изменений"),
        (0, 30, "новое"),
        (0, 0, "без изменений"),
        (None, 30, None),
        (30, None, None),
    ],
)
def test_growth_from_nothing_is_new_and_from_the_unknown_unknown(
    start: int | None, end: int | None, change: str | None
) -> None:
    assert followers_change(figures(followers_start=start, followers_end=end), WEEK) == change


def test_a_share_is_told_only_of_something() -> None:
    assert followers_change(figures(), WEEK, percent=True) == "+12, +12\u00a0%"
    assert (
        followers_change(figures(followers_start=300, followers_end=299), WEEK, percent=True)
        == "−1, −0,3\u00a0%"
    )
    assert followers_change(figures(followers_start=0), WEEK, percent=True) == "новое"


def test_an_old_number_is_told_with_its_day_and_without_a_change() -> None:
    old = figures(followers_end_at=WEEK.end - 13 * DAY)
    assert (plain(followers_end(old, WEEK)), followers_change(old, WEEK)) == ("112 на 3 ноября", None)
    assert followers_change(figures(followers_start_at=WEEK.start - 3 * DAY), WEEK) is None
    assert followers_end(figures(followers_end=None), WEEK) == "нет данных"


def test_a_community_is_named_where_its_network_does_not_tell_which() -> None:
    one, two = figures(), figures(community_id=2, title="Молодёжь")
    assert community_name(one, [one, figures(network="facebook")]) == "ВКонтакте"
    assert community_name(two, [one, two]) == "ВКонтакте «Молодёжь»"


# The week


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
        "ВКонтакте: закрыто с 9 ноября",
        "перерыв до 16 ноября: каникулы",
        "заглушено до 20 ноября: Меняют председателя",
    ]
    over = Pause(date(2026, 11, 10), date(2026, 11, 15), "каникулы")
    assert line(facts("ВАО", evidence(), pauses=(over,)), ACTIVE).notes == ()


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


# The month


def a_month(
    *all_figures: CommunityFigures, posts: dict[int, int] | None = None, **more: object
) -> BranchMonth:
    given = posts or {}
    days = [
        DayFigures(
            each.community_id, day, 100 + day.day, given.get(day.day, 0) if each is all_figures[0] else 0
        )
        for each in all_figures
        for day in MONTH.days
    ]
    values = {
        "code": "ВАО",
        "name": "Организация ВАО",
        "kind": BranchKind.TERRITORIAL,
        "month": MONTH,
        "before": month_before(MONTH.start),
        "figures": all_figures,
        "days": tuple(days),
        "silences": (),
        **more,
    }
    return BranchMonth(**values)  # type: ignore[arg-type]


def in_month(**more: object) -> CommunityFigures:
    return figures(**{"followers_start_at": MONTH.start, "followers_end_at": MONTH.end, **more})


def letter_of(month: BranchMonth) -> Rendered:
    chair = Recipient(Audience.CHAIR, "Иванова Ирина Петровна", "chair@example.org")
    return monthly(Renderer(strict=True), chair, TO, month)


def test_the_month_s_letter_tells_what_the_chart_shows() -> None:
    month = a_month(in_month(posts=7, posts_before=2), posts={3: 1, 14: 5, 20: 1})
    letter = letter_of(month)
    text = plain(letter.text)
    assert plain(letter.subject) == "ТПО ВАО: ваши сообщества, октябрь 2026 года"
    for told in (
        "Здравствуйте, Ирина Петровна!",
        "За месяц: 7.",
        "В среднем за неделю: 1,6; месяцем раньше: 0,5.",
        "Дней без публикаций: 28 из 31.",
        "Больше всего за день: 5 публикаций, 14 октября.",
        "Подписчики: 100 в начале месяца, 112 в конце (+12, +12 %).",
    ):
        assert told in text
    assert letter.reply_to == TO
    (image,) = letter.images
    assert f'src="cid:{image.cid}"' in letter.html
    assert "с 100 до 112" in plain(image.alt)
    assert "больше всего 14 октября: 5 публикаций" in plain(image.alt)
    assert image.alt.split(":")[0] in letter.html


def test_what_the_month_does_not_know_is_no_zero() -> None:
    blind = in_month(posts=None, posts_before=None, followers_start=None, followers_end=None)
    month = a_month(blind)
    month = replace(month, days=tuple(replace(each, followers=None) for each in month.days))
    letter = letter_of(month)
    assert "Нет данных: узнать число публикаций не удалось." in letter.text
    assert "нет данных в начале месяца, нет данных в конце." in plain(letter.text)
    assert "Дней без публикаций" not in letter.text
    assert (letter.images, "<img" in letter.html) == ((), False)


def test_a_month_with_one_wall_unread_tells_a_least_number_and_no_average() -> None:
    told = in_words(a_month(in_month(posts=7), in_month(community_id=2, network="facebook", posts=None)))
    assert (told.posts, told.per_week, told.quiet_days, told.best_day) == (
        "не меньше 7",
        "нет данных",
        None,
        None,
    )


def test_a_group_that_was_closed_all_month_is_told_as_closed() -> None:
    closed = in_month(
        community_id=2, network="facebook", posts=None, access="closed", access_since=MONTH.start
    )
    told = in_words(a_month(in_month(posts=7), closed, posts={14: 7}))
    assert [plain(each) for each in told.closed] == ["Facebook: закрыто или недоступно с 1 октября"]
    assert (told.posts, told.quiet_days) == ("7", 30)


def test_no_day_is_best_where_two_are_alike() -> None:
    assert in_words(a_month(in_month(), posts={3: 2, 4: 2})).best_day is None
    assert in_words(a_month(in_month(), posts={3: 1})).best_day is None
    assert in_words(a_month(in_month(), posts={3: 2, 4: 1})).best_day == date(2026, 10, 3)


def test_silences_of_the_month_are_told_by_their_days() -> None:
    def at(month: int, day: int) -> datetime:
        return datetime(2026, month, day, 9, tzinfo=UTC)

    spans = (
        SilentSpan(at(9, 28), at(10, 3), at(10, 3)),
        SilentSpan(at(10, 12), at(11, 2), at(11, 1)),
        SilentSpan(at(10, 30), None, at(11, 1)),
        # Since then it could not be read: who knows whether it posted.
        SilentSpan(at(10, 8), None, at(10, 9)),
    )
    assert [plain(each) for each in in_words(a_month(in_month(), silences=spans)).silences] == [
        "с 28 сентября по 3 октября",
        "с 12 октября, закончилось 2 ноября",
        "с 30 октября, в конце месяца ещё длилось",
        "с 8 октября, 9 октября ещё длилось",
    ]


def test_hostile_words_are_harmless_in_the_month_s_letter_and_its_chart() -> None:
    ones = (in_month(title=HOSTILE), in_month(community_id=2, title='"}]},\\n', url="javascript:alert(1)"))
    letter = letter_of(a_month(*ones, name=HOSTILE))
    assert "<script" not in letter.html
    assert "javascript:" not in letter.html
    assert "\nBcc" not in letter.text
    assert ink(letter.images[0].png) > 0.01


# The chart


def pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height and the rows of a PNG, still filtered: a row of one color is one value and zeros."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    at, packed = 8, b""
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            packed += png[at + 8 : at + 8 + length]
        at += length + 12
    raw = zlib.decompress(packed)
    step = len(raw) // height
    return width, height, [raw[start + 1 : start + step] for start in range(0, len(raw), step)]


def ink(png: bytes) -> float:
    """The share of bytes that differ from those before them: a blank picture has next to none."""
    _, _, rows = pixels(png)
    changes = sum(len(row) - row.count(0) - row.count(255) for row in rows)
    return changes / sum(len(row) for row in rows)


def test_the_chart_is_drawn_and_has_two_parts() -> None:
    values: Sequence[int | None] = [None if day.day in (10, 11) else 1000 + day.day for day in MONTH.days]
    both = month_chart(MONTH.days, {"ВКонтакте": values, "Facebook": values}, [1] * 31)
    lines = month_chart(MONTH.days, {"ВКонтакте": values}, None)
    bars = month_chart(MONTH.days, {}, [0] * 31)
    for png in (both, lines, bars):
        assert pixels(png)[0] > 1000
        assert ink(png) > 0.005
        assert len(png) < 300_000
    assert pixels(both)[1] > max(pixels(lines)[1], pixels(bars)[1])


def test_a_blank_picture_would_be_told_from_a_chart() -> None:
    row = b"\x00" + b"\xff" * 4000
    header = struct.pack(">IIBBBBB", 1000, 500, 8, 6, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(row * 500)), (b"IEND", b"")]
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + b"\0\0\0\0" for kind, data in parts
    )
    assert ink(png) == 0


def test_a_chart_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing"):
        month_chart(MONTH.days, {"ВКонтакте": [None] * 31}, None)


def test_drawing_is_loaded_only_when_a_chart_is_drawn() -> None:
    code = (
        "import sys, collector.jobs.compose; "
        "sys.exit(any(name in sys.modules for name in ('altair', 'vl_convert')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Ops


def test_the_letter_to_ops_tells_what_since_when_and_what_to_do() -> None:
    since = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    letter = ops(
        Renderer(strict=True),
        [
            KeptFinding("token:vk", "vk: the token is refused", "Set another.", since, None),
            KeptFinding("rounds", "no round of collection", "Look at the log.", since, since + DAY),
        ],
        NOW,
    )
    assert letter.subject == "[collector] 1 to see to, 1 over: vk: the token is refused"
    text = plain(letter.text)
    assert "1. vk: the token is refused Since 2026-11-03 09:30 UTC. Set another." in text
    assert "- no round of collection From 2026-11-03 09:30 UTC to 2026-11-04 09:30 UTC." in text


def test_of_hundreds_of_findings_the_letter_to_ops_lists_some() -> None:
    many = [KeptFinding(f"letters:{n}", HOSTILE, HOSTILE, NOW, None) for n in range(743)]
    letter = ops(Renderer(strict=True), many, NOW)
    assert "743 to see to" in letter.subject
    assert "And 693 more" in letter.text
    assert "<script" not in letter.html

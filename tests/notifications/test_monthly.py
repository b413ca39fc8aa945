"""The letter of the month and its chart: right words, and harmless whatever strangers wrote."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from collector.domain.figures import CommunityFigures, DayFigures, SilentSpan
from collector.domain.model import BranchKind
from collector.domain.notification import Audience, Recipient
from collector.domain.period import month_before
from collector.notifications.charts import month_chart
from collector.notifications.monthly import BranchMonth, in_words, monthly
from collector.notifications.rendering import Rendered, Renderer
from tests.notifications.digest_world import HOSTILE, MONTH, TO, figures, plain


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


def test_a_day_of_another_year_is_told_with_its_year() -> None:
    closed = in_month(access="closed", access_since=datetime(2019, 10, 3, 12, tzinfo=UTC), posts=None)
    assert "закрыто или недоступно, замечено 3 октября 2019 года" in plain(letter_of(a_month(closed)).text)


def test_a_group_that_was_closed_all_month_is_told_as_closed() -> None:
    closed = in_month(
        community_id=2, network="facebook", posts=None, access="closed", access_since=MONTH.start
    )
    told = in_words(a_month(in_month(posts=7), closed, posts={14: 7}))
    assert [plain(each) for each in told.closed] == ["Facebook: закрыто или недоступно, замечено 1 октября"]
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

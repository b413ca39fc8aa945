"""Figures in words: growth, shares, days and names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collector.notifications.figures import community_name, followers_change, followers_end
from tests.notifications.digest_world import DAY, WEEK, figures, plain


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
    imported = figures(followers_end_at=datetime(2018, 4, 20, tzinfo=UTC))
    assert plain(followers_end(imported, WEEK)) == "112 на 20 апреля 2018 года"
    assert followers_change(figures(followers_start_at=WEEK.start - 3 * DAY), WEEK) is None
    assert followers_end(figures(followers_end=None), WEEK) == "нет данных"


def test_a_community_is_named_where_its_network_does_not_tell_which() -> None:
    one, two = figures(), figures(community_id=2, title="Молодёжь")
    assert community_name(one, [one, figures(network="facebook")]) == "ВКонтакте"
    assert community_name(two, [one, two]) == "ВКонтакте «Молодёжь»"

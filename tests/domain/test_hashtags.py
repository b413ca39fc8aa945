"""Which parts of a text are hashtags."""

from __future__ import annotations

import pytest

from collector.domain.hashtags import hashtags


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Собрание #профсоюз прошло", ("#профсоюз",)),
        ("#Профсоюз_ВАО, #мгоПрофсоюза2026!", ("#профсоюз_вао", "#мгопрофсоюза2026")),
        ("#новости@mgoprof: сегодня", ("#новости@mgoprof",)),
        ("#новости@mgoprof.", ("#новости@mgoprof",)),
        ("#раз#два", ("#раз",)),
        ("(#раз)\n#два", ("#раз", "#два")),
        ("#раз #РАЗ #раз", ("#раз",)),
        ("https://vk.com/page#part и слово#часть", ()),
        ("№ #1, #2026 и # пусто ##", ()),
        ("&#1055; почта@#нет", ()),
        ("#10летвместе", ("#10летвместе",)),
        ("", ()),
        ("#" + "я" * 101, ()),
    ],
)
def test_hashtags_are_found_as_vk_links_them(text: str, found: tuple[str, ...]) -> None:
    assert hashtags(text) == found

"""Templates become letters: escaped, cleaned, wrapped, overridden by ops without a letter being lost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from collector.notifications.rendering import (
    Renderer,
    TemplateProblemError,
    anchor,
    is_link,
    one_line,
    wrapped,
)

OVERRIDE = "right-to-left \u202edrowssap\u202c and \u2066isolated\u2069 \u200e\u200f"


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    url: str | None = None


def write(folder: Path, **parts: str) -> Path:
    for part, text in parts.items():
        (folder / f"greeting.{part}.j2").write_text(text)
    return folder


def whole(folder: Path, **parts: str) -> Path:
    return write(folder, **{"subject": "s", "txt": "t", "html": "h", **parts})


def test_a_strangers_text_is_one_visible_line() -> None:
    assert (
        one_line("Профсоюз\r\nBcc: all@example.org\x00\x1b[31m\u2028!")
        == "Профсоюз Bcc: all@example.org [31m !"
    )
    assert one_line(OVERRIDE) == "right-to-left drowssap and isolated"
    assert one_line("а\ud800б") == "а б"
    assert one_line("5\u00a0дней") == "5\u00a0дней"


def test_ten_megabytes_become_three_hundred_characters() -> None:
    assert one_line("я" * 10_000_000) == "я" * 299 + "…"
    assert one_line("\u202e" * 10_000_000) == ""


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "//vk.com/x",
        "https:///x",
        "https://vk.com/a b",
        "https://[bad",
        "",
        None,
        "https://vk.com/" + "x" * 3000,
    ],
)
def test_what_is_no_web_address_becomes_no_link(url: str | None) -> None:
    assert not is_link(url)
    assert "<a" not in anchor(url, "текст")


def test_a_link_is_escaped_in_its_address_and_its_text() -> None:
    assert anchor('https://vk.com/"><script>', "<b>") == (
        '<a href="https://vk.com/&#34;&gt;&lt;script&gt;" style="">&lt;b&gt;</a>'
    )


def test_html_escapes_and_text_does_not(tmp_path: Path) -> None:
    folder = whole(tmp_path, subject="{{ it.name }}", txt="{{ it.name }}", html="<p>{{ it.name }}</p>")
    letter = Renderer(folder).render("greeting", {"it": Thing("<script>\nx & y")})
    assert letter.html == "<p>&lt;script&gt; x &amp; y</p>"
    assert letter.text == "<script> x & y\n"
    assert letter.subject == "<script> x & y"


def test_texts_are_cleaned_wherever_they_sit(tmp_path: Path) -> None:
    folder = whole(tmp_path, txt="{% for each in rows %}{{ each.it.name }};{% endfor %}")
    letter = Renderer(folder).render("greeting", {"rows": ({"it": Thing("а\nб")}, {"it": Thing("в\u202eг")})})
    assert letter.text == "а б;вг;\n"


def test_a_subject_is_one_line_and_not_endless(tmp_path: Path) -> None:
    folder = whole(tmp_path, subject="\n{{ word }}\n{{ word }}\n")
    assert Renderer(folder).render("greeting", {"word": "мир"}).subject == "мир мир"
    assert len(Renderer(folder).render("greeting", {"word": "я" * 1000}).subject) == 150


def test_lines_are_at_most_78_wide_and_lists_hang() -> None:
    text = wrapped("— " + "слово " * 40 + "\n\n\n\n" + "https://vk.com/" + "x" * 100)
    first, second, *_ = text.splitlines()
    assert first.startswith("— слово")
    assert second.startswith("  слово")
    assert all(len(line) <= 78 for line in text.splitlines() if "http" not in line)
    assert "\n\n\n" not in text
    assert "x" * 100 in text


def test_a_template_of_ops_goes_before_our_own(tmp_path: Path) -> None:
    (tmp_path / "base.txt.j2").write_text("Наш вид: {% block content %}{% endblock %}")
    folder = whole(tmp_path, txt='{% extends "base.txt.j2" %}{% block content %}да{% endblock %}')
    assert Renderer(folder).render("greeting", {}).text == "Наш вид: да\n"


@pytest.mark.parametrize(
    ("broken", "line", "why"),
    [
        ("one\n{% if %}", 2, "Expected an expression"),
        ("one\ntwo\n{{ nobody }}", 3, "'nobody' is undefined"),
        ("{{ 1 / 0 }}", 1, "division by zero"),
    ],
)
def test_a_broken_template_is_told_by_file_and_line(tmp_path: Path, broken: str, line: int, why: str) -> None:
    folder = whole(tmp_path, html=broken)
    with pytest.raises(TemplateProblemError, match=f"greeting.html.j2, line {line}: .*{why}") as caught:
        Renderer(folder, strict=True).render("greeting", {})
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_not_there_is_told_and_loses_no_letter(tmp_path: Path) -> None:
    with pytest.raises(TemplateProblemError, match="COLLECTOR_LETTERS__TEMPLATES_DIR"):
        Renderer(tmp_path / "none", strict=True)
    with capture_logs() as logs:
        Renderer(tmp_path / "none")
    assert [each["log_level"] for each in logs] == ["error"]

"""What is kept of a post's words and attachments."""

from __future__ import annotations

from collector.domain.model import LONGEST_TEXT, MOST_ATTACHMENTS, Attachment, PostContent


def test_a_text_is_kept_without_what_nothing_can_store_or_show() -> None:
    told = "Собра\x00ние \u202eнаоборот\u202c\ud83d\nв 10:00 \U0001f389"
    assert PostContent.of(told).text == "Собра\ufffdние наоборот\ufffd\nв 10:00 \U0001f389"


def test_a_text_of_the_longest_kept_is_kept_whole_and_one_more_is_cut_visibly() -> None:
    assert PostContent.of("я" * LONGEST_TEXT).text == "я" * LONGEST_TEXT
    assert PostContent.of("я" * (LONGEST_TEXT + 1)).text == "я" * (LONGEST_TEXT - 1) + "…"
    assert len(PostContent.of("\u202e" * 10**6).text) <= LONGEST_TEXT


def test_attachments_are_kept_in_order_and_bounded() -> None:
    told = [Attachment.PHOTO, Attachment.POLL, Attachment.PHOTO]
    assert PostContent.of("", told).attachments == ("photo", "poll", "photo")
    assert len(PostContent.of("", told * 1000).attachments) == MOST_ATTACHMENTS

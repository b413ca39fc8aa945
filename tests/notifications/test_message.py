"""A letter as mail: what its headers say, and what a stranger's words can do in them, which is nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser

import pytest

from collector.domain.notification import Audience, Recipient
from collector.notifications.message import POLICY, Sender, UnsendableError, message_id, written
from collector.notifications.rendering import InlineImage, Rendered
from tests.notifications.letters import NOW, SENDER, letter, rendered

HOUR = timedelta(hours=1)
EVIL = [
    "ВАО\r\nBcc: evil@example.org",
    "ВАО\nBcc: evil@example.org\n\n<b>text</b>",
    "ВАО\u2028Bcc: evil@example.org",
    "ВАО\x0b\x0c\x1c\x85Bcc: evil@example.org",
    "=?utf-8?q?=0D=0ABcc=3A_evil=40example=2Eorg?=",
    'ВАО" <evil@example.org>, "',
    "ВАО\u202egro.elpmaxe@live\u202c",
    "\x00\x1b[31mВАО",
    "Ж" * 10_000_000,
]


def received(message: EmailMessage) -> EmailMessage:
    """As it comes out at the other end: every byte plain ASCII, no line too long for a server."""
    raw = message.as_bytes(policy=POLICY)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(raw)


def content(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def decoded(header: str) -> str:
    """As mail programs decode it. (The email package puts a blank where a long name was cut for encoding.)"""
    return str(make_header(decode_header(header)))


def test_headers_say_from_whom_to_whom_and_that_a_program_wrote() -> None:
    department = Recipient(Audience.DEPARTMENT, "Информационный отдел", "info@example.org")
    message = written(letter(), rendered(reply_to=department), SENDER, NOW)
    found = received(message)
    assert str(message["From"]) == "Монитор сообществ Профсоюза <collector@example.org>"
    assert str(found["To"]) == "Анна Иванова <chair@example.org>"
    assert str(found["Reply-To"]) == "Информационный отдел <info@example.org>"
    assert str(found["Subject"]) == "ВАО: 12 дней без публикаций"
    assert found["Date"].datetime == NOW
    assert found["Auto-Submitted"] == "auto-generated"
    assert found["X-Auto-Response-Suppress"] == "All"


def test_without_a_department_there_is_no_reply_to() -> None:
    assert received(written(letter(), rendered(), SENDER, NOW))["Reply-To"] is None


def test_the_message_id_is_the_letters_and_the_same_at_each_attempt() -> None:
    owed = letter()
    first, again = (written(owed, rendered(), SENDER, at)["Message-ID"] for at in (NOW, NOW + HOUR))
    other = written(letter(number=2), rendered(), SENDER, NOW)["Message-ID"]
    assert first == again == message_id(owed.key, owed.created_at, "example.org")
    assert first != other
    assert first.endswith("@example.org>")


def test_a_key_given_anew_after_a_restore_makes_no_copy_that_mail_servers_would_drop() -> None:
    owed, later = letter(), replace(letter(), created_at=NOW + HOUR)
    assert owed.key == later.key
    assert message_id(owed.key, owed.created_at, "example.org") != message_id(
        later.key, later.created_at, "example.org"
    )


def test_text_and_html_and_pictures_arrive_as_they_were_written() -> None:
    words = rendered(
        html='<html><body><img src="cid:chart"></body></html>',
        images=(InlineImage("chart", b"\x89PNG\r\n\x1a\n", "График"),),
    )
    found = received(written(letter(), words, SENDER, NOW))
    assert found.get_content_type() == "multipart/alternative"
    assert content(found, "plain") == "Здравствуйте!\n.\n..Точки.\n"
    assert content(found, "html") == '<html><body><img src="cid:chart"></body></html>\n'
    (picture,) = [part for part in found.walk() if part.get_content_maintype() == "image"]
    assert picture["Content-ID"] == "<chart>"
    assert picture.get_content() == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("evil", EVIL, ids=lambda text: repr(text[:30]))
def test_a_strangers_words_make_no_header(evil: str) -> None:
    for message in (
        written(letter(name=evil), rendered(), SENDER, NOW),
        written(letter(), rendered(subject=evil), SENDER, NOW),
        written(letter(), rendered(), Sender("collector@example.org", evil), NOW),
        written(letter(name=evil), rendered(), Sender("collector@example.org", evil, "me@example.org"), NOW),
        written(
            letter(), rendered(reply_to=Recipient(Audience.DEPARTMENT, evil, "i@example.org")), SENDER, NOW
        ),
    ):
        found = received(message)
        assert found["Bcc"] is None
        assert [each.domain for name in ("From", "To") for each in found[name].addresses] == [
            "example.org"
        ] * 2
        shown = "".join(decoded(found[name]) for name in ("From", "To", "Subject"))
        assert not set(shown) & set("\r\n\x00\x0b\x0c\x1b\x1c\x85\u2028\u202a\u202b\u202c\u202d\u202e")
        assert len(shown) < 600


def test_a_long_name_is_encoded_so_that_it_reads_as_one() -> None:
    name = "Председатель территориальной организации Восточного округа Анна Иванова"
    raw = written(letter(name=name), rendered(), SENDER, NOW).as_bytes(policy=POLICY).decode()
    to = raw.split("\r\nTo: ")[1].split("\r\nSubject: ")[0].replace("\r\n", "")
    assert decoded(to) == f"{name} <chair@example.org>"


@pytest.mark.parametrize("code", ["ВАО", "ЮЗАО", "ЗелАО"])
def test_no_blank_is_lost_where_a_header_is_folded(code: str) -> None:
    name = f"Администратор сообществ ТПО {code}"
    for days in range(1, 100):
        subject = f"ТПО {code}: в сообществах нет публикаций уже {days} дней"
        message = written(letter(name=name), rendered(subject=subject), SENDER, NOW)
        raw = message_from_bytes(message.as_bytes(policy=POLICY), policy=policy.compat32)
        assert decoded(raw["Subject"]) == subject
        assert decoded(raw["To"]) == f"{name} <chair@example.org>"


def test_a_cyrillic_domain_is_written_as_mail_servers_know_it() -> None:
    assert str(
        written(letter(email="chair@почта.рф"), rendered(), SENDER, NOW)["To"].addresses[0].addr_spec
    ) == ("chair@xn--80a1acny.xn--p1ai")


@pytest.mark.parametrize(
    "email",
    [
        "иванова@example.org",
        "a b@example.org",
        "a@b@example.org",
        "@example.org",
        "chair",
        "a@" + "я" * 70 + ".рф",
        "a\r\n@b.org",
    ],
)
def test_an_address_that_cannot_be_written_to_is_told(email: str) -> None:
    with pytest.raises(UnsendableError, match="no address that mail can be sent to") as told:
        written(letter(email=email), rendered(), SENDER, NOW)
    assert "\n" not in str(told.value)


def test_settings_with_an_address_that_cannot_be_used_are_told_before_any_letter_is_touched() -> None:
    for email, redirect_to in (("отдел@example.org", None), ("a@example.org", "я@example.org")):
        with pytest.raises(UnsendableError):
            Sender(email, "Монитор", redirect_to)


def test_a_department_that_cannot_be_answered_to_costs_nobody_the_letter() -> None:
    department = Recipient(Audience.DEPARTMENT, "Отдел", "отдел@example.org")
    found = received(written(letter(), rendered(reply_to=department), SENDER, NOW))
    assert (found["Reply-To"], str(found["To"])) == (None, "Анна Иванова <chair@example.org>")


def test_in_a_dry_run_all_goes_to_one_address_and_says_for_whom_it_was() -> None:
    dry = Sender("collector@example.org", "Монитор", redirect_to="me@example.org")
    message = received(written(letter(name="<b>Анна</b>"), rendered(), dry, NOW))
    assert str(message["To"]) == "me@example.org"
    assert str(message["Subject"]) == "[для chair@example.org] ВАО: 12 дней без публикаций"
    assert content(message, "plain").splitlines()[0].endswith("получит: <b>Анна</b> <chair@example.org>")
    html = content(message, "html")
    assert html.startswith('<html><body><p style="margin: 16px; text-align: center">Пробная отправка.')
    assert "&lt;b&gt;Анна&lt;/b&gt; &lt;chair@example.org&gt;</p><p>Здравствуйте!" in html


def test_in_a_dry_run_html_without_a_body_tag_says_so_on_top() -> None:
    dry = Sender("collector@example.org", "Монитор", redirect_to="me@example.org")
    html = received(written(letter(), Rendered("Тема", "Текст", "<p>Текст</p>"), dry, NOW)).get_body(
        ("html",)
    )
    assert html is not None
    assert html.get_content().startswith('<p style="margin: 16px; text-align: center">Пробная отправка.')

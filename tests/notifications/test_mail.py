"""The mail server, over real SMTP: what became of each letter, and whose fault it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from collector.notifications.mail import (
    Mailer,
    MailServer,
    MailSettingsError,
    Result,
    ServerTroubleError,
)
from collector.notifications.message import written
from tests import smtp
from tests.notifications.letters import NOW, SENDER, letter, rendered


@pytest.fixture
def server(tmp_path: Path) -> Iterator[smtp.MailServer]:
    with smtp.mail_server(tmp_path) as running:
        yield running


def of(server: smtp.MailServer) -> MailServer:
    login = {"username": smtp.USER, "password": smtp.PASSWORD} if server.ca_file else {}
    return MailServer(smtp.HOST, server.port, server.security, timeout=5, ca_file=server.ca_file, **login)


def message(email: str = "chair@example.org", number: int = 1) -> EmailMessage:
    return written(letter(email=email, number=number), rendered(), SENDER, NOW)


@pytest.fixture
def mailer(server: smtp.MailServer) -> Iterator[Mailer]:
    made = Mailer(of(server))
    yield made
    made.close()


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
def test_a_letter_arrives_over_each_kind_of_line(tmp_path: Path, security: smtp.Security) -> None:
    with smtp.mail_server(tmp_path, security) as server:
        mailer = Mailer(of(server))
        assert mailer.send(message()).result is Result.ACCEPTED
        mailer.close()
        (mail,) = server.mails
        assert (mail.sender, mail.recipient) == ("collector@example.org", "chair@example.org")
        assert mail.text == "Здравствуйте!\n.\n..Точки.\n"
        assert mail.subject == "ВАО: 12 дней без публикаций"


def test_many_letters_share_one_connection(server: smtp.MailServer, mailer: Mailer) -> None:
    assert server.connections == 0
    for number in range(5):
        assert mailer.send(message(number=number)).result is Result.ACCEPTED
    assert (len(server.mails), server.connections) == (5, 1)


def test_a_recipient_refused_for_good_does_not_touch_the_others(
    server: smtp.MailServer, mailer: Mailer
) -> None:
    server.refuses["gone@example.org"] = "550 5.1.1 No such user"
    emails = ("first@example.org", "gone@example.org", "last@example.org")
    results = [mailer.send(message(email)) for email in emails]
    assert [each.result for each in results] == [Result.ACCEPTED, Result.REFUSED, Result.ACCEPTED]
    assert results[1].detail == "550 5.1.1 No such user"
    assert server.recipients == ["first@example.org", "last@example.org"]


@pytest.mark.parametrize(
    ("step", "answer", "result"),
    [
        ("RCPT", "451 4.7.1 Greylisted, come back", Result.REFUSED_FOR_NOW),
        ("RCPT", "421 4.3.2 Shutting down", Result.REFUSED_FOR_NOW),
        ("RCPT", "553 5.1.3 Bad address", Result.REFUSED),
        ("DATA", "452 4.3.1 Disk full", Result.REFUSED_FOR_NOW),
        ("DATA", "552 5.3.4 Too big", Result.REFUSED),
        ("DATA", "421 4.3.2 Shutting down", Result.REFUSED_FOR_NOW),
    ],
)
def test_an_answer_to_one_letter_is_that_letters(
    server: smtp.MailServer, mailer: Mailer, step: str, answer: str, result: Result
) -> None:
    server.answers[step] = answer
    sent = mailer.send(message())
    assert (sent.result, sent.detail, sent.is_line_lost) == (result, answer, False)
    server.answers.clear()
    assert mailer.send(message()).result is Result.ACCEPTED


@pytest.mark.parametrize("answer", ["451 4.3.0 Later", "550 5.7.1 Sender not allowed", "421 4.3.2 Bye"])
def test_a_sender_refused_is_the_servers_trouble(
    server: smtp.MailServer, mailer: Mailer, answer: str
) -> None:
    server.answers["MAIL"] = answer
    with pytest.raises(ServerTroubleError, match=answer[:3]):
        mailer.send(message())
    server.answers.clear()
    assert mailer.send(message()).result is Result.ACCEPTED


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "250"])
def test_a_line_cut_at_each_step_is_told_and_got_over(
    server: smtp.MailServer, mailer: Mailer, step: str
) -> None:
    server.cuts.add(step)
    if step == "MAIL":
        with pytest.raises(ServerTroubleError):
            mailer.send(message())
    else:
        sent = mailer.send(message())
        assert sent.is_line_lost
        # Once all of it was sent, nobody knows.
        assert sent.result is (Result.REFUSED_FOR_NOW if step == "RCPT" else Result.UNSURE)
    server.cuts.clear()
    assert len(server.mails) == (1 if step == "250" else 0)
    assert mailer.send(message()).result is Result.ACCEPTED
    assert len({mail.message_id for mail in server.mails}) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "250"])
def test_a_server_that_falls_dumb_is_waited_for_no_longer_than_set(
    server: smtp.MailServer, step: str
) -> None:
    server.hangs.add(step)
    mailer = Mailer(replace(of(server), timeout=0.2))
    if step == "MAIL":
        with pytest.raises(ServerTroubleError, match="timed out"):
            mailer.send(message())
    else:
        sent = mailer.send(message())
        assert sent.is_line_lost
        assert "timed out" in sent.detail
    mailer.close()


def test_a_connection_that_was_cut_between_two_letters_is_made_anew(
    server: smtp.MailServer, mailer: Mailer
) -> None:
    mailer.send(message())
    with server.away():
        pass
    assert mailer.send(message(number=2)).result is Result.ACCEPTED
    assert len(server.mails) == 2


def test_no_answer_to_the_goodbye_changes_nothing(server: smtp.MailServer, mailer: Mailer) -> None:
    assert mailer.send(message()).result is Result.ACCEPTED
    server.stop()
    mailer.close()
    assert len(server.mails) == 1


def test_nobody_at_the_port_is_the_servers_trouble(server: smtp.MailServer, mailer: Mailer) -> None:
    with (
        server.away(),
        pytest.raises(ServerTroubleError, match=f"{smtp.HOST}:{server.port}: Connection refused"),
    ):
        mailer.send(message())
    assert mailer.send(message()).result is Result.ACCEPTED


@pytest.mark.parametrize("line", [b"554 5.3.2 Not today\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", None])
def test_a_greeting_that_is_none_is_the_servers_trouble(line: bytes | None) -> None:
    with smtp.greeting(line) as port, pytest.raises(ServerTroubleError):
        Mailer(MailServer(smtp.HOST, port, "none", timeout=0.3)).send(message())


def test_a_name_that_leads_nowhere_is_told() -> None:
    with pytest.raises(ServerTroubleError, match="no such host; correct COLLECTOR_SMTP__HOST"):
        Mailer(MailServer("smtp.invalid", 25, "none", timeout=1)).send(message())


def test_a_wrong_password_is_told_without_it(tmp_path: Path) -> None:
    with smtp.mail_server(tmp_path, "starttls") as server:
        wrong = replace(of(server), password="quite-another-one")
        with pytest.raises(ServerTroubleError, match=r"refuses the user or the password \(535\)") as told:
            Mailer(wrong).send(message())
        assert "quite-another-one" not in repr(told.value) + repr(told.value.__cause__) + repr(wrong)
        assert told.value.__suppress_context__
        assert server.mails == []


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path, security: smtp.Security) -> None:
    with smtp.mail_server(tmp_path, security) as server:
        stranger = replace(of(server), ca_file=None)
        with pytest.raises(ServerTroubleError, match="certificate is not trusted"):
            Mailer(stranger).send(message())
        assert server.mails == []


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    with smtp.mail_server(tmp_path, "starttls", certified_for="mail.example.org") as server:
        with pytest.raises(ServerTroubleError, match=r"certificate is not trusted.*IP address mismatch"):
            Mailer(of(server)).send(message())
        assert server.mails == []


def test_a_server_without_starttls_gets_neither_password_nor_letter(server: smtp.MailServer) -> None:
    asks = replace(of(server), security="starttls", username=smtp.USER, password=smtp.PASSWORD)
    with pytest.raises(ServerTroubleError, match="STARTTLS"):
        Mailer(asks).send(message())
    assert server.mails == []


def test_tls_at_a_port_without_it_is_told(server: smtp.MailServer) -> None:
    with pytest.raises(ServerTroubleError, match="no TLS"):
        Mailer(replace(of(server), security="tls")).send(message())


def test_a_password_leaves_the_machine_only_encrypted() -> None:
    login = {"username": smtp.USER, "password": smtp.PASSWORD}
    with pytest.raises(MailSettingsError, match="would travel unencrypted"):
        Mailer(MailServer("smtp.example.org", 25, "none", **login))
    for host in ("localhost", "127.0.0.1", "::1"):
        Mailer(MailServer(host, 25, "none", **login))
    Mailer(MailServer("smtp.example.org", 25, "none"))


def test_a_file_without_certificates_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name in ("empty.pem", "absent.pem"):
        with pytest.raises(MailSettingsError, match="COLLECTOR_SMTP__CA_FILE"):
            Mailer(MailServer("smtp.example.org", 465, "tls", ca_file=tmp_path / name))

"""Errors told to Sentry: what goes, and what never does."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import structlog
from sentry_sdk import Client

from collector import sentry
from collector.domain.redaction import Redactor
from collector.domain.scrubbing import Scrubber
from tests.sentry import KEY, Sentry

TOKEN = "plantedTokenOfVk0123456789"
PASSWORD = 'planted"Password\\Smtp55'
SECRETS = (TOKEN, PASSWORD, "plantedWebSecret0123456789abcdef", "planted-ping-uuid-7777", KEY)

log = structlog.get_logger("collector.tests")


@pytest.fixture
def listening() -> Iterator[Sentry]:
    with Sentry() as server:
        yield server


@pytest.fixture
def client(listening: Sentry, written: io.StringIO) -> Client:
    """`written`: it sets the log up before, and puts back its handlers afterwards."""
    return sentry.report_errors(listening.dsn, "tests", "1.2.3", Scrubber(Redactor(SECRETS)))


def fail(text: str) -> None:
    """Raises an error with a cause that says as much."""
    local = text  # noqa: F841 - a variable that must not be told
    try:
        raise KeyError(text)
    except KeyError as error:
        error.add_note(f"note {text}")
        raise RuntimeError(f"the key of {text!r} sticks") from error


def logged_failure(text: str, words: str = "job failed", **fields: object) -> None:
    try:
        fail(text)
    except RuntimeError:
        log.exception(words, **fields)


def test_an_error_is_told_with_its_places_and_fields(client: Client, listening: Sentry) -> None:
    logged_failure("x", job="collect", count=3)
    client.flush(10)
    (event,) = listening.events
    assert (event["level"], event["logger"]) == ("error", "collector.tests")
    assert (event["environment"], event["release"]) == ("tests", "union-collector@1.2.3")
    assert event["logentry"]["message"] == "job failed"
    assert event["extra"] == {"job": "collect", "count": 3}
    cause, error = event["exception"]["values"]
    assert (cause["type"], error["type"]) == ("KeyError", "RuntimeError")
    assert [frame["function"] for frame in error["stacktrace"]["frames"]] == ["logged_failure", "fail"]


def test_nothing_is_told_that_nobody_asked_for(client: Client, listening: Sentry) -> None:
    logging.getLogger("collector").warning("a crumb that must not be kept")
    logged_failure("x")
    client.flush(10)
    (event,) = listening.events
    assert not {"breadcrumbs", "modules", "user", "request", "tags", "threads"} & event.keys()
    assert (event["contexts"].keys(), event["server_name"]) == ({"runtime"}, "collector")
    assert event["sdk"]["integrations"] == []
    frames = [frame for value in event["exception"]["values"] for frame in value["stacktrace"]["frames"]]
    assert frames
    for frame in frames:
        assert not {"vars", "abs_path", "context_line", "pre_context", "post_context"} & frame.keys()
    assert "a crumb" not in listening.bodies[0]
    # Beside the event: who sends, and the key's own sampling context, would be in the envelope's head.
    assert json.loads(listening.bodies[0].splitlines()[0]).keys() == {"event_id", "sent_at"}


@pytest.mark.parametrize("secret", SECRETS)
def test_no_secret_is_ever_in_an_event(secret: str, client: Client, listening: Sentry) -> None:
    forms = {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        repr(secret)[1:-1],
    }
    pieces = secret[:12], secret[-12:]
    written_so = [*forms, *pieces, f"{'x' * 1990}{secret}"]
    for number, form in enumerate(written_so):
        fields = {f"field {form}": form, "nested": {form: [form, {"a": form}]}}
        # Words of their own, as the same error is not told twice.
        logged_failure(form, f"job {number} failed: {form}", **fields)
        logging.getLogger(f"library{number}").error("of a library: %s", form)
    client.flush(10)
    assert len(listening.events) == 2 * len(written_so)
    told = json.dumps(listening.bodies)
    for written in (*forms, *pieces):
        assert written[:12] not in told
        assert written[-12:] not in told


def test_no_person_is_ever_in_an_event(client: Client, listening: Sentry) -> None:
    logged_failure("letter to Иванова Мария <maria@edu.mos.ru> about https://x.example/letters/WzEsMiwi.c2ln")
    client.flush(10)
    told = listening.bodies[0]
    for piece in ("Иванова", "u0418", "maria", "mos.ru", "WzEsMiwi", "c2ln"):
        assert piece not in told


def test_what_is_no_error_is_not_told(client: Client, listening: Sentry) -> None:
    log.warning("letters wait")
    log.info("round ended")
    # Of the sending itself: it would make an event of each that is not sent.
    logging.getLogger("urllib3.connectionpool").error("connection broken")
    log.error("the one that is")
    client.flush(10)
    assert [event["logentry"]["message"] for event in listening.events] == ["the one that is"]


def test_the_same_error_is_told_once_in_an_hour(client: Client, listening: Sentry) -> None:
    (teller,) = [handler for handler in logging.getLogger().handlers if isinstance(handler, sentry._Teller)]

    def failed(at: float, said: str) -> None:
        record = logging.LogRecord("collector", logging.ERROR, "x.py", 1, said, (), None)
        record.created = at
        teller.handle(record)

    for at in (10_000, 10_060, 13_599, 13_600, 9_000):
        failed(at, "round failed")
    failed(10_000, "letters wait")
    client.flush(10)
    told = [event["logentry"]["message"] for event in listening.events]
    # The last, as the clock was set back by more.
    assert sorted(told) == ["letters wait", "round failed", "round failed", "round failed"]


def test_a_sentry_that_does_not_answer_holds_up_nothing(client: Client, listening: Sentry) -> None:
    listening.answers.clear()
    for job in ("collect", "letters"):
        log.error("job failed: " + job)  # noqa: G003 - another error
    assert listening.asked.wait(10)
    client.flush(0.1)
    assert len(listening.bodies) == 1
    listening.answers.set()
    client.flush(10)
    assert len(listening.bodies) == 2


def test_that_it_could_not_be_told_is_logged_and_makes_no_other_event(written: io.StringIO) -> None:
    with Sentry(status=403) as refusing:
        client = sentry.report_errors(refusing.dsn, "tests", "1.2.3", Scrubber(Redactor(SECRETS)))
        log.error("round failed")
        client.flush(10)
        assert len(refusing.events) == 1
    client.close(timeout=0)
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line.get("reason") for line in lines if "told to Sentry" in line["event"]] == ["status_403"]
    assert KEY not in written.getvalue()

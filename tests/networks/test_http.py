"""Every request ends: in time, in size, and at the host it was sent to."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator

import pytest
import requests

from collector.networks import http
from collector.networks.http import AnswerTooLargeError, Timeouts, session, without_query
from tests.networks.conftest import Answering, RawServer

Serve = Callable[[Answering], RawServer]
HASTY = Timeouts(connect=2.0, read=0.3, total=0.4)
PATIENT = Timeouts()


def _drip(pieces: Iterable[bytes]) -> Answering:
    def answer(client: socket.socket) -> None:
        for piece in pieces:
            client.sendall(piece)
            time.sleep(0.05)

    return answer


def _at_once(*pieces: bytes) -> Answering:
    return lambda client: client.sendall(b"".join(pieces))


def _endless(head: bytes, piece: bytes) -> Iterator[bytes]:
    yield head
    while True:
        yield piece


DRIPS = {
    "a body of known length": _endless(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x"),
    "a body until the end": _endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "one chunk": _endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n", b"x"),
    "small chunks": _endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "a packed body": _endless(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1000000\r\n\r\n"
        + gzip.compress(b"")[:10],
        b"\0",
    ),
    "headers": _endless(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n"),
    "the first line": _endless(b"HTTP", b"/"),
}


@pytest.mark.parametrize("drip", DRIPS.values(), ids=DRIPS.keys())
def test_a_dripping_answer_does_not_outlast_the_total(raw_server: Serve, drip: Iterator[bytes]) -> None:
    server = raw_server(_drip(drip))
    # Each byte comes well within the read time-out: without a total, this would never return.
    with session(HASTY, connections=1) as made, pytest.raises(requests.RequestException):
        made.post(server.url, data={"a": "b"})


def test_a_whole_answer_is_kept_as_requests_keeps_it(raw_server: Serve) -> None:
    body = gzip.compress('{"имя": 1}'.encode())
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    server = raw_server(_at_once(head % len(body), body))
    with session(PATIENT, connections=1) as made:
        answer = made.get(server.url)
        assert answer.json() == {"имя": 1}
        assert answer.text == '{"имя": 1}'


def test_a_connection_serves_again_after_an_answer(raw_server: Serve) -> None:
    def answer_twice(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        client.recv(65536)
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    server = raw_server(answer_twice)
    with session(PATIENT, connections=1) as made:
        assert [made.get(server.url).json(), made.get(server.url).json()] == [{}, []]
    assert len(server.requests) == 1


@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_packed_answer_is_bounded_by_what_it_unpacks_to(raw_server: Serve, is_chunked: bool) -> None:
    bomb = gzip.compress(bytes(300 * 1024 * 1024), compresslevel=9)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
    if is_chunked:
        answer = _at_once(
            head, b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(bomb), bomb, b"\r\n0\r\n\r\n"
        )
    else:
        answer = _at_once(head, b"Content-Length: %d\r\n\r\n" % len(bomb), bomb)
    server = raw_server(answer)
    with session(Timeouts(), connections=1) as made:
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLargeError):
                made.get(server.url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 2 * http.MAX_ANSWER_BYTES


def test_a_redirect_gets_no_second_request(raw_server: Serve) -> None:
    elsewhere = raw_server(_at_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    for status in (301, 302, 303, 307, 308):
        head = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}/taken\r\nContent-Length: 0\r\n\r\n"
        server = raw_server(_at_once(head.encode()))
        with session(PATIENT, connections=1) as made, pytest.raises(requests.TooManyRedirects):
            made.post(server.url, data={"access_token": "planted"})
        assert len(server.requests) == 1
    assert not elsewhere.requests


def test_a_hosts_requests_go_to_the_stand_in(raw_server: Serve) -> None:
    server = raw_server(_at_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    with session(PATIENT, connections=1, rewrite={"https://api.vk.ru": server.url + "/"}) as made:
        made.post("https://api.vk.ru/method/wall.get", data={"v": "5.199"})
    assert server.requests[0].startswith(b"POST /method/wall.get HTTP/1.1")
    assert server.url.removeprefix("http://").encode() in server.requests[0]


def test_a_stand_in_that_needs_no_proxy_is_reached_without(
    raw_server: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = raw_server(_at_once(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with session(PATIENT, connections=1, rewrite={"https://api.vk.ru": server.url}) as made:
        assert made.post("https://api.vk.ru/method/wall.get").json() == {}


def test_a_proxy_is_used_and_the_answers_deadline_holds_behind_it(raw_server: Serve) -> None:
    proxy = raw_server(_drip(_endless(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", b"x")))
    with session(HASTY, connections=1, proxy=proxy.url) as made, pytest.raises(requests.RequestException):
        made.post("http://api.example.org/method/wall.get")
    assert proxy.requests[0].startswith(b"POST http://api.example.org/method/wall.get")


def test_no_cookie_is_kept(raw_server: Serve) -> None:
    server = raw_server(
        _at_once(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
    )
    with session(PATIENT, connections=1) as made:
        made.get(server.url)
        made.get(server.url)
    assert b"Cookie" not in server.requests[1]


def test_an_address_is_shown_without_query_and_user() -> None:
    assert without_query("https://me:secret@vk.com:444/a?access_token=1#x") == "https://vk.com:444/a"


def test_a_silence_does_not_outlast_the_total_either(raw_server: Serve) -> None:
    seen: list[bytes] = []

    def answer_half(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{")
        client.settimeout(20)
        seen.append(client.recv(1))

    server = raw_server(answer_half)
    # The read time-out alone would wait for a minute.
    with session(Timeouts(read=60.0, total=0.3), connections=1) as made:
        with pytest.raises(requests.RequestException):
            made.post(server.url)
        server.threads[0].join()
    # It went away, rather than the server losing patience first.
    assert seen == [b""]

"""Servers that answer with bytes of a test's choice."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import settings

# How long an example takes is the machine's affair, not the test's.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

Answering = Callable[[socket.socket], None]


@dataclass
class RawServer:
    """Reads a request's head and body, then lets a function answer on the socket."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)


@pytest.fixture
def raw_server() -> Iterator[Callable[[Answering], RawServer]]:
    """Starts servers on loopback; all are closed at the end."""
    closing: list[Callable[[], None]] = []

    def start(answer: Answering) -> RawServer:
        listener = socket.create_server(("127.0.0.1", 0))
        served = RawServer(f"http://127.0.0.1:{listener.getsockname()[1]}")

        def serve(client: socket.socket) -> None:
            with client, contextlib.suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head:
                    head += client.recv(65536)
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length")
                    ),
                    0,
                )
                while len(head.partition(b"\r\n\r\n")[2]) < length:
                    head += client.recv(65536)
                served.requests.append(head)
                answer(client)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    served.threads.append(threading.Thread(target=serve, args=(client,)))
                    served.threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()

        def close() -> None:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            accepting.join()
            for thread in served.threads:
                thread.join()

        closing.append(close)
        return served

    yield start
    for close in closing:
        close()

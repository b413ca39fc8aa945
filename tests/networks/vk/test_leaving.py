"""A server that hangs keeps no process alive."""

from __future__ import annotations

import socket
import subprocess
import sys

PROGRAM = """
import sys, threading
from datetime import UTC, datetime
from collector.domain.model import CommunityToRead
from collector.networks.base import Services
from collector.networks.vk import NETWORK

class Ledger:
    def take(self, network, token_key, method, wanted, limit, now): return wanted
    def give_back(self, *args): pass

stop = threading.Event()
options = {"tokens": ["planted-token"], "api_url": sys.argv[1], "read_timeout": 600, "total_timeout": 600}
adapter = NETWORK.open_adapter(options, Services(lambda: datetime.now(UTC), stop, Ledger()))
threading.Timer(0.3, stop.set).start()
kinds = [outcome.kind for outcome in adapter.read(CommunityToRead(n, "vk", str(n + 1), None) for n in range(2000))]
adapter.close()
print(len(kinds), *set(kinds))
"""


def test_a_stop_ends_the_process_though_no_answer_comes() -> None:
    # It takes connections, by its backlog, and says nothing, for ever.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        # Well below the 600 s that the adapter would wait, well above what it should need.
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, url], check=False, capture_output=True, text=True, timeout=60
        )
    assert ended.stderr == ""
    assert ended.stdout.split() == ["2000", "interrupted"]

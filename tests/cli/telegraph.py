"""A network that another package brings: a folder to put on PYTHONPATH, with the metadata that an installer writes."""

from __future__ import annotations

import os
from pathlib import Path

_METADATA = "Metadata-Version: 2.1\nName: telegraph-network\nVersion: 1.0\n"
_ENTRY_POINTS = "[collector.networks]\ntelegraph = telegraph_network:NETWORK\n"
_SOURCE = """
import re
import threading
from datetime import timedelta
from pathlib import Path

from collector.domain.model import Access, Address, Post, Reading, RequestTally, TokenReport, Wall
from collector.networks.base import AddressError, Network

SITE = "https://telegraph.example/"


def parse_address(text):
    name = text.strip().removeprefix(SITE).lower()
    if not re.fullmatch(r"[a-z]+", name):
        raise AddressError(f"{text!r} is no channel; write its name, such as moskva")
    return Address("telegraph", None, name, SITE + name)


class Adapter:
    def __init__(self, options, services):
        if options.get("token") == "bent":
            raise ValueError(f"no key bends so: {options}")
        self.options = options
        self.services = services
        self.tally = RequestTally()

    def read(self, targets):
        for target in targets:
            if Path("telegraph-line-is-down").exists():
                raise RuntimeError(f"the key of {self.options} sticks")
            if Path("telegraph-thread-breaks").exists():
                thread = threading.Thread(target=self.fall, name="wire")
                thread.start()
                thread.join()
            self.tally.add("wire")
            at = self.services.now()
            post = Post("1", at - timedelta(hours=1), f"{SITE}{target.screen_name}/1", like_count=3)
            yield Reading(
                target.community_id, at, target.screen_name, target.screen_name, "Telegraph", Access.OPEN, 77,
                Wall((post,), None, 1),
            )

    def fall(self):
        raise ValueError(f"wire cut, {self.options}")

    def check(self, *, is_brief=False):
        return [TokenReport("telegraph", "#1", "token" in self.options, can=("send",))]

    def close(self):
        pass


NETWORK = Network("telegraph", "Telegraph", parse_address, Adapter)
"""


def install(folder: Path) -> dict[str, str]:
    """Put the package into a folder; gives the setting with which Python finds it."""
    package, info = folder / "telegraph_network", folder / "telegraph_network-1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(_SOURCE)
    (info / "METADATA").write_text(_METADATA)
    (info / "entry_points.txt").write_text(_ENTRY_POINTS)
    # Beside what is there: a clone is tested by naming it.
    return {"PYTHONPATH": os.pathsep.join(filter(None, [str(folder), os.environ.get("PYTHONPATH")]))}

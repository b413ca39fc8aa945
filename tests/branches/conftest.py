"""Networks and files for the tests of what people write."""

import textwrap

import pytest

from collector.branches.file import BranchesFileError, load_branches
from collector.domain.model import Address
from collector.networks.base import AddressError, Network


def a_network(name, title, site):
    def parse(text):
        word = text.rstrip("/").rsplit("/", 1)[-1].lower()
        if not word.isascii() or " " in word:
            raise AddressError(f"{text!r} is no {title} name; right would be https://{site}/name")
        native_id = word.removeprefix("club") if word.removeprefix("club").isdigit() else None
        return Address(name, native_id, None if native_id else word, f"https://{site}/{word}")

    def no_adapter(options, services):
        raise NotImplementedError

    return Network(name, title, parse, no_adapter)


NETWORKS = {
    "vk": a_network("vk", "VK", "vk.com"),
    "facebook": a_network("facebook", "Facebook", "facebook.com"),
}


@pytest.fixture
def load(tmp_path):
    """Loads a text, or bytes, as the file `my.yaml`."""

    def from_text(content):
        path = tmp_path / "my.yaml"
        raw = content if isinstance(content, bytes) else textwrap.dedent(content).encode("utf-8")
        path.write_bytes(raw)
        return load_branches(path, networks=NETWORKS)

    return from_text


@pytest.fixture
def mistakes(load, tmp_path):
    """What is told of a text, without the folder's name: one line a mistake."""

    def of_text(content):
        with pytest.raises(BranchesFileError) as caught:
            load(content)
        return str(caught.value).replace(f"{tmp_path}/", "").splitlines()

    return of_text

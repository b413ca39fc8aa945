"""The page on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.store import Store
from tests.web.site import Site


@pytest.fixture
def site(store: Store) -> Iterator[Site]:
    with Site(store).served() as served:
        yield served

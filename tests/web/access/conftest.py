"""A page that asks for a login, with two users."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.web.logins import Browser, a_user, write_users
from tests.web.site import NOW, Site


@pytest.fixture(scope="module")
def guarded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for a module's tests: each sets the clock and the users anew, see `guarded`."""
    from storage.store import open_store

    folder = tmp_path_factory.mktemp("guarded")
    with open_store(f"sqlite:///{folder / 'collector.db'}") as store:
        store.upgrade()
        # A public address without TLS: a browser that is asked over HTTP sends no cookies that are for TLS alone.
        site = Site(store, "http://collector.example.org", login="auto", users_file=folder / "users.json")
        with site.served() as served:
            yield served


@pytest.fixture
def guarded(guarded_site: Site) -> Site:
    guarded_site.now = NOW
    write_users(guarded_site.users_file, a_user("иванова"), a_user("petrov"))
    return guarded_site


@pytest.fixture
def browser(guarded: Site) -> Iterator[Browser]:
    with Browser(guarded.base) as made:
        yield made


@pytest.fixture
def fresh(small_store: Store, tmp_path: Path) -> Iterator[Site]:
    """A page that has seen nobody yet: for who counts failures, which a page keeps."""
    site = Site(small_store, "http://collector.example.org", login="auto", users_file=tmp_path / "users.json")
    write_users(site.users_file, a_user("иванова"), a_user("petrov"))
    with site.served() as served:
        yield served

"""Passwords: how long they are, how they are hashed, and that checking them cannot exhaust the machine."""

from __future__ import annotations

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from collector.domain.errors import CollectorError
from collector.web.access.users import User

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_MOST_WAITING = 8
"""Who comes when so many wait is sent away at once: each waits in a thread that serves pages too."""
_MOST_KNOWN_WAITING = 4
"""So many more of those whose browser is known: strangers who log in without end do not keep them out."""

_HASHER = PasswordHasher()
"""argon2-cffi's own choice of cost, RFC 9106's second: 64 MiB and about a tenth of a second."""


class TooManyLoginsError(CollectorError):
    """More people log in at this moment than are checked one after another in a second."""


def hash_password(password: str) -> str:
    """What the users file keeps of a password. Raises CollectorError for one that is too short, too long or no text."""
    password = _as_typed_anywhere(password)
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise CollectorError(
            f"the password is {len(password)} characters long; take {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}, "
            "for instance four words that do not belong together"
        )
    try:
        return _HASHER.hash(password)
    except UnicodeEncodeError:
        # So Python reads bytes that are none; a browser could never send them.
        raise CollectorError("the password is no UTF-8 text; write it in that encoding") from None


class PasswordCheck:
    """Checks passwords one at a time, so that 64 MiB and one core are all that strangers can take."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(_MOST_WAITING)
        self._known_places = threading.BoundedSemaphore(_MOST_KNOWN_WAITING)
        self._one_at_a_time = threading.Lock()
        self._nobodys_hash = ""

    def is_right(self, user: User | None, password: str, *, is_known: bool = False) -> bool:
        """Whether this is the user's password. `user` None: there is none of that name, which takes as long to say.

        `is_known`: the user has logged in with this browser before. Raises TooManyLoginsError.
        """
        places = self._known_places if is_known else self._places
        if not places.acquire(blocking=False):
            raise TooManyLoginsError("too many logins at once")
        try:
            with self._one_at_a_time:
                # Made at the first login whosever it is, so that it does not tell one from another either.
                self._nobodys_hash = self._nobodys_hash or _HASHER.hash(secrets.token_urlsafe())
                try:
                    _HASHER.verify(
                        self._nobodys_hash if user is None else user.password_hash,
                        _as_typed_anywhere(password),
                    )
                except VerificationError:
                    return False
                return user is not None
        finally:
            places.release()


def _as_typed_anywhere(password: str) -> str:
    """The same characters whatever the keyboard: a Mac may send «й» as two."""
    return unicodedata.normalize("NFC", password)

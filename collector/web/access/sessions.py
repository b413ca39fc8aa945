"""What a browser keeps between two requests, signed: its session, that it is known, and its forms' tokens.

Nothing of it is secret but to others: a cookie tells its owner who they are. Times are handed in.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from collector.domain.schedule import CLOCK_TOLERANCE
from collector.web.access.users import User, Users

SESSION_LASTS = timedelta(hours=12)
"""Since it was last renewed."""
LOGIN_LASTS = timedelta(days=30)
"""However often it is renewed."""
BROWSER_KNOWN_FOR = timedelta(days=180)
FORM_LASTS = timedelta(hours=12)
_RENEWED_AFTER = timedelta(hours=1)
_MOST_ENDED = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has logged in."""

    id: str
    user: str
    began_at: datetime
    renewed_at: datetime

    def is_to_be_renewed(self, now: datetime) -> bool:
        """Whether it is old enough for a new cookie to be worth its bytes."""
        return now - self.renewed_at >= _RENEWED_AFTER


class Sessions:
    """Makes sessions' cookies, and reads them again."""

    def __init__(self, secret: str) -> None:
        self._sealed = _serializer(secret, "collector.session")
        self._lock = threading.Lock()
        self._ended: OrderedDict[str, datetime] = OrderedDict()

    def begin(self, user: User, now: datetime) -> str:
        """The cookie of a new session."""
        return self._cookie(secrets.token_urlsafe(12), user, now, now)

    def renew(self, session: Session, user: User, now: datetime) -> str:
        """The cookie of the same session, for as long again."""
        return self._cookie(session.id, user, session.began_at, now)

    def read(self, cookie: str, users: Users, now: datetime) -> Session | None:
        """The session of a cookie; None: it is none, or over, or its user was removed or has another password."""
        content = _opened(self._sealed, cookie, 5)
        if content is None:
            return None
        id_, name, mark, began_at, renewed_at = content
        user = users.get(name)
        if user is None or user.mark != mark or id_ in self._ended:
            return None
        if not (_is_within(renewed_at, SESSION_LASTS, now) and _is_within(began_at, LOGIN_LASTS, now)):
            return None
        return Session(id_, name, _instant(began_at), _instant(renewed_at))

    def end(self, session: Session, now: datetime) -> None:
        """Whoever still has the cookie is out too. Remembered in this process, until the cookie is too old anyway."""
        with self._lock:
            for id_ in [each for each, at in self._ended.items() if now - at > SESSION_LASTS]:
                del self._ended[id_]
            self._ended[session.id] = now
            if len(self._ended) > _MOST_ENDED:
                self._ended.popitem(last=False)

    def _cookie(self, id_: str, user: User, began_at: datetime, now: datetime) -> str:
        return _text(self._sealed, [id_, user.name, user.mark, _seconds(began_at), _seconds(now)])


class KnownBrowsers:
    """Marks a browser in which somebody has logged in: see `brakes`."""

    def __init__(self, secret: str) -> None:
        self._sealed = _serializer(secret, "collector.browser")

    def mark(self, user: User, now: datetime) -> str:
        """A cookie for a browser that this user has just logged in with."""
        return _text(self._sealed, [secrets.token_urlsafe(12), user.name, _seconds(now)])

    def number(self, cookie: str, user_name: str, now: datetime) -> str | None:
        """The browser's number; None: this user has not logged in with it."""
        content = _opened(self._sealed, cookie, 3)
        if content is None or content[1] != user_name or not _is_within(content[2], BROWSER_KNOWN_FOR, now):
            return None
        return str(content[0])


class FormTokens:
    """What a form must bring back, so that it was sent from our page: bound to what the browser's cookie holds."""

    def __init__(self, secret: str) -> None:
        self._sealed = _serializer(secret, "collector.form")

    def token(self, bound_to: str, now: datetime) -> str:
        """A token for a form that is shown now."""
        return _text(self._sealed, [bound_to, _seconds(now)])

    def is_ours(self, token: str, bound_to: str, now: datetime) -> bool:
        """Whether a form came back from where it was shown."""
        content = _opened(self._sealed, token, 2)
        return content is not None and content[0] == bound_to and _is_within(content[1], FORM_LASTS, now)


def _serializer(secret: str, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(
        secret, salt=salt, signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256}
    )


def _text(sealed: URLSafeSerializer, content: Sequence[Any]) -> str:
    return sealed.dumps(content)


def _opened(sealed: URLSafeSerializer, text: str, length: int) -> list[Any] | None:
    """What we have signed; None for anything else, and for what a version before signed in another form."""
    try:
        content = sealed.loads(text)
    except (BadData, ValueError):
        return None
    return content if isinstance(content, list) and len(content) == length else None


def _is_within(made_at: int, lasts: timedelta, now: datetime) -> bool:
    """Not too old; nor dated later than now, which a clock that was ahead did."""
    return -CLOCK_TOLERANCE.total_seconds() <= now.timestamp() - made_at <= lasts.total_seconds()


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

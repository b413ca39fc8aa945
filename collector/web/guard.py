"""What holds for every request and every answer, whatever the page: paths, headers, and whose forms are taken."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


class Guarded:
    """Puts the headers on every answer of an application, those of its failures included.

    The application sees paths without the prefix that the public address has, whether a proxy takes it off or not.
    """

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self._app = app
        self._prefix = urlsplit(public_url).path.rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    # A page that needs scripts, or a file that may be kept, says so itself.
                    headers.setdefault(name, value)
            await send(message)

        if self._prefix and scope["path"] == self._prefix:
            # Our links are relative: without the last slash they would lead out of the prefix.
            await RedirectResponse(f"{self._prefix}/")(scope, receive, send_with_headers)
            return
        if self._prefix and scope["path"].startswith(f"{self._prefix}/"):
            prefix, raw = self._prefix, scope["raw_path"]
            scope = {
                **scope,
                "path": scope["path"].removeprefix(prefix),
                "raw_path": raw.removeprefix(prefix.encode()),
            }
        await self._app(scope, receive, send_with_headers)


def is_of_this_site(headers: Headers, public_url: str) -> bool:
    """Whether a form was sent from our own page, as far as the browser says.

    The token is what permits; this only keeps another site, should it ever learn one, from using a reader's browser.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    # Older browsers, and pages without TLS. Our own Referrer-Policy makes browsers send "null".
    origin = headers.get("origin", "null")
    if origin == "null":
        return True
    try:
        host = urlsplit(origin).netloc.lower()
    except ValueError:
        return False
    return host in (urlsplit(public_url).netloc.lower(), headers.get("host", "").lower())

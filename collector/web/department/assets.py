"""What the pages load besides themselves: style, icon, scripts. All is served from here.

Each address bears a digest of what it holds, so that browsers keep it for good and still get a new one at once.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import Response

_STATIC = Path(__file__).parent.parent / "static"
_KEPT = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file: its name below ours, its type, its content, and the mark by which its address is told apart."""

    name: str
    media_type: str
    content: Callable[[], bytes]
    mark: str


def _file(name: str, media_type: str) -> Asset:
    content = (_STATIC / name).read_bytes()
    return Asset(name, media_type, lambda: content, sha256(content).hexdigest()[:12])


@cache
def _vega() -> bytes:
    """Vega, Vega-Lite and Vega-Embed as vl-convert brings them; bundling takes some seconds, once a process."""
    import vl_convert  # noqa: PLC0415 - heavy: only who looks at a chart waits for it

    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")).encode()


ASSETS = {
    each.name: each
    for each in (
        _file("department.css", "text/css; charset=utf-8"),
        _file("icon.svg", "image/svg+xml"),
        _file("charts.js", "text/javascript; charset=utf-8"),
        # Its version stands for its content, which is made only when somebody asks for it.
        Asset("vega.js", "text/javascript; charset=utf-8", _vega, version("vl-convert-python")),
    )
}


def address(name: str) -> str:
    """The address of a file below ours."""
    return f"{name}?v={ASSETS[name].mark}"


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(ASSETS[name].content(), mtime=0)


def add_to(app: FastAPI) -> None:
    """The routes of the files."""
    for each in ASSETS.values():
        app.api_route(f"/{each.name}", methods=["GET", "HEAD"])(_serving(each))


def _serving(asset: Asset) -> Callable[[Request], Response]:
    def serve(request: Request) -> Response:
        headers = {"Cache-Control": _KEPT, "ETag": f'"{asset.mark}"', "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            packed = _packed(asset.name)
            return Response(
                packed, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"}
            )
        return Response(asset.content(), media_type=asset.media_type, headers=headers)

    return serve

"""The JSON API for whoever writes a script: the public views, page by page, with an OpenAPI description."""

from __future__ import annotations

from collector.web.api.app import make_api

__all__ = ["make_api"]

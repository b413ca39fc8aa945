"""The page that tells people what the API is: what there is to ask for, and how."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response

from collector.web.api.resources import MOST_ROWS, RESOURCES
from collector.web.department import Desk

PATH = "api"


def add_to(app: FastAPI, desk: Desk, public_url: str) -> None:
    """The route of the page. `public_url`: where people reach it; empty: not known."""
    address = f"{public_url.rstrip('/') or 'http://127.0.0.1:8080'}/{PATH}"

    @app.api_route(f"/{PATH}", methods=["GET", "HEAD"])
    def guide(request: Request) -> Response:
        return desk.page(
            request, "api.html.j2", current=PATH, resources=RESOURCES, address=address, most=MOST_ROWS
        )

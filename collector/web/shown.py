"""Pages made of templates. All text is escaped; links to our own pages are relative, whatever stands before us."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from collector.notifications import words
from collector.notifications.rendering import is_link, one_line
from collector.reports.rendering import cells, grid

_HERE = Path(__file__).parent
STYLESHEET = (_HERE / "static" / "style.css").read_text("utf-8")

_TEMPLATES = Environment(
    loader=FileSystemLoader(_HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {
    "counted": words.counted,
    "day": words.day,
    "moment": words.moment,
    "near_day": words.near_day,
    "near_moment": words.near_moment,
    "number": words.number,
    "style_of": grid.style_of,
    "path_part": lambda text: quote(text, safe=""),
    "network": words.network_name,
    "one_line": one_line,
}
_TEMPLATES.globals |= {"groups": grid.groups, "notes": grid.Notes, "cell_words": cells.shown}
_TEMPLATES.tests |= {"link": is_link}


def page(request: Request, template: str, status: int = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    """A page of this template."""
    shown = {"up": up(request), "visitor": getattr(request.state, "visitor", None), **values}
    return HTMLResponse(_TEMPLATES.get_template(template).render(shown), status)


def told(request: Request, status: int, title: str, *sentences: str, leads_on: bool = False) -> HTMLResponse:
    """A page that only says something. `leads_on`: with a link to the department's overview."""
    return page(request, "told.html.j2", status, title=title, sentences=sentences, leads_on=leads_on)


def up(request: Request) -> str:
    """The way from this page to the beginning of ours: `../` for each folder that it stands in."""
    # As a browser counts them: to it %2F is a letter of a name.
    return "../" * (request.scope["raw_path"].count(b"/") - 1) or "./"

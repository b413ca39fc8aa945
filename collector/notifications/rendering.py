"""Turns templates and values into letters. Owns how they are escaped, cleaned, wrapped, and overridden by ops.

All strings that come in are strangers' text: each is made one line of visible characters and bounded in length
before a template sees it, and HTML escapes it besides. Templates decide on words alone.
"""

from __future__ import annotations

import dataclasses
import re
import textwrap
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateSyntaxError,
    select_autoescape,
)
from markupsafe import Markup, escape

from collector.domain.errors import CollectorError
from collector.domain.notification import Recipient
from collector.domain.texts import undirected
from collector.notifications import words

log = structlog.get_logger(__name__)

_OWN_TEMPLATES = Path(__file__).parent / "templates"
_LINE_WIDTH = 78
_LONGEST_TEXT = 300
_LONGEST_URL = 2000
_LONGEST_SUBJECT = 150
# Control characters, halves of pairs, unassigned ones, separators of lines and paragraphs.
_NOT_SHOWN = frozenset({"Cc", "Cs", "Cn", "Zl", "Zp"})
_URL = re.compile(r"https?://", re.IGNORECASE)
_LIST_ITEM = re.compile(r"\s*(?:(?:[—•–-]|\d+\.)\s+)?")


class TemplateProblemError(CollectorError):
    """A template that cannot be used: which file, which line, and why."""


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A picture inside a letter, shown by `<img src="cid:...">`."""

    cid: str
    png: bytes
    alt: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A letter in words. `reply_to` None: answers go to the sender."""

    subject: str
    text: str
    html: str
    images: tuple[InlineImage, ...] = ()
    reply_to: Recipient | None = None


class Renderer:
    """Makes letters of the templates `<name>.subject.j2`, `<name>.txt.j2`, `<name>.html.j2`.

    `templates_dir` is a folder of ops whose templates go before the program's own of the same name. Where one of
    them is broken, the program's own make the letter, and the log tells; if `strict`, that is raised instead.
    `banner` stands on top of every letter, where it is not what it seems.
    """

    def __init__(
        self, templates_dir: Path | None = None, *, strict: bool = False, banner: str | None = None
    ) -> None:
        own = FileSystemLoader(_OWN_TEMPLATES)
        self._own = _environment(own)
        self._overridden = None
        self._strict = strict
        self._banner = banner
        if templates_dir is None:
            return
        if templates_dir.is_dir():
            # Not cached: a template that is added later must go before one of ours that was used already.
            self._overridden = _environment(
                ChoiceLoader([FileSystemLoader(templates_dir), own]), cache_size=0
            )
            return
        problem = TemplateProblemError(
            f"no folder {templates_dir}: make it, or correct COLLECTOR_LETTERS__TEMPLATES_DIR"
        )
        if strict:
            raise problem
        log.error("templates of one's own are not used", error=str(problem))

    def render(
        self,
        name: str,
        values: Mapping[str, Any],
        *,
        images: tuple[InlineImage, ...] = (),
        reply_to: Recipient | None = None,
    ) -> Rendered:
        """The letter of these templates with these values.

        `values` may hold text, numbers, times, frozen dataclasses, tuples, lists and mappings of such.
        Raises TemplateProblemError if the templates cannot be used.
        """
        cleaned = {key: cleaned_value(value) for key, value in {"banner": self._banner, **values}.items()}
        if self._overridden is not None:
            try:
                return _render(self._overridden, name, cleaned, images, reply_to)
            except TemplateProblemError as problem:
                if self._strict:
                    raise
                log.error("template is broken; the program's own is used", letter=name, error=str(problem))
        return _render(self._own, name, cleaned, images, reply_to)


def template_names() -> frozenset[str]:
    """The names of the program's own templates: a file of ops goes before the one of its name."""
    return frozenset(each.name for each in _OWN_TEMPLATES.glob("*.j2"))


def one_line(text: str, limit: int = _LONGEST_TEXT) -> str:
    """A stranger's text as one line of visible characters, at most `limit` of them."""
    # Cut first, with room for what is dropped: the text may be megabytes.
    text = undirected(text[: limit * 4])
    text = "".join(" " if unicodedata.category(each) in _NOT_SHOWN else each for each in text)
    text = re.sub(" {2,}", " ", text).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def cleaned_value(value: Any) -> Any:
    """A value with each text in it made one line, and sequences lists."""
    match value:
        case Enum() | Markup() | None | bool() | int() | float():
            return value
        case str():
            return one_line(value, _LONGEST_URL if _URL.match(value) else _LONGEST_TEXT)
        case Mapping():
            return {key: cleaned_value(each) for key, each in value.items()}
        case list() | tuple():
            return [cleaned_value(each) for each in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return dataclasses.replace(value, **{key: cleaned_value(each) for key, each in fields.items()})
    return value


def is_link(url: str | None) -> bool:
    """Whether this is an address that a letter may link to: http or https, with a host."""
    if url is None or len(url) > _LONGEST_URL or any(each.isspace() for each in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def anchor(url: str | None, text: str | None = None, style: str = "") -> Markup:
    """A link in HTML; where it may not be one, its text alone."""
    shown = text if text is not None else (url or "")
    if not is_link(url):
        return escape(shown)
    return Markup('<a href="{}" style="{}">{}</a>').format(url, style, shown)


def bare_url(url: str) -> str:
    """An address as people say it: `vk.com/club1`."""
    return re.sub(r"^https?://(www\.)?", "", url, flags=re.IGNORECASE).rstrip("/")


def mail_anchor(email: str, style: str = "") -> Markup:
    """A link in HTML that begins a letter to an address."""
    return Markup('<a href="mailto:{}" style="{}">{}</a>').format(quote(email, safe="@+"), style, email)


def wrapped(text: str) -> str:
    """A plain text with its lines at most 78 wide, as far as words allow, and no two empty ones in a row."""
    lines: list[str] = []
    for line in text.splitlines():
        lead = _LIST_ITEM.match(line)
        indent = " " * lead.end() if lead else ""
        lines += textwrap.wrap(
            line.rstrip(),
            _LINE_WIDTH,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        ) or [""]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _environment(loader: BaseLoader, cache_size: int = 400) -> Environment:
    environment = Environment(
        loader=loader,
        cache_size=cache_size,
        autoescape=select_autoescape(disabled_extensions=("txt.j2", "subject.j2"), default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "counted": words.counted,
        "of_days": words.of_days,
        "number": words.number,
        "day": words.day,
        "short_day": words.short_day,
        "on_weekday": words.on_weekday,
        "clock": words.clock,
        "moment": words.moment,
        "month": words.month,
        "network": words.network_name,
        "in_network": words.in_network,
        "greeting": words.greeting,
        "anchor": anchor,
        "bare_url": bare_url,
        "mail_anchor": mail_anchor,
    }
    environment.globals |= {"plural": words.plural}
    environment.tests |= {"link": is_link}
    return environment


def _render(
    environment: Environment,
    name: str,
    values: Mapping[str, Any],
    images: tuple[InlineImage, ...],
    reply_to: Recipient | None,
) -> Rendered:
    try:
        subject, text, html = (
            environment.get_template(f"{name}.{part}.j2").render(values)
            for part in ("subject", "txt", "html")
        )
    except Exception as error:
        raise TemplateProblemError(_told(name, error)) from error
    # A subject breaks no lines; plain spaces let people search for it.
    subject = one_line(subject.replace("\u00a0", " "), _LONGEST_SUBJECT)
    return Rendered(subject, wrapped(text), html, images, reply_to)


def _told(name: str, error: Exception) -> str:
    """Where a template fails, as far as it can be known, and why."""
    where = f"templates of {name!r}"
    if isinstance(error, TemplateSyntaxError):
        where = f"{error.filename or error.name}, line {error.lineno}"
    else:
        # Jinja makes tracebacks name templates and their lines.
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename.endswith(".j2"):
                where = f"{trace.tb_frame.f_code.co_filename}, line {trace.tb_lineno}"
            trace = trace.tb_next
    return one_line(f"{where}: {type(error).__name__}: {error}; correct the template, or remove it", 600)

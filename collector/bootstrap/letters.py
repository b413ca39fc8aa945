"""Letters as the settings want them written."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from collector.bootstrap.program import Program, open_database, settings, utc_now
from collector.domain.errors import CollectorError
from collector.domain.notification import NotificationKind
from collector.jobs.compose import Composer
from collector.jobs.compose_digests import DigestPolicy
from collector.jobs.preview_letters import Preview, preview_letters
from collector.notifications.calendar_examples import ALL_EXAMPLES, invented
from collector.notifications.examples import BANNER
from collector.notifications.links import LinkSigner
from collector.notifications.message import Sender, written
from collector.notifications.rendering import Renderer, TemplateProblemError, template_names
from collector.settings import Settings


@dataclass(frozen=True, slots=True)
class Previewed:
    """A letter that was written to look at. `is_example`: its facts are invented."""

    subject: str
    is_example: bool
    files: tuple[Path, ...]


def composer(parts: Program) -> Composer:
    """What writes the letters of the outbox."""
    web = parts.settings.web
    links = None
    # Not in a dry run: who gets its letters could answer in a chair's name, and the answer would stand.
    is_dry_run = parts.settings.smtp.redirect_to is not None
    if web.public_url is not None and web.secret is not None and not is_dry_run:
        links = LinkSigner(web.secret.get_secret_value(), web.public_url, timedelta(days=web.link_days))
    return Composer(
        parts.store, Renderer(parts.settings.letters.templates_dir), links, _policy(parts.settings)
    )


def preview(code: str | None, kind: NotificationKind | None, folder: Path) -> list[Previewed]:
    """Write letters to look at into a folder, each as text, HTML and mail.

    Nothing is sent, and the links in them are not valid: whoever sees a preview cannot answer in somebody's name.
    A database need not be there yet. Raises CollectorError for a branch that is not there, a template of one's
    own that is broken, or a folder that cannot be written to.
    """
    given, now = settings(), utc_now()
    folder_of_ops = given.letters.templates_dir
    renderer = Renderer(folder_of_ops, strict=True)
    examples = Renderer(folder_of_ops, strict=True, banner=BANNER)
    sender = Sender(given.smtp.sender or "collector@example.org", given.smtp.sender_name)
    links = None
    if given.web.public_url is not None:
        links = LinkSigner(secrets.token_hex(), given.web.public_url, timedelta(days=given.web.link_days))
    with open_database() as store:
        known = None if store.version().current is None else store
        if known is not None:
            known.require_newest()
        previews = preview_letters(
            known, Composer(store, renderer, links, _policy(given)), examples, links, code, kind, now
        )
        try:
            folder.mkdir(parents=True, exist_ok=True)
            return [_write(each, sender, folder, now) for each in previews]
        except OSError as error:
            raise CollectorError(
                f"letters cannot be written to {folder}: {error.strerror or error}"
            ) from error


def template_problems(folder: Path, now: datetime) -> list[str]:
    """What is wrong with templates of one's own, each letter tried with invented facts.

    Raises CollectorError if the folder is not there.
    """
    renderer = Renderer(folder, strict=True, banner=BANNER)
    problems = []
    for kind, to in ALL_EXAMPLES:
        try:
            invented(renderer, kind, to, now)
        except TemplateProblemError as problem:
            problems.append(str(problem))
    return list(dict.fromkeys(problems))


def unknown_templates(folder: Path) -> list[str]:
    """Files that look like templates and have a name that no letter asks for."""
    own = template_names()
    return sorted(each.name for each in folder.glob("*.j2") if each.name not in own)


def _write(preview: Preview, sender: Sender, folder: Path, now: datetime) -> Previewed:
    html = preview.rendered.html
    for image in preview.rendered.images:
        # A browser knows no parts of a mail.
        html = html.replace(
            f"cid:{image.cid}", f"data:image/png;base64,{base64.b64encode(image.png).decode()}"
        )
    files = [folder / f"{preview.name}.{ending}" for ending in ("html", "txt", "eml")]
    message = written(preview.letter, preview.rendered, sender, now)
    for file, content in zip(
        files,
        (html.encode(), preview.rendered.text.encode(), message.as_bytes()),
        strict=True,
    ):
        file.write_bytes(content)
    return Previewed(preview.rendered.subject, preview.is_example, tuple(files))


def _policy(given: Settings) -> DigestPolicy:
    return DigestPolicy(
        default_threshold=timedelta(days=given.silence.threshold_days),
        count_reposts=given.silence.count_reposts,
    )

"""Letters to look at: what would be written now of a branch's silence, else invented ones. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from collector.domain.episode import EndReason, Episode
from collector.domain.errors import CollectorError
from collector.domain.model import BranchKind
from collector.domain.notification import ABOUT_SILENCE, Audience, NotificationKind, OutboxLetter, Recipient
from collector.domain.owed import BranchPeople
from collector.domain.period import month_before, week_before
from collector.jobs.compose import Composer
from collector.notifications.examples import ADMINISTRATOR, CHAIR, DEPARTMENT, OPS, PARENT_CHAIR, example
from collector.notifications.letters import BranchInLetter
from collector.notifications.links import LetterLink, LinkSigner
from collector.notifications.rendering import Rendered, Renderer
from storage.store import Store

EXAMPLE_CODE = "ВАО"
_EXAMPLE_NAME = "Территориальная профсоюзная организация Восточного административного округа города Москвы"

KINDS = (
    (NotificationKind.SILENCE, Audience.CHAIR, "silence-chair"),
    (NotificationKind.SILENCE, Audience.ADMINISTRATOR, "silence-administrator"),
    (NotificationKind.REMINDER, Audience.CHAIR, "reminder-chair"),
    (NotificationKind.REMINDER, Audience.ADMINISTRATOR, "reminder-administrator"),
    (NotificationKind.ESCALATION, Audience.DEPARTMENT, "escalation-department"),
    (NotificationKind.ESCALATION, Audience.CHAIR, "escalation-parent"),
    (NotificationKind.RESUMED, Audience.CHAIR, "resumed-chair"),
    (NotificationKind.WARNING, Audience.ADMINISTRATOR, "warning-administrator"),
    (NotificationKind.WEEKLY, Audience.DEPARTMENT, "weekly-department"),
    (NotificationKind.MONTHLY, Audience.CHAIR, "monthly-chair"),
    (NotificationKind.OPS, Audience.OPS, "ops"),
)
"""What can be looked at: kind, recipient, name."""
_NOBODY = "nobody@example.org"
"""Where a real letter would go that the branches file names nobody for."""
_OF_THE_CALENDAR = (NotificationKind.WEEKLY, NotificationKind.MONTHLY)


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter to look at. `is_example`: its facts are invented."""

    name: str
    letter: OutboxLetter
    rendered: Rendered
    is_example: bool


def preview_letters(
    store: Store | None,
    composer: Composer,
    examples: Renderer,
    links: LinkSigner | None,
    code: str | None,
    kind: NotificationKind | None,
    now: datetime,
) -> Iterator[Preview]:
    """The letters of a kind (None: of all) about a branch (None: one that was silent, if there is any).

    What is known is told by the `composer`, the rest invented, by `examples` and with `links`; only letters of the
    calendar are never invented. `store` None: nothing is known yet. Raises CollectorError for a branch that is
    not there.
    """
    episode = _episode(store, code) if store is not None else None
    branch = _branch(store, code if code is not None or episode is None else episode.branch_code)
    people = (
        store.silences.people().of(episode.branch_id) if store is not None and episode is not None else None
    )
    for each, audience, name in KINDS:
        if kind not in (None, each):
            continue
        letter = None
        if store is not None and each in _OF_THE_CALENDAR:
            letter = _of_the_calendar(store, each, code, name, now)
        elif episode is not None and people is not None and _fits(each, episode):
            to = _recipient(each, audience, people) or Recipient(audience, "", _NOBODY)
            letter = _of_silence(each, to, name, now, episode)
        if letter is not None:
            yield Preview(name, letter, composer.compose(letter, now), is_example=False)
        elif each not in _OF_THE_CALENDAR:
            letter = _letter(each, _invented(each, audience), name, now)
            link = links.url(LetterLink(None, 0, letter.recipient.email), now) if links is not None else None
            rendered = example(examples, each, letter.recipient, branch, link, now)
            yield Preview(name, letter, rendered, is_example=True)


def _episode(store: Store, code: str | None) -> Episode | None:
    """The newest, one that lasts before any other."""
    codes = None if code is None else [code]
    found = store.silences.episodes(codes, only_open=True, limit=1) or store.silences.episodes(codes, limit=1)
    return found[0] if found else None


def _branch(store: Store | None, code: str | None) -> BranchInLetter:
    known = {each.code: each for each in store.branches()} if store is not None else {}
    if known and code is not None and code not in known:
        raise CollectorError(
            f"branch {code!r}: there is none; `collector branches list` shows those there are"
        )
    found = known.get(code or EXAMPLE_CODE)
    if found is not None:
        return BranchInLetter.of(found.code, found.name, BranchKind(found.kind), 1, 1)
    return BranchInLetter.of(code or EXAMPLE_CODE, _EXAMPLE_NAME, BranchKind.TERRITORIAL, 1, 1)


def _fits(kind: NotificationKind, episode: Episode) -> bool:
    """Whether an episode has what such a letter tells."""
    if kind is NotificationKind.RESUMED:
        return episode.end_reason is EndReason.POSTED
    return kind in ABOUT_SILENCE and episode.is_open


def _recipient(kind: NotificationKind, audience: Audience, people: BranchPeople) -> Recipient | None:
    of_audience = {
        Audience.CHAIR: people.parent_chairs if kind is NotificationKind.ESCALATION else people.chairs,
        Audience.ADMINISTRATOR: people.administrators,
        Audience.DEPARTMENT: people.department,
    }
    return next(iter(of_audience[audience]), None)


def _invented(kind: NotificationKind, audience: Audience) -> Recipient:
    if kind is NotificationKind.ESCALATION and audience is Audience.CHAIR:
        return PARENT_CHAIR
    return {
        Audience.CHAIR: CHAIR,
        Audience.ADMINISTRATOR: ADMINISTRATOR,
        Audience.DEPARTMENT: DEPARTMENT,
        Audience.OPS: OPS,
    }[audience]


def _of_silence(
    kind: NotificationKind, to: Recipient, name: str, now: datetime, episode: Episode
) -> OutboxLetter:
    about = {"number": 1} if kind is NotificationKind.REMINDER else {}
    return replace(
        _letter(kind, to, name, now), branch_id=episode.branch_id, silence_id=episode.silence_id, about=about
    )


def _of_the_calendar(
    store: Store, kind: NotificationKind, code: str | None, name: str, now: datetime
) -> OutboxLetter | None:
    """Of the newest week or month. None: the branches file names nobody to write it to."""
    if kind is NotificationKind.WEEKLY:
        monday = week_before(now).end_day
        return next(
            (
                replace(_letter(kind, to, name, now), about={"monday": monday.isoformat()})
                for to in store.digests.departments()
            ),
            None,
        )
    for branch_id, to in store.digests.chairs():
        branch = store.digests.branch(branch_id) if code is not None else None
        if code is None or (branch is not None and branch.code == code):
            month = month_before(now).first_day
            return replace(
                _letter(kind, to, name, now), branch_id=branch_id, about={"month": month.isoformat()}
            )
    return None


def _letter(kind: NotificationKind, to: Recipient, name: str, now: datetime) -> OutboxLetter:
    return OutboxLetter(
        message_id=0,
        key=f"preview:{name}",
        kind=kind,
        recipient=to,
        branch_id=None,
        silence_id=None,
        about={},
        created_at=now,
        attempt_count=0,
    )

"""Reading walls: what execute and wall.get lead to.

An execute says nothing of which call failed: it gives `false` there, and a list of errors beside the answer
in which the script itself may appear too. Our script names each wall's owner in its answer, so that no wall can
be taken for another's; an error is given to a wall only where as many errors came as walls failed, and else the
wall is asked for directly.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from collector.domain.errors import FailureKind
from collector.domain.model import Access, Outcome
from collector.networks.vk import mapping
from collector.networks.vk.content import contents_of
from collector.networks.vk.errors import ApiFailure, Reaction, VkError, wall_finding
from collector.networks.vk.script import (
    FIRST_CONTENTS,
    NEW_CONTENTS,
    NEWEST,
    OWNER,
    REPOSTED,
    TOTAL,
    Page,
    walls_script,
)
from collector.networks.vk.tasks import (
    Context,
    Steps,
    Task,
    WallJob,
    failure,
    failure_of,
    may_be_too_large,
    unexpected,
)

EXECUTE = "execute"
WALL_GET = "wall.get"

_PAGE = 100
_TRIES = 3
log = logging.getLogger(__name__)


def task_for(walls: list[WallJob]) -> Task:
    """The request that reads these walls: on its own, one is asked for directly."""
    return Task(EXECUTE if len(walls) > 1 else WALL_GET, walls=walls)


def values_of(task: Task) -> dict[str, object]:
    """The request's parameters."""
    if task.method == EXECUTE:
        return {"code": walls_script(_page(wall, asks_contents=task.asks_contents) for wall in task.walls)}
    (wall,) = task.walls
    return {"owner_id": wall.owner_id, "count": wall.count, "offset": wall.offset or None, "filter": "owner"}


def _page(wall: WallJob, *, asks_contents: bool) -> Page:
    known = wall.target.newest_known_post_at
    # On a further page there are older posts only.
    most = 0 if not asks_contents or wall.offset else FIRST_CONTENTS if known is None else NEW_CONTENTS
    newest = None if known is None else int(known.timestamp())
    return Page(wall.owner_id, wall.count, wall.offset, most, newest, wall.has_pinned_post)


def lighten(response: Any) -> None:
    """Keep of each repost only that it is one, and of the newest posts their contents, before the answer waits.

    Posts that come whole, photos and all, are most of an answer: some 2 MB of memory each.
    """
    for part in response if isinstance(response, list) else ():
        if not isinstance(part, dict):
            continue
        column = part.get(REPOSTED)
        if isinstance(column, list):
            part[REPOSTED] = [bool(copied) if isinstance(copied, list) else copied for copied in column]
        part[NEWEST] = contents_of(part.get(NEWEST))


def answered(task: Task, response: Any, errors: Sequence[Any], at: datetime, context: Context) -> Steps:
    """What VK's answer leads to."""
    steps = Steps()
    if task.method == WALL_GET:
        (wall,) = task.walls
        try:
            page = mapping.page_of_answer(response, wall.owner_id)
            _read(wall, page, at, context, steps)
        except mapping.Unexpected as error:
            steps.outcomes.append(unexpected(wall.target, at, error, context))
        return steps
    parts, contents = {}, {}
    for part in response if isinstance(response, list) else ():
        if isinstance(part, dict):
            owner = str(part.get(OWNER))
            # Apart, so that what is kept of a part that makes no sense is as VK told it.
            contents[owner] = part.pop(NEWEST, {})
            parts[owner] = part
    failed_ones = []
    for wall in task.walls:
        part = parts.get(str(wall.owner_id))
        if part is None or TOTAL not in part:
            failed_ones.append(wall)
            continue
        try:
            page = replace(mapping.page_of_columns(part), contents=contents[str(wall.owner_id)])
            _read(wall, page, at, context, steps)
        except mapping.Unreadable as error:
            log.info("wall of %s: %s; asking for it directly", wall.owner_id, error)
            _ask_directly(wall, steps)
        except mapping.Unexpected as error:
            steps.outcomes.append(unexpected(wall.target, at, error, context))
    _refused(failed_ones, errors, len(failed_ones) == task.size, at, steps)
    return steps


def failed(task: Task, error: VkError, at: datetime, context: Context) -> Steps:
    """What is done about a request for walls that VK refused, or that failed on the way."""
    del context
    steps = Steps()
    if task.size > 1:
        if may_be_too_large(error):
            steps.tasks += task.halves()
            return steps
        if isinstance(error, ApiFailure) and error.reaction is not Reaction.RETRY:
            for wall in task.walls:
                _ask_directly(wall, steps)
            return steps
    for wall in task.walls:
        steps.outcomes.append(without_wall(wall, error, at))
    return steps


def _refused(walls: list[WallJob], errors: Sequence[Any], are_all: bool, at: datetime, steps: Steps) -> None:
    """Give each wall that failed inside an execute its error."""
    told = [error for error in errors if not (isinstance(error, dict) and error.get("method") == EXECUTE)]
    causes = [_cause(error) for error in told]
    if len(causes) != len(walls):
        causes = [None] * len(walls)
    for wall, cause in zip(walls, causes, strict=True):
        if cause is None:
            _ask_directly(wall, steps)
        elif cause.reaction is Reaction.QUOTA or (cause.reaction.blames_token and are_all):
            steps.trouble = cause
            steps.again.append(wall)
        elif cause.reaction is Reaction.RETRY and wall.tries < _TRIES:
            wall.tries += 1
            steps.again.append(wall)
        elif cause.reaction in (Reaction.OUR_BUG, Reaction.TOO_LARGE) or cause.reaction.blames_token:
            # Told by a direct read, an error that is not the wall's own is easier to believe.
            _ask_directly(wall, steps)
        else:
            steps.outcomes.append(without_wall(wall, cause, at))


def _cause(error: Any) -> ApiFailure | None:
    code = error.get("error_code") if isinstance(error, dict) else None
    if type(code) is not int:
        return None
    return ApiFailure(code, str(error.get("error_msg"))[:300], error.get("error_subcode"))


def _ask_directly(wall: WallJob, steps: Steps) -> None:
    wall.is_direct = True
    steps.again.append(wall)


def without_wall(wall: WallJob, error: VkError, at: datetime) -> Outcome:
    """The reading that the lookup gave, with the reason why the wall is missing."""
    if isinstance(error, ApiFailure) and error.reaction is Reaction.TARGET:
        kind, access = wall_finding(error.code, error.message)
        why = failure(wall.target, at, kind, str(error), access=access, is_certain=False)
    else:
        why = failure_of(error, wall.target, at)
    if why.kind is FailureKind.UNEXPECTED_RESPONSE:
        return why
    return replace(wall.reading, wall_failure=why)


def unread(wall: WallJob, kind: FailureKind, detail: str, at: datetime) -> Outcome:
    """The reading that the lookup gave, where nothing could be asked about the wall."""
    return replace(wall.reading, wall_failure=failure(wall.target, at, kind, detail, is_certain=False))


def _start_over(wall: WallJob, steps: Steps) -> None:
    """Posts were deleted between two pages: those after them moved up, and one that stands may have been skipped."""
    wall.tries += 1
    if wall.tries > _TRIES:
        raise mapping.Unexpected("the wall changes each time it is read", None)
    wall.offset, wall.count, wall.page, wall.read_at = 0, _PAGE, None, None
    steps.again.append(wall)


def _read(wall: WallJob, page: mapping.WallPage, at: datetime, context: Context, steps: Steps) -> None:
    """Add a page to what was read; read on, or be done with the wall."""
    if wall.offset == 0 and page.size == 0 and page.total:
        raise mapping.Unexpected(
            f"a wall of {page.total} posts that shows none", {"count": page.total, "items": []}
        )
    if wall.page is not None and wall.page.columns["i"][-1] not in page.columns["i"]:
        _start_over(wall, steps)
        return
    read_at = wall.read_at = wall.read_at or at
    read_to = wall.offset + page.size
    is_whole = read_to >= page.total if page.total is not None else page.size < wall.count
    whole = wall.page = page if wall.page is None else mapping.joined(wall.page, page)
    known = wall.target.newest_known_post_at
    has_gap = False
    if known is not None and not is_whole:
        oldest = mapping.oldest_read(whole)
        has_gap = oldest is None or oldest > known.timestamp()
        bound = context.options.max_posts_back
        is_progress = page.size > (1 if wall.offset else 0)
        if has_gap and is_progress and read_to < bound:
            # The next page begins with the last post of this one: that it does shows that nothing was skipped.
            wall.offset = read_to - 1
            wall.count = min(_PAGE, bound - wall.offset)
            steps.again.append(wall)
            return
    seen = mapping.wall(whole, wall.owner_id, read_at, is_whole=is_whole, is_gap_possible=has_gap)
    access = Access.OPEN if wall.reading.access is Access.UNKNOWN else wall.reading.access
    steps.outcomes.append(replace(wall.reading, observed_at=read_at, access=access, wall=seen))

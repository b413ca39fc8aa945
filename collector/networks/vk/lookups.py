"""Finding communities: what groups.getById and utils.resolveScreenName lead to.

Ids and names go into one request, so that a name costs nothing as long as it is current. VK does not say what
becomes of a batch that has an unknown one in it: some see it left out, others see error 100 for the whole
batch. Both are taken: what is missing is asked for by name, and a refused batch is halved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from collector.domain.errors import FailureKind
from collector.domain.model import Access, CommunityToRead, Reading
from collector.networks.vk import groups, mapping
from collector.networks.vk.address import native_id_of
from collector.networks.vk.errors import WRONG_PARAMETER, ApiFailure, Reaction, VkError, community_finding
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

GET_BY_ID = "groups.getById"
RESOLVE = "utils.resolveScreenName"
LOOKUP_SIZE = 500
"""Communities in one groups.getById (https://dev.vk.com/ru/method/groups.getById)."""

# What is needed beyond what comes unasked: `wall` saves reading a wall that is switched off, and tells whether
# visitors can comment; `fixed_post` tells whether a pinned post comes before the newest.
_FIELDS = "members_count,wall,fixed_post,site,can_message"


def task_for(targets: Iterable[CommunityToRead]) -> Task:
    """The request that finds these targets; an id, where it is known, goes before a name."""
    return Task(GET_BY_ID, [(_key(target), target) for target in targets])


def values_of(task: Task) -> dict[str, object]:
    """The request's parameters."""
    if task.method == RESOLVE:
        return {"screen_name": task.lookups[0][0]}
    return {"group_ids": list(dict.fromkeys(key for key, _ in task.lookups)), "fields": _FIELDS}


def _key(target: CommunityToRead) -> str:
    name = (target.screen_name or "").lower()
    return target.native_id or native_id_of(name) or name


def answered(task: Task, response: Any, at: datetime, context: Context) -> Steps:
    """What VK's answer to a lookup leads to."""
    if task.method == RESOLVE:
        return _resolved(task, response, at, context)
    steps = Steps()
    try:
        parts = groups.group_list(response)
    except mapping.Unexpected as error:
        steps.outcomes += [unexpected(target, at, error, context) for _, target in task.lookups]
        return steps
    found = {}
    nameless = None
    for part in parts:
        native_id, name = groups.group_id(part), groups.group_name(part)
        if native_id is None:
            nameless = part
            continue
        found[native_id] = part
        if name is not None:
            found.setdefault(name, part)
    for key, target in task.lookups:
        if key in found:
            _found(target, found[key], at, context, steps)
        elif nameless is not None:
            strange = mapping.Unexpected("an answer with communities that bear no possible id", nameless)
            steps.outcomes.append(unexpected(target, at, strange, context))
        else:
            _missing(key, target, at, steps)
    return steps


def failed(task: Task, error: VkError, at: datetime, context: Context) -> Steps:
    """What is done about a lookup that VK refused, or that failed on the way."""
    del context
    steps = Steps()
    is_refused = isinstance(error, ApiFailure) and (
        error.code == WRONG_PARAMETER or error.reaction is Reaction.TARGET
    )
    if task.size > 1 and (is_refused or may_be_too_large(error)):
        steps.tasks += task.halves()
        return steps
    for key, target in task.lookups:
        if isinstance(error, ApiFailure) and is_refused:
            if error.code == WRONG_PARAMETER or task.method == RESOLVE:
                _missing(key if task.method == GET_BY_ID else None, target, at, steps)
            else:
                kind, access = community_finding(error.code)
                steps.outcomes.append(failure(target, at, kind, str(error), access=access, is_certain=False))
        else:
            steps.outcomes.append(failure_of(error, target, at))
    return steps


def _found(
    target: CommunityToRead, part: dict[str, Any], at: datetime, context: Context, steps: Steps
) -> None:
    try:
        gone = groups.deactivated(part)
        if gone is not None:
            kind = FailureKind.BANNED if gone is Access.BANNED else FailureKind.DELETED
            detail = "VK has blocked the community" if gone is Access.BANNED else "the community was deleted"
            steps.outcomes.append(failure(target, at, kind, detail, access=gone))
            return
        group = groups.group(part)
    except mapping.Unexpected as error:
        steps.outcomes.append(unexpected(target, at, error, context))
        return
    wall_failure = None
    if target.wants_wall:
        if group.access in (Access.CLOSED, Access.PRIVATE) and not group.is_member:
            kind, who = (
                (FailureKind.CLOSED, "members")
                if group.access is Access.CLOSED
                else (FailureKind.PRIVATE, "the invited")
            )
            wall_failure = failure(target, at, kind, f"the wall is for {who} only", access=group.access)
        elif group.has_no_wall:
            wall_failure = failure(target, at, FailureKind.WALL_DISABLED, "the wall is switched off")
    reading = Reading(
        community_id=target.community_id,
        observed_at=at,
        native_id=group.native_id,
        screen_name=group.screen_name,
        title=group.title,
        access=group.access,
        follower_count=group.follower_count,
        wall_failure=wall_failure,
        url=f"https://vk.com/{group.screen_name or f'club{group.native_id}'}",
        site=group.site,
        are_messages_open=group.are_messages_open,
        are_comments_open=group.are_comments_open,
    )
    if not target.wants_wall or wall_failure is not None:
        steps.outcomes.append(reading)
        return
    options = context.options
    is_first = target.newest_known_post_at is None
    count = options.first_wall_window if is_first else options.wall_window
    steps.walls.append(
        WallJob(
            target,
            reading,
            -int(group.native_id),
            min(count, 100),
            has_pinned_post=group.has_pinned_post,
        )
    )


def _missing(key: str | None, target: CommunityToRead, at: datetime, steps: Steps) -> None:
    if key is not None and key and not key.isdigit():
        # A name that VK leaves out may be a person's, or an older one of a community's.
        steps.tasks.append(Task(RESOLVE, [(key, target)]))
        return
    asked = f"the id {key}" if key else f"the name {target.screen_name!r}"
    detail = f"VK knows no community with {asked}: mistyped, gone, or not to be seen with this token"
    steps.outcomes.append(
        failure(target, at, FailureKind.MISSING, detail, access=Access.MISSING, is_certain=False)
    )


def _resolved(task: Task, response: Any, at: datetime, context: Context) -> Steps:
    steps = Steps()
    (name, target), *_ = task.lookups
    try:
        kind, native_id = groups.resolved(response)
    except mapping.Unexpected as error:
        steps.outcomes.append(unexpected(target, at, error, context))
        return steps
    if native_id is not None:
        steps.reread.append((native_id, target))
    elif kind:
        whose = "a person" if kind == "user" else f"no community ({kind})"
        detail = f"https://vk.com/{name} is the page of {whose}; put a community's address in its place"
        steps.outcomes.append(failure(target, at, FailureKind.NOT_A_COMMUNITY, detail))
    else:
        _missing(None, target, at, steps)
    return steps

"""Numbers of the weekly and the monthly letter, and who is to get which.

Unknown is None. A number of followers is known from the newest snapshot up to an instant; a number of posts only
where the wall was read before the period began and after it ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Engine, Integer, and_, func, or_, select
from sqlalchemy.types import TypeEngine

from collector.domain.calendar import moscow_day_begins
from collector.domain.episode import EndReason
from collector.domain.figures import BranchName, CommunityFigures, DayFigures, SilentSpan
from collector.domain.model import BranchKind, ContactRole
from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient
from collector.domain.owed import OVERTAKEN
from collector.domain.period import ReportPeriod
from collector.domain.schedule import CLOCK_TOLERANCE
from storage import outbox_records
from storage.engine import reading, writing
from storage.letter_tables import outbox_message, silence
from storage.outbox import owe
from storage.readings import newest_count_between
from storage.tables import (
    RunKind,
    RunStatus,
    branch,
    collection_run,
    community,
    community_state,
    contact,
    follower_snapshot,
    post,
)
from storage.types import UtcDateTime
from storage.upsert import as_table

_AT_ONCE = 500
_T = TypeVar("_T")


class DigestStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def covers(self, period: ReportPeriod, now: datetime) -> bool:
        """Whether rounds read something before the end of a period and since.

        A round that read nothing proves nothing: the clock may have been wrong.
        """
        run = collection_run.c
        ended = select(run.id).where(
            run.kind == RunKind.COLLECT.value, run.status == RunStatus.FINISHED.value, run.read_count > 0
        )
        before = ended.where(run.started_at < period.end)
        since = ended.where(run.started_at >= period.end, run.started_at <= now + CLOCK_TOLERANCE)
        with reading(self._engine) as conn:
            return bool(conn.scalar(select(before.exists() & since.exists())))

    def departments(self) -> list[Recipient]:
        """Everybody of the information department, each address once."""
        found = {each.email.lower(): each for _, each in self._contacts(Audience.DEPARTMENT)}
        return list(found.values())

    def chairs(self) -> list[tuple[int, Recipient]]:
        """The chairs of the live branches, with their branches' numbers."""
        return self._contacts(Audience.CHAIR)

    def branch(self, branch_id: int) -> BranchName | None:
        """A live branch; None: there is none of this number."""
        query = select(branch.c.code, branch.c.name, branch.c.kind).where(
            branch.c.id == branch_id, branch.c.retired_at.is_(None)
        )
        with reading(self._engine) as conn:
            row = conn.execute(query).one_or_none()
        return None if row is None else BranchName(row.code, row.name, BranchKind(row.kind))

    def known_branches(self, branch_ids: Collection[int], period: ReportPeriod) -> set[int]:
        """Those of these branches of which anything is known for a period: a follower count, or a post."""
        snapshot = follower_snapshot.c
        counted = select(snapshot.community_id).where(
            snapshot.community_id == community.c.id,
            snapshot.observed_at >= period.start,
            snapshot.observed_at < period.end,
            snapshot.follower_count.is_not(None),
        )
        posted = select(post.c.community_id).where(
            post.c.community_id == community.c.id,
            post.c.published_at >= period.start,
            post.c.published_at < period.end,
            post.c.deleted_at.is_(None),
        )
        known: set[int] = set()
        with reading(self._engine) as conn:
            for ids in _slices(list(branch_ids)):
                query = select(community.c.branch_id).where(
                    community.c.branch_id.in_(ids),
                    community.c.retired_at.is_(None),
                    counted.exists() | posted.exists(),
                )
                known.update(conn.scalars(query))
        return known

    def not_owed(self, letters: Sequence[OwedLetter]) -> list[OwedLetter]:
        """Those that the outbox does not have yet. To ask is cheaper than to try, each minute of a week."""
        known: set[str] = set()
        with reading(self._engine) as conn:
            for keys in _slices([letter.key for letter in letters]):
                known.update(conn.scalars(select(outbox_message.c.key).where(outbox_message.c.key.in_(keys))))
        return [letter for letter in letters if letter.key not in known]

    def owe_next(
        self, kind: NotificationKind, letters: Sequence[OwedLetter], began_at: datetime, now: datetime
    ) -> None:
        """Owe the letters of a period in place of those of earlier ones that still wait.

        `began_at`: when the first letter of this period could be owed; what was owed before is of another.
        """
        with writing(self._engine) as conn:
            outbox_records.overtake(conn, kind, began_at, f"{OVERTAKEN}: the next one is due", now)
            owe(conn, letters, now)

    def communities(
        self,
        period: ReportPeriod,
        before: ReportPeriod,
        *,
        count_reposts: bool,
        now: datetime,
        branch_ids: Collection[int] | None = None,
    ) -> list[CommunityFigures]:
        """The live communities of these branches, or of all, in the order of the branches file."""
        state = community_state.c
        query = (
            select(
                community.c.branch_id,
                community.c.id,
                community.c.network,
                community.c.url,
                community.c.title,
                state.access,
                state.access_changed_at,
                state.posts_known_since,
                state.wall_last_seen_at,
                _at("follower_count", period.start).label("followers_start"),
                _at("observed_at", period.start).label("followers_start_at"),
                _at("follower_count", period.end).label("followers_end"),
                _at("observed_at", period.end).label("followers_end_at"),
                _post_count(period, count_reposts).label("posts"),
                _post_count(before, count_reposts).label("posts_before"),
            )
            .join_from(community, branch, branch.c.id == community.c.branch_id)
            .join(community_state, state.community_id == community.c.id)
            .where(community.c.retired_at.is_(None), branch.c.retired_at.is_(None))
            .order_by(community.c.branch_id, community.c.network.desc(), community.c.id)
        )
        if branch_ids is not None:
            query = query.where(community.c.branch_id.in_(branch_ids))
        with reading(self._engine) as conn:
            return [_figures(row, period, before, now) for row in conn.execute(query)]

    def days(self, period: ReportPeriod, branch_id: int, *, count_reposts: bool) -> list[DayFigures]:
        """A branch's month by days and live communities, in order."""
        bounds = [
            (number, moscow_day_begins(day), moscow_day_begins(after))
            for number, (day, after) in enumerate(
                zip(period.days, [*period.days[1:], period.end_day], strict=True)
            )
        ]
        types: Mapping[str, TypeEngine[Any]] = {
            "number": Integer(),
            "begins": UtcDateTime(),
            "ends": UtcDateTime(),
        }
        with reading(self._engine) as conn:
            day = as_table(conn, types, bounds)
            followers = newest_count_between(day.c.begins, day.c.ends)
            posts = _posts_between(day.c.begins, day.c.ends, count_reposts)
            rows = conn.execute(
                select(community.c.id, day.c.number, followers.label("followers"), posts.label("posts"))
                .select_from(community)
                .join(day, community.c.branch_id == branch_id)
                .where(community.c.retired_at.is_(None))
                .order_by(community.c.id, day.c.number)
            ).all()
        return [DayFigures(row.id, period.days[row.number], row.followers, row.posts) for row in rows]

    def _contacts(self, audience: Audience) -> list[tuple[int, Recipient]]:
        query = (
            select(contact.c.branch_id, contact.c.name, contact.c.email)
            .join(branch, branch.c.id == contact.c.branch_id)
            .where(contact.c.role == ContactRole(audience.value).value, branch.c.retired_at.is_(None))
            .order_by(contact.c.branch_id, contact.c.id)
        )
        with reading(self._engine) as conn:
            return [(row.branch_id, Recipient(audience, row.name, row.email)) for row in conn.execute(query)]

    def silences(self, period: ReportPeriod, branch_id: int) -> list[SilentSpan]:
        """The silences that touch a period, in order; those withdrawn left out, as they were none."""
        found = silence.c
        query = (
            select(found.silent_since, found.resumed_at, found.confirmed_at)
            .where(
                found.branch_id == branch_id,
                found.silent_since < period.end,
                or_(
                    found.resumed_at.is_(None),
                    and_(found.resumed_at > period.start, found.end_reason != EndReason.WITHDRAWN.value),
                ),
            )
            .order_by(found.silent_since)
        )
        with reading(self._engine) as conn:
            return [SilentSpan(*row) for row in conn.execute(query)]


def _slices(items: list[_T]) -> Iterator[list[_T]]:
    """So many at once that one statement can take them."""
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _at(name: str, instant: datetime) -> ColumnElement[Any]:
    """A column of the newest snapshot up to an instant: one look into the key's index a community."""
    snapshot = follower_snapshot.c
    return (
        select(snapshot[name])
        .where(snapshot.community_id == community.c.id, snapshot.observed_at <= instant)
        .order_by(snapshot.observed_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _post_count(period: ReportPeriod, count_reposts: bool) -> ColumnElement[int]:
    return _posts_between(period.start, period.end, count_reposts)


def _posts_between(begins: Any, ends: Any, count_reposts: bool) -> ColumnElement[int]:
    query = select(func.count()).where(
        post.c.community_id == community.c.id,
        post.c.published_at >= begins,
        post.c.published_at < ends,
        post.c.deleted_at.is_(None),
    )
    return (query if count_reposts else query.where(post.c.is_repost.is_(False))).scalar_subquery()


def _figures(row: Any, period: ReportPeriod, before: ReportPeriod, now: datetime) -> CommunityFigures:
    def known(of: ReportPeriod, posts: int) -> int | None:
        last = row.wall_last_seen_at
        is_seen = of.is_seen(row.posts_known_since, last) and last <= now + CLOCK_TOLERANCE
        return posts if is_seen else None

    return CommunityFigures(
        branch_id=row.branch_id,
        community_id=row.id,
        network=row.network,
        url=row.url,
        title=row.title,
        access=row.access,
        access_since=row.access_changed_at,
        followers_start=row.followers_start,
        followers_start_at=row.followers_start_at,
        followers_end=row.followers_end,
        followers_end_at=row.followers_end_at,
        posts=known(period, row.posts),
        posts_before=known(before, row.posts_before),
    )

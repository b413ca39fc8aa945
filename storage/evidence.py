"""What the rule of silence needs to know of branches and their communities, and the looks that it asks for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, not_, or_, select

from collector.domain.errors import FailureKind
from collector.domain.model import Access, BranchKind
from collector.domain.readability import ReadState, withheld_at
from collector.domain.schedule import CLOCK_TOLERANCE
from collector.domain.silence import BranchFacts, Evidence, SeenPost, SilencePolicy
from storage.engine import reading, writing
from storage.policies import read_policies
from storage.tables import branch, community, community_state, post
from storage.types import BEGINNING, Id, UtcDateTime
from storage.upsert import as_table, update_known

_READ_STATE = [each.name for each in fields(ReadState)]
_IDS_AT_ONCE = 5_000
"""SQLite takes as few as 32,766 parameters in a statement, PostgreSQL 65,535."""


class EvidenceStore:
    """See the module. Its methods raise StoreError, in words for ops."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def facts(
        self,
        *,
        default_threshold: timedelta,
        count_reposts: bool,
        warn_before: timedelta | None,
        codes: Collection[str] | None = None,
        batch_size: int = 2000,
    ) -> Iterator[list[BranchFacts]]:
        """All live branches, or those of these codes, in order of their ids, with their live communities.

        In batches, each read in a transaction of its own, so that the database may be written to between them.
        """
        with reading(self._engine) as conn:
            policies = read_policies(conn, SilencePolicy(default_threshold, (), warn_before), codes)
        last_id = 0
        while True:
            with reading(self._engine) as conn:
                branches = conn.execute(_branches_after(last_id, codes, batch_size)).all()
                if not branches:
                    return
                evidence = _evidence(conn, last_id, branches[-1].id, codes, count_reposts=count_reposts)
            last_id = branches[-1].id
            yield [
                BranchFacts(
                    branch_id,
                    code,
                    name,
                    BranchKind(kind),
                    parent_id,
                    policies.of(branch_id),
                    tuple(evidence.get(branch_id, ())),
                )
                for branch_id, code, name, kind, parent_id in branches
            ]

    def communities_of(self, branch_ids: Collection[int]) -> dict[int, list[int]]:
        """The live communities of branches; a branch without any is left out."""
        found: dict[int, list[int]] = {}
        with reading(self._engine) as conn:
            for ids in _chunks(sorted(branch_ids)):
                query = select(community.c.branch_id, community.c.id).where(
                    community.c.branch_id.in_(ids), community.c.retired_at.is_(None)
                )
                for branch_id, community_id in conn.execute(query.order_by(community.c.id)):
                    found.setdefault(branch_id, []).append(community_id)
        return found

    def ask_looks(self, community_ids: Collection[int], after: datetime, now: datetime) -> None:
        """Ask for a look at the walls of communities later than an instant, as soon as can be."""
        self.ask_each(dict.fromkeys(community_ids, after), now)

    def ask_each(self, after: Mapping[int, datetime], now: datetime) -> None:
        """Ask for a look at each of these communities' walls later than its instant, as soon as can be.

        Nothing changes where that was asked for already and is still to come, nor where such a look was tried
        and failed through the community: its own pace then holds, until a later look is asked for.
        """
        with writing(self._engine) as conn:
            for ids in _chunks(sorted(after)):
                asked = as_table(
                    conn,
                    {"community_id": Id, "after": UtcDateTime()},
                    [(community_id, after[community_id]) for community_id in ids],
                )
                update_known(
                    conn,
                    community_state,
                    [
                        {
                            "community_id": row.community_id,
                            "look_asked_at": row.after,
                            "next_due_at": min(row.next_due_at, now),
                        }
                        for row in conn.execute(_to_ask(asked.c, now).select_from(asked))
                    ],
                )


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield ids[start : start + _IDS_AT_ONCE]


def _to_ask(asked: Any, now: datetime) -> Select[Any]:
    """Whom asking changes, of the table `asked`."""
    state = community_state.c
    latest = now + CLOCK_TOLERANCE

    def was_tried(after: ColumnElement[datetime]) -> ColumnElement[bool]:
        # What was stored while a clock was ahead is no attempt.
        wall_at = func.coalesce(state.wall_attempted_at, BEGINNING)
        whole_at = func.coalesce(state.last_attempt_at, BEGINNING)
        return or_(
            and_(wall_at > after, wall_at <= latest),
            and_(state.consecutive_failures > 0, whole_at > after, whole_at <= latest),
        )

    return (
        select(asked.community_id, asked.after, state.next_due_at)
        .join(community_state, state.community_id == asked.community_id)
        .where(
            not_(was_tried(asked.after)),
            or_(
                state.look_asked_at.is_(None),
                state.look_asked_at > latest,
                was_tried(func.coalesce(state.look_asked_at, BEGINNING)),
                # Asked for by a clock that was ahead, when the instant was still to come: it was put off since.
                and_(state.next_due_at > now, func.coalesce(state.last_attempt_at, BEGINNING) <= asked.after),
            ),
        )
    )


def _is_among(last_id: int, codes: Collection[str] | None) -> list[ColumnElement[bool]]:
    among: list[ColumnElement[bool]] = [branch.c.id > last_id, branch.c.retired_at.is_(None)]
    if codes is not None:
        among.append(branch.c.code.in_(codes))
    return among


def _branches_after(last_id: int, codes: Collection[str] | None, count: int) -> Select[Any]:
    return (
        select(branch.c.id, branch.c.code, branch.c.name, branch.c.kind, branch.c.parent_id)
        .where(*_is_among(last_id, codes))
        .order_by(branch.c.id)
        .limit(count)
    )


def _evidence(
    conn: Connection, after_id: int, to_id: int, codes: Collection[str] | None, *, count_reposts: bool
) -> dict[int, list[Evidence]]:
    """What is known of the live communities of a batch of branches, by branch."""
    counted = select(post.c.native_id).where(
        post.c.community_id == community.c.id, post.c.deleted_at.is_(None)
    )
    if not count_reposts:
        counted = counted.where(not_(post.c.is_repost))
    newest_id = (
        counted.order_by(post.c.published_at.desc(), post.c.native_id.desc())
        .limit(1)
        .correlate(community)
        .scalar_subquery()
    )
    query = (
        select(
            community.c.branch_id,
            community.c.id,
            community.c.network,
            community.c.url,
            community.c.title,
            post.c.native_id,
            post.c.published_at,
            post.c.url,
            community_state.c.wall_first_seen_at,
            *(community_state.c[name] for name in _READ_STATE),
        )
        .select_from(community)
        .join(branch)
        .join(community_state, community_state.c.community_id == community.c.id)
        .outerjoin(post, (post.c.community_id == community.c.id) & (post.c.native_id == newest_id))
        .where(
            *_is_among(after_id, codes),
            # Of the community too, so that its index leads to these few.
            community.c.branch_id > after_id,
            community.c.branch_id <= to_id,
            community.c.retired_at.is_(None),
        )
        .order_by(community.c.branch_id, community.c.id)
    )
    found: dict[int, list[Evidence]] = {}
    for branch_id, *told in conn.execute(query).all():
        found.setdefault(branch_id, []).append(_evidence_of(*told))
    return found


def _evidence_of(
    community_id: int,
    network: str,
    url: str,
    title: str | None,
    post_id: str | None,
    published_at: datetime | None,
    post_url: str | None,
    wall_first_seen_at: datetime | None,
    told_access: str,
    told_failure: str | None,
    *read_state: Any,
) -> Evidence:
    # By place: a row's names would take longer than all the rest, and a union has 100,000 communities.
    newest = None
    if post_id is not None and published_at is not None and post_url is not None:
        newest = SeenPost(community_id, network, post_id, published_at, post_url)
    access = Access(told_access)
    failure_kind = FailureKind(told_failure) if told_failure is not None else None
    state = ReadState(access, failure_kind, *read_state)
    return Evidence(
        community_id=community_id,
        network=network,
        url=url,
        title=title,
        access=access,
        newest_post=newest,
        wall_first_seen_at=wall_first_seen_at,
        wall_last_seen_at=state.wall_last_seen_at,
        withheld_at=withheld_at(state),
        failure_kind=failure_kind,
    )

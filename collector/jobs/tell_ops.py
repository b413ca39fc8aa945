"""Gathers what ops must see to, and writes to them of what is new: one letter, and not too often.

Called after each round. The log tells at once; the letter groups what came since the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from collector.domain.finding import RELOAD, Finding
from collector.domain.notification import Audience, NotificationKind, OwedLetter, Recipient, ops_key
from collector.domain.silence import Assessment, BranchFacts, UnknownReason
from collector.domain.token_watch import find_token_trouble
from collector.domain.trouble import (
    MANY,
    Absence,
    ReadingState,
    Trouble,
    Unknown,
    find_trouble,
    last_absence,
    named,
)
from storage.findings import Observed
from storage.store import Store

log = structlog.get_logger(__name__)

_REFUSED_FOR = timedelta(days=1)
_MAIL_AWAY_FOR = timedelta(hours=1)
_QUOTA_SPENT_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpsPolicy:
    """To whom, how often, and how long a branch may stay unjudged."""

    emails: tuple[str, ...] = ()
    letter_every: timedelta = timedelta(hours=6)
    unknown_after: timedelta = timedelta(hours=6)
    interval: timedelta = timedelta(hours=1)
    """Of collection."""


def tell_ops(
    store: Store,
    unknown: Iterable[Unknown],
    policy: OpsPolicy,
    now: datetime,
    reload: Sequence[Finding] | None = None,
) -> Observed:
    """Take stock of what is wrong, log what changed, and owe ops a letter of what they do not know yet.

    `unknown`: every branch that cannot be judged. `reload`: what this process could not take up; None: it takes
    up nothing, hence knows nothing of what another could not. Raises StoreError.
    """
    rounds = store.findings.newest_rounds(now)
    absence = last_absence(rounds, policy.interval, now)
    trouble = find_trouble(
        ReadingState(
            networks=store.findings.networks(now),
            failures=store.findings.failures(),
            rounds=rounds,
            without_quota=store.findings.networks_without_quota(now - _QUOTA_SPENT_FOR),
            unknown=_long_unknown(store, unknown, absence, policy.unknown_after, now),
        ),
        policy.interval,
        now,
    )
    others = (
        [*_letters(store, now), *_contacts(store), *_tokens(store, trouble, now)] if trouble.is_all else []
    )
    observed = store.findings.observe(
        [*trouble.findings, *others, *(reload or ())],
        now,
        is_all=trouble.is_all,
        unjudged=(RELOAD,) if reload is None else (),
    )
    for found in observed.new:
        log.warning("found", finding=found.key, what=found.what, to_do=found.advice)
    for over in observed.over:
        log.info("over", finding=over.key, what=over.what)
    _write(store, policy, now)
    return observed


def _long_unknown(
    store: Store, unknown: Iterable[Unknown], absence: Absence | None, patience: timedelta, now: datetime
) -> list[Unknown]:
    """Those that are ours to see to, and long enough so. The branch's own state is the department's.

    Time in which we were away does not count: who comes back must be let look.
    """
    ours: list[tuple[BranchFacts, Assessment]] = [
        each for each in unknown if each[1].reason is not None and not each[1].reason.is_finding
    ]
    never = [facts.branch_id for facts, verdict in ours if verdict.reason is UnknownReason.NEVER_READ]
    declared_at = store.findings.declared_at(never)

    def since(facts: BranchFacts, verdict: Assessment) -> datetime:
        began = verdict.deadline_at or declared_at.get(facts.branch_id, now)
        return began if absence is None else max(began, absence.until)

    return [(facts, verdict) for facts, verdict in ours if now - since(facts, verdict) >= patience]


def _letters(store: Store, now: datetime) -> list[Finding]:
    found = []
    if (since := store.findings.mail_waits_since(now, _MAIL_AWAY_FOR)) is not None:
        found.append(
            Finding(
                "mail",
                "letters wait: the mail server does not take them",
                "See the log of deliveries, `collector outbox list`, and COLLECTOR_SMTP__HOST. Nothing is lost.",
                since,
            )
        )
    refused = store.findings.refused_addresses(now, _REFUSED_FOR)
    if len(refused) >= MANY:
        found.append(
            Finding(
                "letters",
                f"letters to {len(refused)} addresses do not get through: {named([each.email for each in refused])}",
                "See `collector outbox list`: where all are refused alike, it is the sender or the server.",
                min(each.since for each in refused),
            )
        )
        return found
    return found + [
        Finding(
            f"letters:{each.email.lower()}",
            f"letters to {each.email} do not get through ({each.letter_count}): {each.last_error or 'no reason kept'}",
            "Correct the address in the branches file, then `collector outbox retry`.",
            each.since,
        )
        for each in refused
    ]


def _tokens(store: Store, trouble: Trouble, now: datetime) -> list[Finding]:
    told = {each.key for each in trouble.findings}
    states = store.tokens.states()
    blamed = {each.network for each in states if f"token:{each.network}" in told}
    return find_token_trouble(states, blamed, now)


def _contacts(store: Store) -> list[Finding]:
    codes = store.findings.branches_without_chair()
    if not codes:
        return []
    count = "1 branch has" if len(codes) == 1 else f"{len(codes)} branches have"
    return [
        Finding(
            "chairs",
            f"{count} no chair's address, so nobody there is told of a silence: {named(codes)}",
            "Add a contact with the role chair to the branches file, then `collector branches sync`.",
        )
    ]


def _write(store: Store, policy: OpsPolicy, now: datetime) -> None:
    """Owe each of ops one letter of all that they were not told, unless the last one is too young."""
    untold = [each.key for each in store.findings.untold()]
    if not untold:
        return
    last = store.findings.last_letter_at(now)
    if policy.emails and last is not None and now - last < policy.letter_every:
        return
    letters = [
        OwedLetter(
            ops_key(now, email),
            NotificationKind.OPS,
            Recipient(Audience.OPS, email, email),
            about={"keys": untold},
        )
        for email in policy.emails
    ]
    if store.findings.tell(untold, letters, now) and letters:
        log.info("letter to ops owed", findings=len(untold), recipients=len(letters))

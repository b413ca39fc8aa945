"""May a letter leave now? Judged just before, from what the database says then.

    nobody at work ──► held        muted, or in a pause ──► held        the silence is over ──► cancelled
    the branches file names the recipient no more ──► cancelled
    nothing was read lately, so that the clock may be wrong ──► a branch's own people are not written to
    not proven, or too long ago ──► held, and a look is asked for       else it leaves

What is held loses nothing: it is judged anew at each run, and stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from collector.domain.episode import Episode, Mute
from collector.domain.looks import is_fresh, looks_to_ask
from collector.domain.notification import ABOUT_SILENCE, Audience, NotificationKind
from collector.domain.owed import NO_CONTACT, OVERTAKEN
from collector.domain.schedule import CLOCK_TOLERANCE
from collector.domain.silence import Assessment, BranchFacts, Verdict, assess, is_paused
from collector.notifications.workdays import is_working_time
from storage.outbox import WaitingLetter
from storage.store import Store

_OWN_PEOPLE = (Audience.CHAIR, Audience.ADMINISTRATOR)
_COPIED_TO_ADMINISTRATORS = (NotificationKind.SILENCE, NotificationKind.REMINDER)


class Held(StrEnum):
    """Why a letter stays for now."""

    WORKING_HOURS = "chairs are written to in working hours only"
    MUTED = "the branch is muted"
    PAUSED = "the branch is in a pause"
    NOTHING_READ = "nothing was read lately, so nobody knows whether this machine's clock is right"
    NOT_PROVEN = "no fresh look proves what it says; one is asked for"
    NOT_JUDGED = "what was seen since its silence was found is not judged yet"


@dataclass(frozen=True, slots=True)
class Overtaken:
    """What a letter says is no longer so."""

    reason: str


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """The settings of the gates. `freshness`: how old the proof of a silence may be. Hours are Moscow's."""

    threshold: timedelta = timedelta(days=7)
    count_reposts: bool = True
    warn_before: timedelta | None = None
    freshness: timedelta = timedelta(hours=2)
    working_hours_start: int = 9
    working_hours_end: int = 18


@dataclass(slots=True)
class Gates:
    """The gates for some letters, with what they look at; `asked` are the looks that letters wait for."""

    policy: GatePolicy
    now: datetime
    is_working_time: bool
    is_anything_read: bool = False
    """Whether a network has answered lately: its answers tell the time, and a wrong clock has none believed."""
    concerned: Collection[int] = ()
    """The letters whose recipients the branches file still names; of those that may leave at this hour."""
    episodes: Mapping[int, Episode] = field(default_factory=dict)
    """Open ones, by branch id."""
    mutes: Mapping[int, Mute] = field(default_factory=dict)
    branches: Mapping[int, tuple[BranchFacts, Assessment]] = field(default_factory=dict)
    """Live branches with the verdict on them, by id."""
    asked: dict[int, datetime] = field(default_factory=dict)

    def judge(self, letter: WaitingLetter) -> Held | Overtaken | None:
        """Why the letter may not leave now; None: it may."""
        if not self.is_working_time and waits_for_working_hours(letter):
            return Held.WORKING_HOURS
        if letter.message_id not in self.concerned:
            return Overtaken(NO_CONTACT)
        is_to_own = letter.audience in _OWN_PEOPLE
        if is_to_own and letter.branch_id in self.mutes:
            return Held.MUTED
        if letter.kind in ABOUT_SILENCE:
            return self._judge_silence(letter, is_to_own=is_to_own)
        if is_to_own and not self.is_anything_read:
            return Held.NOTHING_READ
        return self._judge_warning(letter) if letter.kind is NotificationKind.WARNING else None

    def _judge_silence(self, letter: WaitingLetter, *, is_to_own: bool) -> Held | Overtaken | None:
        episode = self.episodes.get(letter.branch_id or 0)
        if episode is None or episode.silence_id != letter.silence_id:
            return Overtaken(f"{OVERTAKEN}: the silence is over")
        known = self.branches.get(episode.branch_id)
        if known is None:
            return Held.NOT_PROVEN
        facts, verdict = known
        if is_to_own and is_paused(facts.policy.pauses, self.now):
            return Held.PAUSED
        if (
            verdict.verdict is Verdict.SILENT
            and verdict.proven_at is not None
            and is_fresh(verdict.proven_at, self.policy.freshness, self.now)
        ):
            # The letter is written of the episode: that must be the silence that was seen.
            is_told = (episode.counted_from, episode.silent_since) == (
                verdict.counted_from,
                verdict.deadline_at,
            )
            return None if is_told else Held.NOT_JUDGED
        self.asked |= looks_to_ask([known], self.policy.freshness, self.now)
        return Held.NOT_PROVEN

    def _judge_warning(self, letter: WaitingLetter) -> Held | None:
        known = self.branches.get(letter.branch_id or 0)
        if known is None or not known[1].is_warning_due:
            return Held.NOT_PROVEN
        # Of a network that does not answer, nobody knows what was posted there since.
        lacking = looks_to_ask([known], self.policy.freshness, self.now)
        self.asked |= lacking
        return Held.NOT_PROVEN if lacking else None


def gates_for(store: Store, letters: Sequence[WaitingLetter], policy: GatePolicy, now: datetime) -> Gates:
    """The gates for these letters, with what the database says now."""
    gates = Gates(policy, now, is_working_time(now, policy.working_hours_start, policy.working_hours_end))
    if not gates.is_working_time:
        # At night most letters wait, and nothing else needs to be known of them.
        letters = [each for each in letters if not waits_for_working_hours(each)]
    if letters:
        gates.concerned = store.outbox.still_concerned([each.message_id for each in letters])
    if any(each.audience in _OWN_PEOPLE and each.kind not in ABOUT_SILENCE for each in letters):
        newest_reading = store.newest_reading(now + CLOCK_TOLERANCE)
        gates.is_anything_read = newest_reading is not None and is_fresh(
            newest_reading, policy.freshness, now
        )
    ids = {each.branch_id for each in letters if each.branch_id is not None}
    if ids:
        gates.mutes = store.silences.mutes(now)
    ids = {each.branch_id for each in letters if each.branch_id is not None and each.kind in ABOUT_SILENCE}
    if ids:
        gates.episodes = store.silences.open_episodes(ids)
    codes = {
        each.branch_code
        for each in letters
        if each.branch_code is not None
        and (each.kind in ABOUT_SILENCE or each.kind is NotificationKind.WARNING)
    }
    if codes:
        batches = store.evidence.facts(
            default_threshold=policy.threshold,
            count_reposts=policy.count_reposts,
            warn_before=policy.warn_before,
            codes=codes,
        )
        gates.branches = {
            facts.branch_id: (facts, assess(facts.communities, facts.policy, now))
            for batch in batches
            for facts in batch
        }
    return gates


def why_held(store: Store, message_ids: Collection[int], policy: GatePolicy, now: datetime) -> dict[int, str]:
    """What keeps these letters from leaving now, by number; writes nothing, and leaves out what nothing keeps."""
    found: dict[int, str] = {}
    last_id = min(message_ids, default=1) - 1
    while last_id < max(message_ids, default=0) and (letters := store.outbox.waiting(now, last_id)):
        last_id = letters[-1].message_id
        wanted = [each for each in letters if each.message_id in message_ids]
        gates = gates_for(store, wanted, policy, now)
        for letter in wanted:
            match gates.judge(letter):
                case Held() as reason:
                    found[letter.message_id] = reason.value
                case Overtaken(reason):
                    found[letter.message_id] = f"to be cancelled: {reason}"
    return found


def waits_for_working_hours(letter: WaitingLetter) -> bool:
    """Whether it leaves in working hours only."""
    if letter.audience is Audience.CHAIR:
        return True
    return letter.audience is Audience.ADMINISTRATOR and letter.kind in _COPIED_TO_ADMINISTRATORS

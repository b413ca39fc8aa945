"""A database as the department may meet it: a season of readings, with all that is not as it should be."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlalchemy import insert

from collector.domain.errors import FailureKind
from collector.domain.model import (
    Access,
    Address,
    BranchDeclaration,
    BranchKind,
    Contact,
    ContactRole,
    Failure,
    Outcome,
    Post,
    Reading,
    Wall,
)
from collector.domain.schedule import next_due_at
from storage.engine import writing
from storage.letter_tables import outbox_message, silence
from storage.runs import RunCounts
from storage.store import Store

NOW = datetime.fromisoformat("2026-10-15T11:05:00+00:00")
DAY = timedelta(days=1)
DAYS = 100
PRIMARIES = 120
CHAIR = Contact(ContactRole.CHAIR, "Иванова Анна Петровна", "chair@example.org")
"""Of САО, the branch that is silent."""
SLASHED = "школа 12/3"
"""A code that must be quoted in an address."""


def seed(store: Store) -> None:
    """Eight territorial branches, each with a story of its own, and many primary ones."""
    store.sync_branches(_declared(), NOW - DAYS * DAY)
    ids = {(each.branch_code, each.network): each.community_id for each in store.communities()}
    for day in range(DAYS, -1, -1):
        at = NOW - day * DAY - timedelta(minutes=20)
        outcomes = [each for each in _looks(ids, day, at) if each is not None]
        _round(store, outcomes, at)
    _letters(store)


def _declared() -> list[BranchDeclaration]:
    def vk(name: str) -> Address:
        return Address("vk", None, name, f"https://vk.com/{name}")

    def facebook(name: str) -> Address:
        return Address("facebook", None, name, f"https://www.facebook.com/{name}")

    def territorial(code: str, name: str, *communities: Address, **more: object) -> BranchDeclaration:
        kind = BranchKind.TERRITORIAL
        return BranchDeclaration(code, f"ТПО {name} округа", kind, "МГО", communities=communities, **more)  # type: ignore[arg-type]

    return [
        BranchDeclaration("МГО", "Московская городская организация Профсоюза", BranchKind.CITY),
        territorial("ВАО", "Восточного", vk("vao"), facebook("vao"), primary_count=88),
        territorial("ЗАО", "Западного", vk("zao")),
        territorial("ЗелАО", "Зеленоградского"),
        territorial("САО", "Северного", vk("sao"), contacts=(CHAIR,)),
        territorial("СВАО", "Северо-Восточного", facebook("svao")),
        territorial("СЗАО", "Северо-Западного", vk("szao")),
        territorial("<b>ЮАО</b>", "Южного & соседнего <script>alert(1)</script>", vk("uao")),
        BranchDeclaration(
            SLASHED, "Школа № 12, корпус 3", BranchKind.PRIMARY, "ВАО", communities=(vk("school12"),)
        ),
        *(
            BranchDeclaration(f"школа {number}", f"Школа № {number}", BranchKind.PRIMARY, "ВАО")
            for number in range(1, PRIMARIES)
        ),
    ]


def _looks(ids: dict[tuple[str, str], int], day: int, at: datetime) -> list[Outcome | None]:
    """What a round saw so many days ago. None: nothing was tried."""

    def look(code: str, network: str, followers: int | None, wall: Wall | None, **more: object) -> Reading:
        number = ids[code, network]
        values = {
            "native_id": str(number),
            "screen_name": None,
            "title": f"Профсоюз {code}",
            "access": Access.OPEN,
            **more,
        }
        return Reading(number, at, follower_count=followers, wall=wall, **values)  # type: ignore[arg-type]

    def wall(code: str, *, until: int = 0) -> Wall:
        """Posts every third day, up to so many days ago."""
        days = [each for each in range(DAYS + 20, max(day, until) - 1, -1) if each % 3 == 0]
        posts = [_post(code, NOW - each * DAY - timedelta(hours=4), each) for each in days]
        return Wall(tuple(posts), posts[0].published_at, post_count=len(posts))

    is_gap = 40 <= day < 52
    closed = Failure(ids["ЗАО", "vk"], at, FailureKind.CLOSED, "the group is closed", access=Access.CLOSED)
    refused = Failure(ids["СЗАО", "vk"], at, FailureKind.UNEXPECTED_RESPONSE, "an answer without sense")
    return [
        None if is_gap else look("ВАО", "vk", 1200 - day * 3, wall("ВАО")),
        look("ВАО", "facebook", None if 20 <= day < 30 else 377 - day // 4, wall("ВАО", until=9)),
        look("ЗАО", "vk", 232, wall("ЗАО", until=60)) if day > 30 else closed,
        look("САО", "vk", 191, wall("САО", until=24)),
        look("СВАО", "facebook", None, wall("СВАО")),
        look("СЗАО", "vk", 144, wall("СЗАО")) if day > 5 else refused,
        look("<b>ЮАО</b>", "vk", 156 + day, wall("<b>ЮАО</b>")),
        look(SLASHED, "vk", 40, wall(SLASHED)),
    ]


def _post(code: str, at: datetime, number: int) -> Post:
    return Post(
        native_id=str(1000 - number),
        published_at=at,
        url=f"https://vk.com/wall-1_{1000 - number}?of={len(code)}",
        is_repost=number % 9 == 0,
        like_count=number,
        comment_count=None,
        share_count=1,
        view_count=100 + number,
    )


def _round(store: Store, outcomes: list[Outcome], at: datetime) -> None:
    def due(kind: FailureKind | None, in_a_row: int, retry_after: timedelta | None) -> datetime:
        return next_due_at(at, timedelta(hours=1), DAY, kind, in_a_row, retry_after)

    run_id = store.start_round(at)
    store.write_outcomes(run_id, outcomes, due)
    failed = sum(isinstance(each, Failure) for each in outcomes)
    counts = RunCounts(len(outcomes), len(outcomes) - failed, len(outcomes) - failed, failed, 3)
    store.finish_round(run_id, counts, at + timedelta(minutes=4), stopped=False, note=None)


def _letters(store: Store) -> None:
    """САО's silence, one that is over, and what was written about it."""
    (found,) = store.evidence.facts(
        default_threshold=7 * DAY, count_reposts=True, warn_before=None, codes=["САО"]
    )
    branch_id = found[0].branch_id
    last = NOW - 24 * DAY - timedelta(hours=4)
    shared = {"branch_id": branch_id, "threshold_days": 7, "proof": json.dumps([]), "last_post_network": "vk"}
    with writing(store._engine) as conn:
        for begun, ended in ((NOW - 90 * DAY, NOW - 80 * DAY), (last, None)):
            number = conn.execute(
                insert(silence)
                .values(
                    **shared,
                    silent_since=begun + 7 * DAY,
                    detected_at=begun + 7 * DAY,
                    confirmed_at=NOW - timedelta(minutes=20),
                    counted_from=begun,
                    last_post_at=begun,
                    last_post_url="https://vk.com/wall-1_976",
                    resumed_at=ended,
                    resume_detected_at=ended,
                    end_reason=None if ended is None else "posted",
                )
                .returning(silence.c.id)
            ).scalar_one()
            conn.execute(
                insert(outbox_message).values(
                    key=f"silence:{number}:{CHAIR.email}",
                    kind="silence",
                    audience="chair",
                    branch_id=branch_id,
                    silence_id=number,
                    email=CHAIR.email,
                    name=CHAIR.name,
                    about="{}",
                    status="sent" if ended else "pending",
                    created_at=begun + 7 * DAY,
                    next_attempt_at=begun + 7 * DAY,
                    finished_at=begun + 8 * DAY if ended else None,
                    subject="Публикаций нет 7 дней" if ended else None,
                    body_text="Здравствуйте!" if ended else None,
                )
            )

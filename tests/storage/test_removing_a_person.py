"""What SECURITY.md gives to remove a person does so, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select, text

from storage.engine import reading, writing
from storage.letter_tables import branch_mute, ops_finding, outbox_message, silence
from storage.store import Store
from storage.tables import metadata
from tests.storage.worlds import DAY, NOON, World

SECURITY = Path(__file__).parents[2] / "SECURITY.md"
NAME, EMAIL = "Иванова Мария Петровна", "ivanova@example.org"
OTHER, OTHER_EMAIL = "Петров Пётр Иванович", "petrov@example.org"


def statements() -> list[str]:
    """The SQL of the document, as it is pasted."""
    (block,) = re.findall(r"```sql\n(.*?)```", SECURITY.read_text(encoding="utf-8"), re.DOTALL)
    return [statement.strip() for statement in block.split(";") if statement.strip()]


def letter(number: int, name: str, email: str, body: str) -> dict[str, object]:
    return {
        "key": f"silence:{number}:{email}",
        "kind": "silence",
        "audience": "chair",
        "branch_id": 1,
        "email": email,
        "name": name,
        "about": "{}",
        "status": "sent",
        "created_at": NOON,
        "next_attempt_at": NOON,
        "finished_at": NOON,
        "subject": f"{name}: ВАО молчит",
        "body_text": body,
    }


def fill(store: Store) -> None:
    """What the two did and were sent."""
    World(store)
    with writing(store._engine) as conn:
        for number, (name, email) in enumerate([(NAME, EMAIL), (OTHER, OTHER_EMAIL)]):
            who = f"{name} ({email}), по ссылке из письма"
            conn.execute(
                insert(outbox_message),
                [
                    letter(number, name, email, f"{name}, сообщества молчат. Кому: {email}"),
                    letter(number + 10, "Отдел", "info@example.org", f"Председатель: {name}, {email}"),
                ],
            )
            conn.execute(
                insert(silence),
                {
                    "branch_id": 1,
                    "silent_since": NOON,
                    "detected_at": NOON,
                    "confirmed_at": NOON,
                    "threshold_days": 7,
                    "counted_from": NOON,
                    "proof": "[]",
                    "resumed_at": NOON,
                    "end_reason": "posted",
                    "acknowledged_by": who,
                },
            )
            mute = {"muted_until": (NOON + DAY).date(), "reason": "отпуск", "created_at": NOON}
            conn.execute(insert(branch_mute), {"branch_id": 1, **mute, "created_by": who, "lifted_by": who})
            conn.execute(
                insert(ops_finding),
                {
                    "key": f"letter:{number}",
                    "first_seen_at": NOON - timedelta(days=1),
                    "last_seen_at": NOON,
                    "detail": f"the address {email} is refused",
                },
            )


def everything(store: Store) -> str:
    with reading(store._engine) as conn:
        return "\n".join(str(row) for table in metadata.sorted_tables for row in conn.execute(select(table)))


def test_nothing_of_the_person_is_left_and_all_of_the_other(store: Store) -> None:
    fill(store)
    before = everything(store)
    with writing(store._engine) as conn:
        for statement in statements():
            conn.execute(text(statement))
    after = everything(store)
    assert NAME in before
    assert (NAME in after, EMAIL in after) == (False, False)
    assert (after.count(OTHER), after.count(OTHER_EMAIL)) == (before.count(OTHER), before.count(OTHER_EMAIL))
    # That letters to others left is still known, so that they are not sent again.
    assert after.count("silence:10:info@example.org") == 1

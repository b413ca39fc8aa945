"""A mail server that takes its time: what may leave is judged when its turn comes."""

from __future__ import annotations

from datetime import datetime

from storage.store import Store
from tests import smtp
from tests.jobs.post_office import SILENT, PostOffice, chair
from tests.storage.worlds import DAY, HOUR

CHAIRS = [chair(number).email for number in (1, 2, 3)]


class SlowServer:
    """Whoever gives it a letter finds the clock an hour and a half later."""

    def __init__(self, server: smtp.MailServer) -> None:
        self.at = SILENT
        server.heard = self._heard

    def _heard(self, step: str) -> None:
        if step == "250":
            self.at += 1.5 * HOUR

    def now(self) -> datetime:
        return self.at


def test_a_server_that_is_slow_until_the_office_closes_gets_the_rest_the_next_morning(
    store: Store, server: smtp.MailServer
) -> None:
    office = PostOffice(store, server)
    office.fall_silent()
    slow = SlowServer(server)
    # 16:00 and 17:30 in Moscow; at 19:00 nobody is written to.
    delivered = office.deliver(SILENT, now=slow.now)
    assert server.recipients == CHAIRS[:2]
    assert [each.letter.branch_code for each in delivered.held] == ["Б3"]


def test_a_branch_that_is_muted_while_others_letters_leave_gets_none(
    store: Store, server: smtp.MailServer
) -> None:
    office = PostOffice(store, server)
    office.fall_silent()
    slow = SlowServer(server)
    slow_step = server.heard

    def muted_meanwhile(step: str) -> None:
        slow_step(step)
        if step == "250" and len(server.recipients) == 1:
            store.silences.mute("Б2", (SILENT + 9 * DAY).date(), "отпуск", "Иванова", slow.at)

    server.heard = muted_meanwhile
    office.deliver(SILENT, now=slow.now)
    assert CHAIRS[1] not in server.recipients

"""Good news is true whenever it leaves; but by a clock that may be wrong nobody is written to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.domain.notification import NotificationKind
from collector.jobs.gates import Held
from storage.letter_tables import outbox_message
from storage.store import Store
from tests import smtp
from tests.jobs.post_office import SILENT, PostOffice, branches, chair
from tests.storage.worlds import HOUR

# SILENT is on a Monday; so is this, and a year of weeks is a Monday too.
A_YEAR_OF_WEEKS = timedelta(weeks=52)


@pytest.fixture
def office(store: Store, server: smtp.MailServer) -> PostOffice:
    """A branch whose chair knows of its silence, and is owed the good news."""
    made = PostOffice(store, server, *branches(1))
    made.fall_silent()
    made.deliver(SILENT)
    posted = SILENT + HOUR / 2
    made.look(posted + HOUR / 4, {1: posted})
    made.detect(posted + HOUR / 4)
    assert [row.kind for row in made.rows(outbox_message) if row.status == "pending"] == ["resumed"]
    return made


@pytest.mark.parametrize("wrong_by", [A_YEAR_OF_WEEKS, -timedelta(weeks=1)], ids=["ahead", "behind"])
def test_good_news_waits_while_the_clock_is_wrong_and_leaves_when_it_is_right(
    office: PostOffice, wrong_by: timedelta
) -> None:
    held = office.deliver(SILENT + HOUR + wrong_by).held
    assert {each.why for each in held} <= {Held.NOTHING_READ}
    assert len(office.server.mails) == 1
    office.deliver(SILENT + HOUR)
    assert office.server.recipients == [chair(1).email] * 2
    kinds = [row.kind for row in office.rows(outbox_message) if row.status == "sent"]
    assert kinds == [NotificationKind.SILENCE.value, NotificationKind.RESUMED.value]

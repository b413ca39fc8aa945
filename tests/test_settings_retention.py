"""The settings of what is removed with time: what no report tells goes by itself; too much is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from collector.domain.retention import Retained
from collector.settings import SettingsError, load_settings


def test_the_series_stay_unless_told_and_never_keeps_all(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings(None).retention.ages == {
        Retained.RAW_ANSWERS: timedelta(days=90),
        Retained.OUTCOMES: timedelta(days=365),
        Retained.POST_SNAPSHOTS: timedelta(days=90),
    }
    for each in Retained:
        monkeypatch.setenv(f"COLLECTOR_RETENTION__{each.value.upper()}", " Never ")
    assert load_settings(None).retention.ages == {}
    monkeypatch.setenv("COLLECTOR_RETENTION__SERIES", "3650d")
    assert load_settings(None).retention.ages == {Retained.SERIES: timedelta(days=3650)}


@pytest.mark.parametrize(
    ("name", "given", "told"),
    [
        ("RAW_ANSWERS", "1s", "should be greater than or equal to 1 day"),
        ("OUTCOMES", "6d", "should be greater than or equal to 7 days"),
        ("POST_SNAPSHOTS", "0", "should be greater than or equal to 30 days"),
        ("SERIES", "365d", "should be greater than or equal to 731 days"),
        ("SERIES", "36501d", "should be less than or equal to 36500 days"),
        ("SERIES", "-9999d", "is no duration"),
        ("SERIES", "-P9999D", "is no duration"),
        ("SERIES", "9" * 30 + "d", "is longer than can be reckoned with"),
        ("SERIES", "forever", "is no duration"),
    ],
)
def test_what_would_remove_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, given: str, told: str
) -> None:
    monkeypatch.setenv(f"COLLECTOR_RETENTION__{name}", given)
    with pytest.raises(SettingsError) as caught:
        load_settings(None)
    line = str(caught.value)
    assert f"COLLECTOR_RETENTION__{name}: " in line
    assert told in line
    assert "timedelta" not in line

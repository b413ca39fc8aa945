"""Owns the settings of what is removed with time. What reports and views tell is kept unless told otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from collector.domain.retention import Retained
from collector.settings_types import AS_DURATION, Section

_LONGEST = timedelta(days=36_500)


def _unless_never(value: object) -> object:
    """None for `never`."""
    return None if isinstance(value, str) and value.strip().lower() == "never" else value


_NEVER = BeforeValidator(_unless_never)
# The bounds stand before all that a text becomes: else pydantic tells them in Python's words.
_FromADay = Annotated[
    Annotated[timedelta, Field(ge=timedelta(days=1), le=_LONGEST), AS_DURATION] | None, _NEVER
]
_FromAWeek = Annotated[
    Annotated[timedelta, Field(ge=timedelta(days=7), le=_LONGEST), AS_DURATION] | None, _NEVER
]
_FromAMonth = Annotated[
    Annotated[timedelta, Field(ge=timedelta(days=30), le=_LONGEST), AS_DURATION] | None, _NEVER
]
_FromTwoYears = Annotated[
    Annotated[timedelta, Field(ge=timedelta(days=731), le=_LONGEST), AS_DURATION] | None, _NEVER
]
"""So that a year can be compared with the one before it."""


class RetentionSettings(Section):
    """How old what may become before it is removed: such as 90d. `never`: it is kept."""

    raw_answers: _FromADay = Field(
        default=timedelta(days=90),
        description="Answers without sense that were kept with a failure are removed when so old; never: kept",
    )
    outcomes: _FromAWeek = Field(
        default=timedelta(days=365),
        description="Failed readings are removed when so old, but the newest of each kind; never: kept",
    )
    post_snapshots: _FromAMonth = Field(
        default=timedelta(days=90),
        description="Readings of posts' counts are thinned when so old: one a day where they changed, else one a week; "
        "no report tells other numbers. never: all are kept",
    )
    series: _FromTwoYears = Field(
        default=None,
        description="Readings of followers are removed when so old, and reports on that time tell no numbers any more; "
        "never: kept",
        examples=["3650d"],
    )

    @property
    def ages(self) -> Mapping[Retained, timedelta]:
        """The ages that are set."""
        given = {each: getattr(self, each.value) for each in Retained}
        return {each: age for each, age in given.items() if age is not None}

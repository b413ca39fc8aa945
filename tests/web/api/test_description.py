"""The API keeps to its own description, whatever it is asked: no failure of ours, no answer of another shape."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.types import ASGIApp

from tests.web.api.conftest import TOKEN

EACH = settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_whatever_is_asked_is_answered_as_described(api: ASGIApp) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    config = schemathesis.Config.from_dict({"headers": headers})
    description = schemathesis.openapi.from_asgi("/api/openapi.json", api, config=config, headers=headers)
    operations = [found.ok() for found in description.get_all_operations()]
    assert len(operations) >= 11
    statuses = set()
    for operation in operations:
        for mode in GenerationMode:

            @EACH
            @given(case=operation.as_strategy(generation_mode=mode))
            def is_as_described(case: Case) -> None:
                # Where a page begins is a word of ours, and a period's days are in order: no schema says so.
                answer = case.call_and_validate(excluded_checks=[positive_data_acceptance])
                statuses.add(answer.status_code)

            is_as_described()
    assert statuses >= {200, 422}

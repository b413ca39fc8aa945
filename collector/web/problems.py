"""What went wrong, for scripts: RFC 9457."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse


class ProblemResponse(JSONResponse):
    """An answer that says what was wrong, and nothing of how it came about."""

    media_type = "application/problem+json"


def problem(status: HTTPStatus, detail: str = "", errors: Sequence[dict[str, Any]] = ()) -> ProblemResponse:
    """`detail`: what to do about it. `errors`: one for each parameter that is wrong."""
    content: dict[str, Any] = {"title": status.phrase, "status": int(status)}
    if detail:
        content["detail"] = detail
    if errors:
        content["errors"] = list(errors)
    return ProblemResponse(content, status)

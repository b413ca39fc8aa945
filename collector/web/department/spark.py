"""A line of numbers as a small picture in a table: drawn here, so that it is there without any script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 120, 28
_MARGIN = 3


@dataclass(frozen=True, slots=True)
class Spark:
    """The picture: lines, and dots where a value has no neighbours. A gap is a gap."""

    lines: tuple[str, ...]
    """Each the points of an SVG polyline."""
    dots: tuple[tuple[float, float], ...]
    first: int
    """The first known value, and the last."""
    last: int


def spark(values: Sequence[int | None]) -> Spark | None:
    """The picture of values at even distances; None: nothing is known."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    step = (WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)

    def place(at: int, value: int) -> tuple[float, float]:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_MARGIN + at * step, 1), round(HEIGHT - _MARGIN - share * (HEIGHT - 2 * _MARGIN), 1)

    lines, dots = [], []
    for run in _runs(values):
        points = [place(at, value) for at, value in run]
        if len(points) == 1:
            dots.append(points[0])
        else:
            lines.append(" ".join(f"{x},{y}" for x, y in points))
    return Spark(tuple(lines), tuple(dots), known[0], known[-1])


def _runs(values: Sequence[int | None]) -> list[list[tuple[int, int]]]:
    """The values between the gaps, each with its place."""
    runs: list[list[tuple[int, int]]] = [[]]
    for at, value in enumerate(values):
        if value is not None:
            runs[-1].append((at, value))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]

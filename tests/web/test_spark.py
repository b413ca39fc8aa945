"""The small lines of the overview: a gap is a gap, a lone value a dot."""

from __future__ import annotations

from collector.web.department.spark import HEIGHT, WIDTH, spark


def test_nothing_known_is_no_picture() -> None:
    assert spark([]) is None
    assert spark([None, None]) is None


def test_a_line_goes_from_its_lowest_to_its_highest() -> None:
    drawn = spark([10, 20, 30])
    assert drawn is not None
    assert drawn.lines == (f"3.0,{HEIGHT - 3}.0 {WIDTH / 2},{HEIGHT / 2} {WIDTH - 3}.0,3.0",)
    assert (drawn.first, drawn.last, drawn.dots) == (10, 30, ())


def test_a_gap_parts_the_line_and_is_never_bridged() -> None:
    drawn = spark([10, 11, None, 12, 13])
    assert drawn is not None
    assert [line.count(",") for line in drawn.lines] == [2, 2]


def test_a_value_without_neighbours_is_a_dot() -> None:
    drawn = spark([None, 5, None, 7, 8])
    assert drawn is not None
    assert len(drawn.dots) == 1
    assert (drawn.first, drawn.last) == (5, 8)


def test_what_does_not_change_is_level() -> None:
    drawn = spark([7, 7])
    assert drawn is not None
    assert drawn.lines == (f"3.0,{HEIGHT / 2} {WIDTH - 3}.0,{HEIGHT / 2}",)

"""Rows without end as files: read back as they were, harmless for Excel, and never all in memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from collector.reports.rendering import rows
from collector.reports.rendering.rows import Row, write_csv, write_parquet, write_workbook

COLUMNS = ["day", "title", "follower_count", "growth_percent", "seen_at"]
KINDS = ["day", "text", "number", "number", "time"]
ROWS: list[Row] = [
    [date(2026, 10, 5), "Профсоюз; «ВАО»", 100, 12.5, datetime.fromisoformat("2026-10-05 15:05")],
    [date(2026, 10, 6), "=HYPERLINK(1)", -3, None, None],
    [date(2026, 10, 7), "\t@x", None, None, None],
]


def test_csv_is_read_back_and_runs_nothing() -> None:
    out = io.BytesIO()
    assert write_csv(COLUMNS, ROWS, out) == 3
    head, *found = csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig")), delimiter=";")
    assert head == COLUMNS
    assert found == [
        ["05.10.2026", "Профсоюз; «ВАО»", "100", "12,5", "05.10.2026 15:05:00"],
        ["06.10.2026", "'=HYPERLINK(1)", "-3", "", ""],
        ["07.10.2026", "'\t@x", "", "", ""],
    ]


def test_a_workbook_has_real_numbers_and_days(tmp_path: Path) -> None:
    assert write_workbook(COLUMNS, ROWS, tmp_path / "rows.xlsx") == 3
    (sheet,) = openpyxl.load_workbook(tmp_path / "rows.xlsx").worksheets
    assert sheet.freeze_panes == "A2"
    head, first, second, third = sheet.iter_rows(values_only=True)
    assert list(head) == COLUMNS
    assert first == (
        datetime.fromisoformat("2026-10-05"),
        "Профсоюз; «ВАО»",
        100,
        12.5,
        datetime.fromisoformat("2026-10-05 15:05"),
    )
    assert second[1:] == ("=HYPERLINK(1)", -3, None, None)
    assert sheet.cell(3, 2).data_type == "s"
    assert third[2] is None


def test_a_sheet_that_is_full_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "_SHEET_ROWS", 2)
    assert write_workbook(COLUMNS, ROWS, tmp_path / "rows.xlsx") == 3
    sheets = openpyxl.load_workbook(tmp_path / "rows.xlsx").worksheets
    assert [sheet.max_row for sheet in sheets] == [3, 2]
    assert [sheet.cell(1, 1).value for sheet in sheets] == ["day", "day"]


def test_nothing_is_a_file_with_a_header(tmp_path: Path) -> None:
    assert write_workbook(COLUMNS, [], tmp_path / "rows.xlsx") == 0
    assert openpyxl.load_workbook(tmp_path / "rows.xlsx").active.cell(1, 2).value == "title"
    out = io.BytesIO()
    assert write_csv(COLUMNS, [], out) == 0
    assert out.getvalue().decode("utf-8-sig").strip() == ";".join(COLUMNS)


def test_parquet_is_read_back(tmp_path: Path) -> None:
    with (tmp_path / "rows.parquet").open("wb") as out:
        assert write_parquet(COLUMNS, ROWS, KINDS, out) == 3
    found = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert [list(row.values()) for row in found] == [list(row) for row in ROWS]


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
def test_sixty_thousand_rows_are_never_all_in_memory(tmp_path: Path, form: str) -> None:
    def many(count: int) -> Iterator[Row]:
        for number in range(count):
            yield [
                date(2026, 10, 5),
                f"Сообщество {number}" * 10,
                number,
                0.5,
                datetime.fromisoformat("2026-10-05"),
            ]

    def write(count: int) -> int:
        """The peak of what was allocated, in bytes."""
        tracemalloc.start()
        try:
            with (tmp_path / "rows").open("wb") as out:
                if form == "csv":
                    write_csv(COLUMNS, many(count), out)
                elif form == "xlsx":
                    write_workbook(COLUMNS, many(count), tmp_path / "rows.xlsx")
                else:
                    write_parquet(COLUMNS, many(count), KINDS, out)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    write(10)
    # Two batches: while one is written the next is made.
    small = write(20_000)
    # All the rows take 36 MB.
    assert write(60_000) < small + 5_000_000

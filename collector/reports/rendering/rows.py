"""Rows without end, written as they come: of a million, no more than a few thousand are in memory.

A report is a thing of pages and has its own ways (`csv_file`, `workbook`); these are for a view's rows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from collector.domain.errors import CollectorError
from collector.domain.texts import undirected
from collector.reports.rendering.cells import csv_cell

Row = Sequence[str | int | float | date | datetime | None]
_AT_ONCE = 10_000
_SHEET_ROWS = 1_048_575
"""What a sheet holds below its header: Excel's limit."""


def write_csv(columns: Sequence[str], rows: Iterable[Row], out: BinaryIO) -> int:
    """For Excel in Russian: semicolons, a byte order mark, a comma before decimals; unknown is empty.

    Gives the number of rows.
    """
    text = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - the last number is wanted
        writer.writerow([csv_cell(value) for value in row])
    text.flush()
    # Closing it would close what is not ours.
    text.detach()
    return count


def write_workbook(columns: Sequence[str], rows: Iterable[Row], file: Path) -> int:
    """Real numbers, days and times, the header frozen; a sheet that is full is followed by another."""
    import xlsxwriter  # noqa: PLC0415 - only who asks for a workbook waits for it

    count = 0
    with xlsxwriter.Workbook(str(file), {"constant_memory": True}) as book:
        head = book.add_format({"bold": True, "bg_color": "#E4E7EB"})
        day, time = (book.add_format({"num_format": form}) for form in ("dd.mm.yyyy", "dd.mm.yyyy hh:mm:ss"))
        sheet: Any = None
        for row in rows:
            at = count % _SHEET_ROWS + 1
            if at == 1:
                sheet = _sheet(book, columns, head)
            _write_row(sheet, at, row, day, time)
            count += 1
        if sheet is None:
            _sheet(book, columns, head)
    return count


def write_parquet(columns: Sequence[str], rows: Iterable[Row], kinds: Sequence[str], out: BinaryIO) -> int:
    """For programs. `kinds`: of each column `day`, `time`, `number` or `text`. Gives the number of rows.

    Raises CollectorError without pyarrow.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra, and heavy
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise CollectorError(
            "parquet needs a package more; install it: pip install 'union-collector[parquet]'"
        ) from None
    types = {"day": pa.date32(), "time": pa.timestamp("s"), "number": pa.float64(), "text": pa.string()}
    whole = [
        pa.int64() if kind == "number" and not name.endswith("_percent") else types[kind]
        for name, kind in zip(columns, kinds, strict=True)
    ]
    schema = pa.schema(list(zip(columns, whole, strict=True)))
    count = 0
    with pq.ParquetWriter(out, schema) as writer:
        for batch in _batches(rows):
            arrays = [
                pa.array(values, kind) for values, kind in zip(zip(*batch, strict=True), whole, strict=True)
            ]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += len(batch)
    return count


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch


def _sheet(book: Any, columns: Sequence[str], head: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.set_column(0, len(columns) - 1, 18)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, _SHEET_ROWS, len(columns) - 1)
    for at, name in enumerate(columns):
        sheet.write_string(0, at, name, head)
    return sheet


def _write_row(sheet: Any, at: int, row: Row, day: Any, time: Any) -> None:
    for place, value in enumerate(row):
        if value is None:
            continue
        if isinstance(value, datetime):
            sheet.write_datetime(at, place, value, time)
        elif isinstance(value, date):
            sheet.write_datetime(at, place, value, day)
        elif isinstance(value, str):
            # Not write(): a stranger's text stays text, whatever it begins with.
            sheet.write_string(at, place, undirected(value))
        else:
            sheet.write_number(at, place, value)

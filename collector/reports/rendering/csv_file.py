"""A report as CSV for Excel in Russian: semicolons, a byte order mark, a comma before decimals."""

from __future__ import annotations

import csv
import io

from collector.reports.rendering.cells import csv_cell, harmless, heading
from collector.reports.report import Table


def as_csv(table: Table) -> bytes:
    """One table, with its totals. A cell without a value holds its word, so that a gap is no 0 there either."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(heading(column)) for column in table.columns])
    for row in [*table.rows, *([table.totals] if table.totals else [])]:
        writer.writerow([csv_cell(cell.word if cell.value is None else cell.value) for cell in row])
    return out.getvalue().encode("utf-8-sig")

"""A report as the content of a file, in any form that there is."""

from __future__ import annotations

from collector.reports.rendering.csv_file import as_csv
from collector.reports.report import Report

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
"""By the file's ending."""


def as_file(report: Report, form: str) -> bytes:
    """Its content. `form`: one of `MEDIA_TYPES`. CSV holds the first table alone."""
    if form == "xlsx":
        from collector.reports.rendering.workbook import as_workbook  # noqa: PLC0415 - heavy

        return as_workbook(report)
    if form == "html":
        from collector.reports.rendering.page import as_page  # noqa: PLC0415 - heavy

        return as_page(report).encode()
    return as_csv(report.tables[0])

"""Shows a report: as CSV, as a workbook, as a page. None of these knows what the report tells."""

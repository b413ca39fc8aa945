"""Reports: numbers apart from how they are shown. `report.py` says what a report is; each report is a module that makes
one; `rendering/` shows any of them as CSV, workbook or page."""

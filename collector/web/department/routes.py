"""All routes of the department's pages."""

from __future__ import annotations

from fastapi import FastAPI

from collector.web.department import assets, branch, contests, exports, health, overview, reports
from collector.web.department.desk import Desk


def add_to(app: FastAPI, desk: Desk) -> None:
    """Add them to the application."""
    assets.add_to(app)
    maker = reports.Maker()
    overview.add_to(app, desk)
    branch.add_to(app, desk)
    contests.add_to(app, desk, maker)
    reports.add_to(app, desk, maker)
    exports.add_to(app, desk)
    health.add_to(app, desk)

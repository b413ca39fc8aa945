"""The information department's pages: one module a page, which gathers its facts and says them in Russian."""

from __future__ import annotations

from collector.web.department.desk import Desk
from collector.web.department.routes import add_to

__all__ = ["Desk", "add_to"]

"""Has Python write the byte code of what the program imports, and of nothing else, for the image.

An image's root may be read-only, so what has no byte code is compiled at every start: seconds each time. Compiling
all that is installed would take twice the space, for languages and dialects that are never asked for.
"""

from __future__ import annotations

import importlib
import pkgutil

import collector
import migrations.versions
import storage

# What the program imports inside its functions, and what libraries choose by a name at run time.
_LATE = (
    "altair",
    "apscheduler.executors.pool",
    "babel.dates",
    "psycopg",
    "psycopg.types.array",
    "psycopg_binary",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "starlette.formparsers",
    "uvicorn.lifespan.on",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.h11_impl",
    "vl_convert",
    "xlsxwriter",
)
# Alembic runs it itself, with a database at hand.
_NEVER = ("collector.__main__", "migrations.env")


def main() -> None:
    """Import everything once."""
    for package in (collector, storage, migrations):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name not in _NEVER:
                importlib.import_module(module.name)
    for name in _LATE:
        importlib.import_module(name)


if __name__ == "__main__":
    main()

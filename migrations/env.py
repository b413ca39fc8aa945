"""Runs migrations on the connection that `storage.schema` hands in, inside its transaction.

`alembic revision --autogenerate` on the command line compares the models with the database of
COLLECTOR_DATABASE_URL, which must be upgraded; ruff then formats what it wrote.
"""

import os

from alembic import context
from sqlalchemy import Connection, make_url

from storage import views
from storage.engine import database_url, make_engine
from storage.schema import has_its_dialect
from storage.tables import metadata


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        # SQLite changes a table by copying it; Alembic's batch mode writes that.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
        include_object=has_its_dialect(connection.dialect.name),
    )
    with context.begin_transaction():
        views.make_way(connection)
        context.run_migrations()
        if context.get_context().get_current_revision() == context.script.get_current_head():
            views.renew(connection)


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    named = os.environ.get("COLLECTOR_DATABASE_URL")
    engine = make_engine(database_url(named) if named else make_url("sqlite://"))
    with engine.begin() as own:
        _run(own)

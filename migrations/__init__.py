"""Alembic migrations, applied by `collector db upgrade` and by the daemon at its start."""

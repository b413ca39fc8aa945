"""The composition root: the only place that picks implementations and knows the settings' values.

`program` puts the parts together; each other module here gives one use case what it needs of them.
"""

from collector.bootstrap.program import (
    Program,
    adapters,
    open_database,
    preview_branches,
    program,
    settings,
    utc_now,
)

__all__ = ["Program", "adapters", "open_database", "preview_branches", "program", "settings", "utc_now"]

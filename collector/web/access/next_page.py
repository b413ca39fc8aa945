"""Where a login leads: a page of ours and nothing else, whatever the address says."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote

_LONGEST = 4_000
_OF_QUERIES = "=&%+~:,;/?@!$'()*-._"
_NOT_OURS = re.compile(r"[\x00-\x1f\x7f\\]|//")


def own_path(wanted: str) -> str:
    """The path and query of a page of ours, relative to where ours begin; empty: the first page.

    Nothing that a browser could take for another site or for a path above ours: no host, no backslash, no step up,
    encoded or not.
    """
    path, mark, query = wanted.partition("?")
    plain = unquote(path)
    if len(wanted) > _LONGEST or not plain.startswith("/") or _NOT_OURS.search(plain):
        return ""
    if any(step in (".", "..") for step in unquote(plain).split("/")):
        return ""
    # What is encoded stays so: a branch's code may have a slash, which is none between folders.
    own = quote(path.removeprefix("/"), safe="/%", errors="replace")
    return own + mark + quote(query, safe=_OF_QUERIES, errors="replace")

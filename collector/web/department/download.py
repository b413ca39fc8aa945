"""Files that the pages hand out."""

from __future__ import annotations

from urllib.parse import quote


def attachment(name: str, plain_name: str) -> dict[str, str]:
    """The header that has a browser save an answer under a name, as RFC 6266 has it.

    `plain_name`: the same in ASCII, for what does not know the other.
    """
    return {
        "Content-Disposition": f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    }

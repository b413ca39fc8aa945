"""What a Page's post says and shows, as the domain's words. Never a reason to lose a look: what is odd is unknown.

Attachments: https://developers.facebook.com/docs/graph-api/reference/story-attachment. Graph leaves out what is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from collector.domain.model import Attachment, PostContent
from collector.domain.texts import kept

CONTENT_FIELDS = "message,attachments{media_type,type,subattachments{media_type,type}}"
"""Of a post, what it takes to tell its content; `parent_id` is asked for anyway."""
SITE_FIELD = "website"
LONGEST_SITE = 500
"""Characters that are kept of a Page's site."""

_KINDS = {
    "photo": Attachment.PHOTO,
    "video": Attachment.VIDEO,
    "link": Attachment.LINK,
    "album": Attachment.ALBUM,
    "event": Attachment.EVENT,
}
_OTHER_PLATFORMS = "video_share"
"""So do the types of players of other platforms begin: `video_share_youtube`."""
_OWNER = re.compile(r"([0-9]{1,20})_")


def content_of(message: Any, attachments: Any, parent_id: str | None) -> PostContent | None:
    """The content of a post from these of its fields; None where they are of no known shape.

    Of a post that passes on another one, what is attached is the other's. Whose that is stands at the beginning of
    `parent_id`; Facebook does not say whether it is a Page or a person.
    """
    data = attachments.get("data") if isinstance(attachments, dict) else attachments
    if not isinstance(message, str | None) or not isinstance(data, list | None):
        return None
    if parent_id:
        owner = _OWNER.match(parent_id)
        return PostContent.of(message or "", (), owner[1] if owner else None)
    return PostContent.of(message or "", _kinds(data or ()))


def site_of(website: Any) -> str | None:
    """A Page's site; None where it is left out, which may mean that there is none, or that it is withheld."""
    return kept(website, LONGEST_SITE).strip() or None if isinstance(website, str) else None


def _kinds(data: Iterable[Any]) -> Iterator[Attachment]:
    for attachment in data:
        if not isinstance(attachment, dict):
            yield Attachment.OTHER
            continue
        inner = attachment.get("subattachments")
        parts = inner.get("data") if isinstance(inner, dict) else None
        if isinstance(parts, list) and parts:
            # Several photos of one post come as an album.
            yield from (_kind(part) if isinstance(part, dict) else Attachment.OTHER for part in parts)
        else:
            yield _kind(attachment)


def _kind(attachment: Mapping[str, Any]) -> Attachment:
    medium, detail = attachment.get("media_type"), attachment.get("type")
    if isinstance(detail, str) and detail.startswith(_OTHER_PLATFORMS):
        return Attachment.VIDEO_LINK
    return _KINDS.get(medium, Attachment.OTHER) if isinstance(medium, str) else Attachment.OTHER

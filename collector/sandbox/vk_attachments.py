"""What hangs on posts, in the shapes of VK API 5.199 (https://dev.vk.com/ru/reference/objects/attachments-wall).

Nested arrays are tuples: posts share these, and a script must not change them.
"""

from __future__ import annotations

from typing import Any

from collector.domain.model import Attachment
from collector.sandbox.contents import BUNDLES
from collector.sandbox.model import mix

_SIZES = (
    ("s", 75),
    ("m", 130),
    ("o", 130),
    ("p", 200),
    ("q", 320),
    ("r", 510),
    ("x", 604),
    ("y", 807),
    ("z", 1080),
    ("w", 1280),
)
_SIZE_POOL = tuple(
    tuple(
        {
            "type": letter,
            "width": width,
            "height": width * 3 // 4,
            "url": f"https://sun9-{index % 80}.userapi.com/s/v1/ig2/"
            f"{mix(index, width):016x}{mix(width, index):016x}.jpg"
            f"?quality=95&as=32x24,48x36,72x54,108x81,160x120,240x180,360x270,480x360&from=bu&cs={width}x0",
        }
        for letter, width in _SIZES
    )
    for index in range(128)
)


_STOCK_OWNER = 22_822_305


def _attachment(kind: Attachment, number: int, place: int) -> dict[str, Any]:
    """What is attached to posts that have this bundle, in this place of it."""
    word = {Attachment.DOCUMENT: "doc", Attachment.VIDEO_LINK: "video"}.get(kind, str(kind))
    one = {"id": 456_000_000 + number * 10 + place, "owner_id": -_STOCK_OWNER}
    dated = {**one, "date": 1_500_000_000 + number}
    video = {**dated, "title": "Репортаж", "duration": 90, "type": "video", "views": number}
    made: dict[Attachment, Any] = {
        Attachment.PHOTO: {
            **dated,
            "album_id": -7,
            "user_id": 100,
            "access_key": f"{mix(number, place):016x}",
            "sizes": _SIZE_POOL[(number * 3 + place) % len(_SIZE_POOL)],
            "text": "",
            "has_tags": False,
        },
        Attachment.VIDEO: video,
        Attachment.VIDEO_LINK: {**video, "platform": "YouTube"},
        Attachment.LINK: {
            "url": "https://www.mgoprof.ru/",
            "title": "МГО Профсоюза",
            "caption": "mgoprof.ru",
        },
        Attachment.POLL: {
            **one,
            "question": "Кто едет на слёт?",
            "created": dated["date"],
            "votes": 30,
            "answers": (
                {"id": 1, "text": "Я", "votes": 20, "rate": 66.67},
                {"id": 2, "text": "Не я", "votes": 10, "rate": 33.33},
            ),
            "multiple": False,
            "end_date": 0,
            "closed": False,
            "is_board": False,
            "can_edit": False,
            "can_vote": False,
            "can_report": False,
            "can_share": True,
            "disable_unvote": False,
        },
        Attachment.ARTICLE: {
            **one,
            "owner_name": "МГО Профсоюза",
            "state": "available",
            "title": "Как оплачивается замещение",
            "url": f"https://vk.com/@mgoprof-{number}",
        },
        Attachment.DOCUMENT: {**dated, "title": "Положение", "size": 51_200, "ext": "pdf", "type": 1},
        Attachment.AUDIO: {**dated, "artist": "Хор учителей", "title": "Гимн Профсоюза", "duration": 180},
        Attachment.ALBUM: {
            "id": one["id"],
            "owner_id": -_STOCK_OWNER,
            "title": "Слёт",
            "description": "",
            "size": 40,
            "created": dated["date"],
            "updated": dated["date"],
        },
        Attachment.EVENT: {
            "id": one["id"],
            "button_text": "Пойду",
            "friends": (),
            "is_favorite": False,
            "member_status": 0,
            "text": "Турслёт",
            "time": dated["date"],
        },
    }
    return {"type": word, word: made[kind]}


ATTACHMENTS = tuple(
    tuple(_attachment(kind, number, place) for place, kind in enumerate(bundle))
    for number, bundle in enumerate(BUNDLES)
)
"""Posts share these: made one by one, they would take most of the time of an answer."""

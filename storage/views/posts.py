"""The views of posts: each, and by days."""

from __future__ import annotations

from storage.views.branches import NETWORK_NAME
from storage.views.dialect import View, Words

_COUNTS = ("like_count", "comment_count", "share_count")


def _posts(words: Words) -> str:
    known = " AND ".join(f"p.{count} IS NULL" for count in _COUNTS)
    total = " + ".join(f"coalesce(p.{count}, 0)" for count in _COUNTS)
    return f"""
SELECT c.id AS community_id, b.code AS branch_code, c.network AS network, {NETWORK_NAME} AS network_name,
       p.native_id AS post_id, {words.at("p.published_at")} AS published_at,
       {words.day("p.published_at")} AS published_on, p.url AS url,
       CASE WHEN p.is_repost THEN 'repost' ELSE 'own' END AS kind,
       p.like_count AS like_count, p.comment_count AS comment_count, p.share_count AS share_count,
       p.view_count AS view_count,
       CASE WHEN {known} THEN NULL ELSE {total} END AS engagement_count,
       {words.at("p.snapshot_at")} AS counted_at, {words.at("p.first_seen_at")} AS first_seen_at,
       {words.at("p.deleted_at")} AS deleted_at,
       t.text AS text, t.attachments AS attachments, t.hashtags AS hashtags,
       t.reposted_native_id AS reposted_id, {words.at("t.read_at")} AS text_read_at
FROM post p
JOIN community c ON c.id = p.community_id
JOIN branch b ON b.id = c.branch_id
LEFT JOIN post_content t ON t.community_id = p.community_id AND t.native_id = p.native_id"""


def _daily(words: Words) -> str:
    day = words.day("p.published_at")
    return f"""
SELECT {day} AS day, {words.month(day)} AS month, c.id AS community_id, b.code AS branch_code, c.network AS network,
       count(*) AS post_count, sum(CASE WHEN p.is_repost THEN 1 ELSE 0 END) AS repost_count,
       sum(CASE WHEN p.deleted_at IS NULL THEN 0 ELSE 1 END) AS deleted_count,
       CAST(sum(p.like_count) AS BIGINT) AS like_count, CAST(sum(p.comment_count) AS BIGINT) AS comment_count,
       CAST(sum(p.share_count) AS BIGINT) AS share_count, CAST(sum(p.view_count) AS BIGINT) AS view_count
FROM post p
JOIN community c ON c.id = p.community_id
JOIN branch b ON b.id = c.branch_id
GROUP BY {day}, c.id, b.code, c.network"""


POSTS = View(
    "v_posts",
    "Публикации сообществ, собственные и репосты: одна строка — одна публикация. Записей посетителей и рекламы нет.",
    {
        "community_id": "Номер сообщества",
        "branch_code": "Короткое имя организации",
        "network": "Сеть для отбора: vk, facebook",
        "network_name": "Сеть словами",
        "post_id": "Номер публикации в сети",
        "published_at": "Когда опубликована, по московскому времени",
        "published_on": "День публикации",
        "url": "Ссылка на публикацию",
        "kind": "own — своя, repost — репост",
        "like_count": "Лайки или реакции; пусто — сеть не сообщила",
        "comment_count": "Комментарии; пусто — сеть не сообщила",
        "share_count": "Репосты этой публикации; пусто — сеть не сообщила",
        "view_count": "Просмотры (не люди); пусто — сеть не сообщила",
        "engagement_count": "Лайки, комментарии и репосты вместе, сколько из них известно; пусто — не известно ни одно",
        "counted_at": "Когда эти числа впервые увидели такими или подтвердили в новый день",
        "first_seen_at": "Когда публикацию впервые увидели",
        "deleted_at": "Когда впервые увидели, что её больше нет; пусто — она на месте",
        "text": "Слова самого сообщества, без текста чужой записи, не больше 4000 знаков; пусто — не прочитаны. "
        "Если слов нет, здесь строка без знаков, а не пусто",
        "attachments": "Виды вложений по порядку, через пробел: photo — фотография, video — видео, загруженное в сеть, "
        "video_link — видео с другой площадки, link — ссылка, poll — опрос, article — статья, audio — аудиозапись, "
        "document — документ, album — альбом, event — мероприятие, other — другое; пусто — не прочитаны",
        "hashtags": "Хештеги текста строчными буквами, через пробел; пусто — текст не прочитан",
        "reposted_id": "Номер в сети того сообщества, чья запись пересказана репостом; пусто — не репост, репост "
        "записи человека или не прочитано. Facebook не говорит, чья запись: там это может быть и номер человека",
        "text_read_at": "Когда текст и вложения впервые увидели такими; пусто — их не читали",
    },
    _posts,
    "published_on",
    key=("community_id", "post_id"),
)

POSTS_DAILY = View(
    "v_posts_daily",
    "Публикации по дням: одна строка — одно сообщество и один день, в который оно что-нибудь опубликовало. Дня без "
    "известных публикаций здесь нет; читали ли сообщество в тот день, видно в v_followers_daily.",
    {
        "day": "День публикации, по московскому времени",
        "month": "Первый день его месяца",
        "community_id": "Номер сообщества",
        "branch_code": "Короткое имя организации",
        "network": "Сеть для отбора: vk, facebook",
        "post_count": "Сколько публикаций, вместе с репостами и удалёнными позже",
        "repost_count": "Сколько из них репостов",
        "deleted_count": "Сколько из них потом удалено",
        "like_count": "Лайки на них, сумма известных; пусто — не известно ни одно из чисел",
        "comment_count": "Комментарии к ним, сумма известных; пусто — не известно ни одно из чисел",
        "share_count": "Репосты их, сумма известных; пусто — не известно ни одно из чисел",
        "view_count": "Просмотры их, сумма известных; пусто — не известно ни одно из чисел",
    },
    _daily,
    "day",
    key=("community_id", "day"),
)

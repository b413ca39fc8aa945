"""The views of branches and communities as they are now."""

from __future__ import annotations

from storage.views.dialect import View, Words

NETWORK_NAME = "CASE c.network WHEN 'vk' THEN 'ВКонтакте' WHEN 'facebook' THEN 'Facebook' ELSE c.network END"
KIND_NAME = """CASE b.kind WHEN 'city' THEN 'городская (МГО)' WHEN 'territorial' THEN 'территориальная (ТПО)'
         ELSE 'первичная (ППО)' END"""
ACCESS_NAME = """CASE s.access WHEN 'open' THEN 'открыто' WHEN 'closed' THEN 'закрыто' WHEN 'private' THEN 'частное'
         WHEN 'banned' THEN 'заблокировано' WHEN 'deleted' THEN 'удалено' WHEN 'missing' THEN 'не найдено'
         ELSE 'ещё не известно' END"""
READABLE = "s.access IN ('open', 'unknown')"


def _branches(words: Words) -> str:
    return f"""
WITH live AS (
  SELECT c.branch_id, count(*) AS community_count,
         sum(CASE WHEN {READABLE} THEN 1 ELSE 0 END) AS readable_count,
         count(s.wall_last_seen_at) AS seen_count, max(s.newest_post_at) AS last_post_at,
         CASE WHEN count(s.wall_last_seen_at) = count(*) THEN min(s.wall_last_seen_at) END AS known_until
  FROM community c JOIN community_state s ON s.community_id = c.id
  WHERE c.retired_at IS NULL
  GROUP BY c.branch_id)
SELECT b.code AS branch_code, b.name AS branch_name, b.kind AS kind, {KIND_NAME} AS kind_name,
       parent.code AS parent_code,
       (SELECT z.primary_count FROM branch_size z WHERE z.branch_id = b.id
        ORDER BY z.valid_from DESC LIMIT 1) AS primary_count,
       coalesce(live.community_count, 0) AS community_count,
       {words.at("live.last_post_at")} AS last_post_at, {words.at("live.known_until")} AS known_until_at,
       CASE WHEN b.retired_at IS NOT NULL THEN 'retired'
            WHEN live.branch_id IS NULL THEN 'no_community'
            WHEN live.readable_count = 0 THEN 'unreadable'
            WHEN e.id IS NOT NULL THEN 'silent'
            WHEN live.seen_count = 0 THEN 'not_seen'
            ELSE 'not_silent' END AS state,
       {words.at("e.silent_since")} AS silent_since,
       (SELECT max(m.muted_until) FROM branch_mute m
        WHERE m.branch_id = b.id AND m.lifted_at IS NULL) AS muted_until,
       {words.at("b.retired_at")} AS retired_at
FROM branch b
LEFT JOIN branch parent ON parent.id = b.parent_id
LEFT JOIN live ON live.branch_id = b.id
LEFT JOIN silence e ON e.branch_id = b.id AND e.resumed_at IS NULL"""


def _open_or_closed(flag: str) -> str:
    return f"CASE WHEN {flag} THEN 'open' WHEN NOT {flag} THEN 'closed' END"


def _communities(words: Words) -> str:
    return f"""
SELECT c.id AS community_id, b.code AS branch_code, b.name AS branch_name, b.kind AS branch_kind,
       c.network AS network, {NETWORK_NAME} AS network_name, c.title AS title, c.url AS url,
       s.access AS access, {ACCESS_NAME} AS access_name,
       {words.at("s.access_changed_at")} AS access_changed_at,
       {words.at("s.newest_post_at")} AS last_post_at,
       {words.at("s.last_seen_at")} AS seen_at, {words.at("s.wall_last_seen_at")} AS wall_seen_at,
       s.failure_kind AS failure_kind,
       {words.at("c.created_at")} AS added_at, {words.at("c.retired_at")} AS retired_at,
       c.native_id AS native_id, CASE s.site WHEN '' THEN 'нет' ELSE s.site END AS site,
       {_open_or_closed("s.are_messages_open")} AS messages, {_open_or_closed("s.are_comments_open")} AS comments
FROM community c
JOIN branch b ON b.id = c.branch_id
JOIN community_state s ON s.community_id = c.id"""


BRANCHES = View(
    "v_branches",
    "Организации и то, что известно о них сейчас: одна строка — одна организация из списка.",
    {
        "branch_code": "Короткое имя организации, например ВАО",
        "branch_name": "Полное название",
        "kind": "Вид для отбора: city, territorial или primary",
        "kind_name": "Вид словами: городская (МГО), территориальная (ТПО) или первичная (ППО)",
        "parent_code": "Короткое имя вышестоящей организации; пусто — её нет",
        "primary_count": "Сколько первичных организаций в ней, по последним сведениям; пусто — не указано",
        "community_count": "Сколько у неё сообществ в списке",
        "last_post_at": "Когда вышла последняя публикация во всех её сообществах; пусто — публикаций не видели",
        "known_until_at": "До какого времени известны публикации всех её сообществ; пусто — не всех",
        "state": "Состояние: silent — молчание доказано и длится, not_silent — не доказано (публикует ли она, "
        "показывают last_post_at и known_until_at), not_seen — публикации ещё не читали, unreadable — все "
        "сообщества закрыты или исчезли, no_community — сообществ нет, retired — исключена из списка",
        "silent_since": "С какого времени молчит; пусто — не молчит",
        "muted_until": "По какой день включительно приостановлены письма (он может быть уже позади); пусто — не "
        "приостанавливали",
        "retired_at": "Когда исключена из списка; пусто — она в списке",
    },
    _branches,
    key=("branch_code",),
)

COMMUNITIES = View(
    "v_communities",
    "Сообщества организаций и то, что известно о них сейчас: одна строка — одно сообщество.",
    {
        "community_id": "Номер сообщества: по нему связаны все таблицы",
        "branch_code": "Короткое имя организации",
        "branch_name": "Полное название организации",
        "branch_kind": "Вид организации: city, territorial или primary",
        "network": "Сеть для отбора: vk, facebook",
        "network_name": "Сеть словами",
        "title": "Название сообщества, как его сообщает сеть; пусто — ещё не прочитано",
        "url": "Ссылка на сообщество",
        "access": "Открытость для отбора: open, closed, private, banned, deleted, missing или unknown",
        "access_name": "Открытость словами",
        "access_changed_at": "Когда впервые увидели эту открытость; пусто — ещё не читали",
        "last_post_at": "Когда вышла последняя публикация; пусто — публикаций не видели",
        "seen_at": "Когда сообщество в последний раз удалось прочитать; пусто — ни разу",
        "wall_seen_at": "Когда в последний раз удалось прочитать его публикации; пусто — ни разу",
        "failure_kind": "Почему не удалось последнее чтение; пусто — удалось",
        "added_at": "Когда сообщество появилось в списке",
        "retired_at": "Когда исключено из списка; пусто — оно в списке",
        "native_id": "Номер сообщества в сети; пусто — ещё не прочитан",
        "site": "Сайт, который сообщество указало о себе; нет — не указало; пусто — не известно",
        "messages": "Можно ли написать сообществу: open — можно, closed — нельзя, как отвечает сеть тому ключу, "
        "которым её спрашивают; пусто — не известно",
        "comments": "Можно ли посетителям оставлять комментарии: open — можно, closed — нельзя; пусто — не известно",
    },
    _communities,
    key=("community_id",),
)

"""The views of what somebody must see to, and of how collection goes."""

from __future__ import annotations

from storage.views.branches import ACCESS_NAME, KIND_NAME, NETWORK_NAME, READABLE
from storage.views.dialect import View, Words


def _findings(words: Words) -> str:
    of_community = """FROM community c
JOIN branch b ON b.id = c.branch_id
JOIN community_state s ON s.community_id = c.id
WHERE c.retired_at IS NULL AND b.retired_at IS NULL"""
    return f"""
SELECT 'no_community' AS finding, b.code AS branch_code, b.name AS branch_name, NULL AS network, NULL AS url,
       NULL AS since, {KIND_NAME} || ' организация без сообществ в списке' AS words
FROM branch b
WHERE b.retired_at IS NULL AND b.kind = 'territorial'
  AND NOT EXISTS (SELECT 1 FROM community c WHERE c.branch_id = b.id AND c.retired_at IS NULL)
UNION ALL
SELECT 'closed', b.code, b.name, c.network, c.url, {words.at("s.access_changed_at")},
       {NETWORK_NAME} || ': сообщество ' || {ACCESS_NAME}
{of_community} AND NOT {READABLE}
UNION ALL
SELECT 'withheld', b.code, b.name, c.network, c.url, {words.at("s.last_seen_at")},
       {NETWORK_NAME} || ': число подписчиков скрыто'
{of_community} AND s.last_seen_at IS NOT NULL AND s.follower_count IS NULL AND {READABLE}
UNION ALL
SELECT 'not_read', b.code, b.name, c.network, c.url, {words.at("s.last_seen_at")},
       {NETWORK_NAME} || ': сообщество не удаётся прочитать'
{of_community} AND s.failure_kind IS NOT NULL AND {READABLE}"""


def _health(words: Words) -> str:
    return f"""
SELECT c.network AS network, {NETWORK_NAME} AS network_name, count(*) AS community_count,
       count(s.last_seen_at) AS seen_count,
       sum(CASE WHEN s.failure_kind IS NULL THEN 0 ELSE 1 END) AS failing_count,
       {words.at("min(s.last_seen_at)")} AS longest_unseen_at, {words.at("max(s.last_seen_at)")} AS newest_seen_at,
       {words.at("min(s.next_due_at)")} AS next_due_at,
       {words.at("(SELECT max(r.started_at) FROM collection_run r WHERE r.kind = 'collect')")} AS newest_round_at
FROM community c
JOIN community_state s ON s.community_id = c.id
WHERE c.retired_at IS NULL
GROUP BY c.network"""


def _runs(words: Words) -> str:
    return f"""
SELECT r.id AS run_id, r.kind AS kind, r.source AS source,
       {words.at("r.started_at")} AS started_at, {words.at("r.finished_at")} AS finished_at, r.status AS status,
       r.due_count AS due_count, r.read_count AS read_count, r.failed_count AS failed_count,
       r.request_count AS request_count
FROM collection_run r"""


FINDINGS = View(
    "v_findings",
    "На что обратить внимание: одна строка — одно замечание.",
    {
        "finding": "Вид для отбора: no_community — у ТПО нет сообществ, closed — сообщество закрыто или исчезло, "
        "withheld — скрыто число подписчиков, not_read — не удаётся прочитать",
        "branch_code": "Короткое имя организации",
        "branch_name": "Полное название организации",
        "network": "Сеть для отбора; пусто — замечание обо всей организации",
        "url": "Ссылка на сообщество; пусто — замечание обо всей организации",
        "since": "С какого времени известно; для withheld и not_read — когда прочитано в последний раз; "
        "пусто — неизвестно",
        "words": "Замечание словами",
    },
    _findings,
    key=("finding", "branch_code", "network", "url"),
)

HEALTH = View(
    "v_collection_health",
    "Как идёт сбор: одна строка — одна сеть.",
    {
        "network": "Сеть для отбора: vk, facebook",
        "network_name": "Сеть словами",
        "community_count": "Сообществ в списке",
        "seen_count": "Сколько из них прочитано хотя бы раз",
        "failing_count": "Сколько не удалось прочитать при последней попытке, целиком или публикации",
        "longest_unseen_at": "Самое давнее из времён последнего чтения",
        "newest_seen_at": "Самое недавнее чтение; пусто — не читали ни разу",
        "next_due_at": "Когда придёт черёд следующего сообщества",
        "newest_round_at": "Когда начался последний обход; пусто — обходов не было",
    },
    _health,
    key=("network",),
)

RUNS = View(
    "v_collection_runs",
    "Обходы и загрузки: откуда взято каждое число. Одна строка — один обход сетей или один загруженный файл.",
    {
        "run_id": "Номер: на него ссылается v_followers_daily",
        "kind": "collect — обход сетей, import — загрузка из файла",
        "source": "Имя загруженного файла и его SHA-256; пусто — это обход",
        "started_at": "Когда начался",
        "finished_at": "Когда закончился; пусто — идёт или был прерван",
        "status": "running — идёт, finished — закончен, stopped — остановлен, abandoned — прерван",
        "due_count": "Скольких сообществ пришёл черёд",
        "read_count": "Сколько прочитано",
        "failed_count": "Сколько не удалось прочитать, целиком или публикации",
        "request_count": "Сколько запросов к сетям сделано",
    },
    _runs,
    "started_at",
    key=("run_id",),
)

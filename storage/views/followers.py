"""The views of followers: now, by days, by months. No value is invented: each was read, and its instant is told."""

from __future__ import annotations

from collector.domain.period import LONGEST_DISTANCE
from storage.views.branches import NETWORK_NAME
from storage.views.dialect import View, Words

_WHO = f"""c.id AS community_id, b.code AS branch_code, c.network AS network, {NETWORK_NAME} AS network_name,
       c.title AS title, c.url AS url"""


def _span(words: Words) -> str:
    """Of each community that was read, its first day and its last: while it is in the list, the newest round's."""
    of_one = "FROM follower_snapshot w WHERE w.community_id = c.id"
    return f"""
WITH read_between AS (
  SELECT c.id, c.branch_id, c.network, c.title, c.url, c.retired_at,
         {words.day(f"(SELECT min(w.observed_at) {of_one})")} AS first_day,
         {words.day(f"(SELECT max(w.observed_at) {of_one})")} AS newest_day
  FROM community c),
newest_round AS (
  SELECT {words.day("(SELECT max(r.started_at) FROM collection_run r WHERE r.kind = 'collect')")} AS day),
span AS (
  SELECT o.id, o.branch_id, o.network, o.title, o.url, o.first_day,
         CASE WHEN o.retired_at IS NULL AND n.day > o.newest_day THEN n.day ELSE o.newest_day END AS last_day
  FROM read_between o CROSS JOIN newest_round n
  WHERE o.first_day IS NOT NULL)"""


def _latest(words: Words) -> str:
    return f"""
SELECT {_WHO}, s.follower_count AS follower_count, s.post_count AS post_count,
       {words.at("s.last_seen_at")} AS seen_at,
       CASE WHEN s.last_seen_at IS NULL THEN 'not_seen' WHEN s.follower_count IS NULL THEN 'withheld'
            ELSE 'known' END AS what
FROM community c
JOIN branch b ON b.id = c.branch_id
JOIN community_state s ON s.community_id = c.id
WHERE c.retired_at IS NULL"""


def _daily(words: Words) -> str:
    of_the_day = "w.observed_at >= d.starts_at AND w.observed_at < d.ends_at"
    return f"""{_span(words)}
SELECT d.day AS day, {_WHO}, f.follower_count AS follower_count,
       CASE WHEN f.observed_at IS NULL THEN 'not_seen' WHEN f.follower_count IS NULL THEN 'withheld'
            ELSE 'known' END AS what,
       {words.at("f.observed_at")} AS observed_at, f.run_id AS run_id
FROM span c
JOIN branch b ON b.id = c.branch_id
JOIN calendar_day d ON d.day BETWEEN c.first_day AND c.last_day
{words.newest_reading("f", "c.id", of_the_day)}"""


def _monthly(words: Words) -> str:
    known = "w.follower_count IS NOT NULL"
    is_near = f"{words.days(words.day('before.observed_at'), 'm.day')} <= {LONGEST_DISTANCE.days}"
    percent = words.percent("f.follower_count - before.follower_count", "before.follower_count")
    in_the_month = f"{known} AND w.observed_at >= m.starts_at AND w.observed_at < following.starts_at"
    return f"""{_span(words)}
SELECT m.day AS month, {_WHO},
       before.follower_count AS start_count, {words.day("before.observed_at")} AS start_on,
       f.follower_count AS end_count, {words.day("f.observed_at")} AS end_on,
       CASE WHEN {is_near} THEN f.follower_count - before.follower_count END AS net_follower_change,
       CASE WHEN {is_near} THEN {percent} END AS growth_percent
FROM span c
JOIN branch b ON b.id = c.branch_id
JOIN calendar_day m ON m.day = m.month AND m.day BETWEEN {words.month("c.first_day")} AND c.last_day
JOIN calendar_day following ON following.day = {words.next_month("m.day")}
{words.newest_reading("before", "c.id", f"{known} AND w.observed_at < m.starts_at")}
{words.newest_reading("f", "c.id", in_the_month)}"""


_COMMUNITY = {
    "community_id": "Номер сообщества",
    "branch_code": "Короткое имя организации",
    "network": "Сеть для отбора: vk, facebook",
    "network_name": "Сеть словами",
    "title": "Название сообщества; пусто — ещё не прочитано",
    "url": "Ссылка на сообщество",
}
_WHAT = (
    "known — число известно, withheld — сеть его скрыла, not_seen — {when} сообщество прочитать не удалось"
)

LATEST = View(
    "v_followers_latest",
    "Подписчики сейчас: одна строка — одно сообщество из списка.",
    {
        **_COMMUNITY,
        "follower_count": "Подписчиков, человек, при последнем чтении; пусто — число неизвестно",
        "post_count": "Публикаций по счёту самой сети; пусто — сеть его не сообщила",
        "seen_at": "Когда прочитано; пусто — ни разу",
        "what": _WHAT.format(when="ни разу"),
    },
    _latest,
    key=("community_id",),
)

DAILY = View(
    "v_followers_daily",
    "Подписчики по дням: одна строка — одно сообщество и один день, от первого чтения до последнего обхода. Дни, "
    "в которые сообщество не читали, помечены, и числа в них нет.",
    {
        "day": "День по московскому времени",
        **_COMMUNITY,
        "follower_count": "Подписчиков, человек, при последнем изменении или первом чтении в этот день; "
        "пусто — число неизвестно",
        "what": _WHAT.format(when="в этот день"),
        "observed_at": "Когда сеть дала этот ответ; пусто — в этот день не читали",
        "run_id": "Номер обхода или загрузки, из которых взято число; пусто — в этот день не читали",
    },
    _daily,
    "day",
    key=("community_id", "day"),
)

MONTHLY = View(
    "v_growth_monthly",
    "Прирост подписчиков по месяцам: одна строка — одно сообщество и один месяц.",
    {
        "month": "Первый день месяца",
        **_COMMUNITY,
        "start_count": "Подписчиков перед началом месяца, по последнему известному замеру; пусто — замеров не было",
        "start_on": "День этого замера",
        "end_count": "Подписчиков в конце месяца, по последнему замеру в нём; пусто — в этом месяце замеров нет",
        "end_on": "День этого замера",
        "net_follower_change": "Прирост, человек: второе число без первого; пусто — одно из них неизвестно или первое "
        "старше 31 дня до начала месяца",
        "growth_percent": "Прирост в процентах от первого числа; пусто — прирост неизвестен или первое число — ноль",
    },
    _monthly,
    "month",
    key=("community_id", "month"),
)

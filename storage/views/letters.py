"""The view of silences."""

from __future__ import annotations

from storage.views.dialect import View, Words


def _silences(words: Words) -> str:
    return f"""
SELECT e.id AS silence_id, b.code AS branch_code, b.name AS branch_name,
       {words.at("e.silent_since")} AS silent_since, {words.at("e.detected_at")} AS detected_at,
       {words.at("e.resumed_at")} AS resumed_at, e.end_reason AS end_reason,
       {words.days(words.day("e.counted_from"), words.day("coalesce(e.resumed_at, e.confirmed_at)"))}
         AS days_without_posts,
       e.threshold_days AS threshold_days, {words.at("e.last_post_at")} AS last_post_at,
       e.last_post_network AS last_post_network, e.last_post_url AS last_post_url,
       {words.at("e.acknowledged_at")} AS acknowledged_at, e.acknowledged_by AS acknowledged_by,
       (SELECT count(*) FROM outbox_message o WHERE o.silence_id = e.id AND o.status = 'sent'
          AND o.redirected_to IS NULL) AS sent_letter_count
FROM silence e
JOIN branch b ON b.id = e.branch_id"""


SILENCES = View(
    "v_silences",
    "Молчания: одна строка — один раз, когда организация замолчала. Пока оно длится, времени возобновления нет.",
    {
        "silence_id": "Номер молчания",
        "branch_code": "Короткое имя организации",
        "branch_name": "Полное название организации",
        "silent_since": "Когда истёк допустимый срок без публикаций (дни каникул не считаются)",
        "detected_at": "Когда молчание обнаружено и доказано",
        "resumed_at": "Когда закончилось: время новой публикации, а для withdrawn и retired — когда это увидела "
        "программа; пусто — длится",
        "end_reason": "Чем закончилось: posted — публикацией, withdrawn — изменились правила или список сообществ, "
        "retired — организация исключена; пусто — длится",
        "days_without_posts": "Дней от последней публикации (а если их не было — от первого чтения) до конца молчания; "
        "если оно длится — до последней проверки",
        "threshold_days": "Сколько дней без публикаций допускалось",
        "last_post_at": "Когда вышла последняя публикация перед молчанием; пусто — публикаций не видели",
        "last_post_network": "В какой сети она вышла: vk, facebook; пусто — публикаций не видели",
        "last_post_url": "Ссылка на неё; пусто — публикаций не видели",
        "acknowledged_at": "Когда ответили «знаем, занимаемся»; пусто — не отвечали",
        "acknowledged_by": "Кто ответил и как; пусто — не отвечали",
        "sent_letter_count": "Сколько писем об этом молчании отправлено (без пробных)",
    },
    _silences,
    "silent_since",
    key=("silence_id",),
)

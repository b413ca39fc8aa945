"""Writes docs/data-dictionary.md from what the views say of themselves: `python -m storage.views.document`."""

from __future__ import annotations

from pathlib import Path

from storage.views import VIEWS

FILE = Path("docs/data-dictionary.md")

_INTRODUCTION = """\
# Словарь данных

Что можно спросить у базы на языке SQL. Эти представления (views) не меняют имён и столбцов; всё остальное в базе —
внутреннее устройство программы, и оно меняется. Готовые запросы — на странице [queries.md](queries.md).

- Все дни и часы — по московскому времени.
- Пусто (NULL) значит «неизвестно». Неизвестное никогда не заменяется нулём, а ноль всегда настоящий.
- В PostgreSQL представления читает отдельная роль, которая ничего другого не может: её заводит
  `collector db grant-readonly ИМЯ`. В SQLite откройте копию файла.

Страница составлена программой (`python -m storage.views.document`) из описаний, которые стоят и в самой базе.
"""


def document() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    for view in VIEWS:
        rows = "".join(f"| `{name}` | {words} |\n" for name, words in view.columns.items())
        parts.append(f"## {view.name}\n\n{view.comment}\n\n| столбец | что в нём |\n|---|---|\n{rows}")
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(document())

"""Owns what a branch's entry may hold: its keys, their types and bounds, and the JSON Schema for editors.

Titles and descriptions are in Russian: the people who write the file see them in their editor. Mistakes are
in English, as all that the program says on a terminal.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, Field, ValidationInfo, field_validator

from collector.branches.entries import Entry, keys_of
from collector.branches.mistakes import nearest, shown
from collector.branches.values import (
    AddressText,
    Code,
    Count,
    Day,
    Days,
    Email,
    Kind,
    Name,
    Role,
    Word,
    wrong,
)
from collector.domain.model import Address
from collector.networks.base import AddressError, Network

_LONGEST_PAUSE = timedelta(days=366)


def installed_network(value: str, info: ValidationInfo) -> str:
    """A network's name, if one of the context's bears it. Raises PydanticCustomError else."""
    installed: dict[str, Network] = info.context or {}
    name = value.lower()
    if name not in installed:
        known = ", ".join(sorted(installed))
        other = {
            "вк": "vk",
            "вконтакте": "vk",
            "vkontakte": "vk",
            "fb": "facebook",
            "фейсбук": "facebook",
        }.get(name)
        hint = f"did you mean {other}?" if other in installed else nearest(name, sorted(installed))
        raise wrong(f"{shown(value)} is no installed network; there are {known}", hint)
    return name


class CommunityEntry(Entry):
    """Where a community is: a network and what a person pastes from the browser."""

    network: Word = Field(title="Сеть", description="Социальная сеть: vk, facebook или другая установленная")
    address: AddressText = Field(
        title="Адрес",
        description="Ссылка из браузера, короткое имя или номер сообщества: https://vk.com/club123",
    )

    @field_validator("network")
    @classmethod
    def _installed(cls, value: str, info: ValidationInfo) -> str:
        return installed_network(value, info)

    @field_validator("address")
    @classmethod
    def _parsed(cls, value: str, info: ValidationInfo) -> Address | None:
        network: Network | None = (info.context or {}).get(info.data.get("network"))
        if network is None:
            return None  # The network is told as the mistake.
        try:
            return network.parse_address(value)
        except AddressError as error:
            raise wrong(str(error)) from None  # It says what would be right.


class ContactEntry(Entry):
    """A person to write to."""

    role: Role = Field(
        title="Роль",
        description="chair: председатель; administrator: администратор сообществ; department: информационный отдел",
    )
    name: Name = Field(title="Имя, отчество и фамилия")
    email: Email = Field(
        title="Электронная почта", description="Один адрес, без имени и скобок: vao@example.org"
    )


class PauseEntry(Entry):
    """Days on which nobody is expected to post."""

    starts_on: Day = Field(alias="from", title="Первый день", description="Год-месяц-день: 2026-07-01")
    ends_on: Day = Field(alias="to", title="Последний день", description="Входит в перерыв: 2026-08-25")
    reason: Name = Field(title="Причина", description="Например: каникулы")

    @field_validator("ends_on")
    @classmethod
    def _not_before_its_start(cls, ends_on: date, info: ValidationInfo) -> date:
        starts_on = info.data.get("starts_on")
        if starts_on is not None and ends_on < starts_on:
            raise wrong(f"{ends_on} is before the pause begins on {starts_on}", "exchange the two days")
        if starts_on is not None and ends_on - starts_on > _LONGEST_PAUSE:
            raise wrong(
                f"a pause of {(ends_on - starts_on).days} days, in which nobody would hear of a silence",
                "correct the years; a pause lasts a year at most",
            )
        return ends_on


class BranchEntry(Entry):
    """A branch of the union with its contacts and communities."""

    code: Code = Field(
        title="Код", description="Короткое неизменное обозначение: ВАО. По нему ведётся история"
    )
    name: Name = Field(title="Название", description="Полное название организации")
    kind: Kind = Field(
        title="Вид",
        description="city: городская; territorial: территориальная; primary: первичная организация",
    )
    parent: Code | None = Field(default=None, title="Вышестоящая", description="Код вышестоящей организации")
    primary_count: Count | None = Field(
        default=None, title="Число первичных организаций", description="Пропустите, если неизвестно"
    )
    silence_threshold_days: Days | None = Field(
        default=None,
        title="Порог молчания, дней",
        description="Через сколько дней без публикаций наступает молчание; иначе как у вышестоящей",
    )
    pauses: list[PauseEntry] = Field(
        default=[], title="Перерывы", description="Дни, когда публикаций не ждут: каникулы"
    )
    contacts: list[ContactEntry] = Field(default=[], title="Контакты", description="Кому писать")
    communities: list[CommunityEntry] = Field(
        default=[], title="Сообщества", description="Сообщества в соцсетях"
    )


class BranchesFile(Entry):
    """The whole file; it is read entry by entry, this is its schema for editors."""

    branches: list[BranchEntry] = Field(min_length=1, title="Организации")


_MODELS: dict[str, type[BaseModel]] = {
    "pauses": PauseEntry,
    "contacts": ContactEntry,
    "communities": CommunityEntry,
}


def keys_at(path: tuple[str | int, ...]) -> list[str]:
    """The keys that may stand where `path`, within a branch's entry, leads."""
    return keys_of(_MODELS.get(str(path[0]), BranchEntry) if path else BranchEntry)


def branches_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the branches file, for editors; stricter checks are made when it is loaded."""
    schema = BranchesFile.model_json_schema(by_alias=True)
    titles = {
        "BranchEntry": ("Организация", "Городская, территориальная или первичная организация"),
        "ContactEntry": ("Контакт", "Человек, которому пишут"),
        "PauseEntry": ("Перерыв", "Дни, когда публикаций не ждут"),
        "CommunityEntry": ("Сообщество", "Сообщество в социальной сети"),
    }
    for name, (title, description) in titles.items():
        schema["$defs"][name] |= {"title": title, "description": description}
    schema |= {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Организации и сообщества",
        "description": "Файл организаций профсоюза: кто они, кому писать, какие у них сообщества",
        "patternProperties": {"^x-": {"description": "Заготовки для ссылок (&имя, *имя)"}},
    }
    return schema

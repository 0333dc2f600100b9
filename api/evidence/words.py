"""Words of reports and requests in the languages that papers are written in."""

from __future__ import annotations

import tomllib
from datetime import datetime, tzinfo
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("words.toml")


class Language(StrEnum):
    """What a paper may be written in."""

    RU = "ru"
    KK = "kk"
    EN = "en"


class Words:
    """The texts of one language."""

    def __init__(self, said: dict[str, Any]) -> None:
        self._said = said

    def __call__(self, key: str, **values: object) -> str:
        """A text with its places filled; what is filled in is never looked at for places of its own."""
        text: str = self._said[key]
        return text.format(**values) if values else text

    def status(self, name: str) -> str:
        """An address's status."""
        return str(self._said["statuses"].get(name, name))

    def kind(self, name: str) -> str:
        """An address's kind."""
        return str(self._said["kinds"].get(name, name))


@cache
def words(language: Language) -> Words:
    """The texts of a language."""
    return Words(tomllib.loads(FILE.read_text("utf-8"))[language])


def shown(moment: datetime, zone: tzinfo) -> str:
    """A moment as papers write it, to the minute and with its distance from UTC."""
    local = moment.astimezone(zone)
    offset = local.strftime("%z")
    return f"{local:%d.%m.%Y %H:%M} ({offset[:3]}:{offset[3:]})"


def short(moment: datetime, zone: tzinfo) -> str:
    """The same for tables whose head names the zone."""
    return f"{moment.astimezone(zone):%d.%m.%Y %H:%M}"

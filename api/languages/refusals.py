"""Refusals in the reader's language."""

from __future__ import annotations

from typing import Any

from babel.numbers import format_decimal

from api.languages.language import translations
from api.languages.words import word

STATUSES = {"address_status", "other_status", "wanted", "allowed"}
"""Facts that name where an address stands, as programs call it."""

MIB = 2**20


def in_words(body: dict[str, Any], language: str | None) -> str:
    """What a problem's body says, in a language; as the program says it where no catalogue has its code.

    A translation names the facts that it needs, as in `Не больше {limit} фотографий.` Statuses are given in words,
    lists with commas between, and whoever has `limit_bytes` has `limit_mib` too.
    """
    detail, code = str(body.get("detail", "")), str(body.get("code", ""))
    if language in {None, "en"} or not code:
        return detail
    said = str(translations(str(language)).upgettext("problem", code))
    if said == code:
        return detail
    try:
        return said.format_map(_readable(body, str(language)))
    except (LookupError, ValueError, AttributeError):
        return detail


def _readable(body: dict[str, Any], language: str) -> dict[str, Any]:
    facts = {name: _value(name, value, language) for name, value in body.items()}
    if isinstance(body.get("limit_bytes"), int):
        facts["limit_mib"] = format_decimal(float(f"{body['limit_bytes'] / MIB:.3g}"), locale=language)
    return facts


def _value(name: str, value: Any, language: str) -> Any:
    if isinstance(value, list | tuple):
        return ", ".join(str(_value(name, each, language)) for each in value)
    return word(translations(language), "status", value) if name in STATUSES else value

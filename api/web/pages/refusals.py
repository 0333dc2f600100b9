"""Refusals in the reader's language."""

from __future__ import annotations

from typing import Any

from api.web.pages.language import translations


def in_words(body: dict[str, Any], language: str | None) -> str:
    """What a problem's body says, in a language; as the program says it where no catalogue has its code.

    A translation names the facts that it needs, as in `Не больше {limit_mib} МиБ.`
    """
    detail, code = str(body.get("detail", "")), str(body.get("code", ""))
    if language in {None, "en"} or not code:
        return detail
    said = str(translations(str(language)).upgettext("problem", code))
    if said == code:
        return detail
    try:
        return said.format_map(body)
    except (LookupError, ValueError, AttributeError):
        return detail

"""What the pages say, and what the catalogues do not have: `python -m api.web.pages.messages` lists it."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.extract import extract, extract_from_dir
from babel.messages.pofile import read_po

from api.errors import PHOTO_STATUS, PhotoRefused, Problem
from api.languages.language import CATALOGUES, LANGUAGES
from api.languages.words import WORDS

HERE = Path(__file__).parent
TEMPLATES = HERE.parent / "templates"
SOURCE = "en"
"""The language that the programs are written in: its words are the catalogues' keys."""

FROM_HTTP = {"bad_request", "method_not_allowed"}
"""Codes of refusals that come from the framework."""

COMMANDS = {"api.demo", "api.exchange.backup", "api.intake.folder", "api.watchlist.training"}
"""Modules whose refusals only commands give, which speak English: a test run may have imported them or not."""

Message = tuple[str | None, str | tuple[str, str]]
"""(context, text) or (context, (one, many))."""


def said() -> set[Message]:
    """Everything that templates, pages and refusals say."""
    found: set[Message] = set()
    options = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
    for _path, _line, text, _comments, context in extract_from_dir(
        TEMPLATES, method_map=[("**.html", "jinja2")], options_map={"**.html": options}
    ):
        found.add(_message(context, text))
    for path in sorted(HERE.glob("*.py")):
        with path.open("rb") as file:
            for _line, text, _comments, context in extract("python", file, keywords={"_": None, "ngettext": (1, 2)}):
                found.add(_message(context, text))
    found |= {(of, english) for of, values in WORDS.items() for english in values.values()}
    return found | {("problem", code) for code in codes()}


def _message(context: str | None, text: str | tuple[str, ...]) -> Message:
    return (context, text if isinstance(text, str) else (text[0], text[1]))


def codes() -> set[str]:
    """The codes of all refusals that the server of the modules that were imported may give."""
    return {kind.__new__(kind).code for kind in kinds()} | {error.code for error in PHOTO_STATUS} | FROM_HTTP


def kinds() -> list[type[Problem]]:
    """Every class of such refusals, but the one for photos, whose code is vision's."""
    waiting, found = [Problem], []
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if (
            kind not in {Problem, PhotoRefused}
            and kind.__module__.startswith("api.")
            and kind.__module__ not in COMMANDS
        ):
            found.append(kind)
    return found


def translated(code: str) -> dict[Message, tuple[str, ...]]:
    """What a language's catalogues have, each message with its forms.

    A message may stand in several catalogues, so that one is whole by itself; ValueError where they do not agree.
    """
    found: dict[Message, tuple[str, ...]] = {}
    for path in sorted((CATALOGUES / code).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=code)
        for entry in catalogue:
            if not entry.id:
                continue
            message = _message(entry.context, entry.id if isinstance(entry.id, str) else tuple(entry.id))
            forms = entry.string if isinstance(entry.string, tuple | list) else (entry.string,)
            words = ("",) if entry.fuzzy else tuple(str(form or "") for form in forms)
            if found.setdefault(message, words) != words:
                raise ValueError(f"{code}/{path.name}: {message} is {found[message]} in another catalogue")
    return found


def missing(code: str) -> list[Message]:
    """What is said and has no translation into a language, in order."""
    has = translated(code)
    return sorted((message for message in said() if not all(has.get(message, ("",)))), key=str)


def unused(code: str) -> list[Message]:
    """What a language's catalogues have and nobody says, in order."""
    return sorted(set(translated(code)) - said(), key=str)


def main() -> int:
    """List what is missing and what nobody says any more; 1 if there is anything."""
    import api.app  # noqa: PLC0415 - with the server, so that every refusal has been defined
    import api.web.server  # noqa: F401, PLC0415

    found = 0
    for code in LANGUAGES:
        if code == SOURCE:
            continue
        for what, messages in (("missing", missing(code)), ("unused", unused(code))):
            for context, text in messages:
                found += 1
                print(f"{code} {what}: {f'[{context}] ' if context else ''}{text}")  # noqa: T201 - a command
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

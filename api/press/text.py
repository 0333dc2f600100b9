"""The month as a text, from a template in one of three languages.

A template is a text file with Jinja in it; the press office may put its own beside ours (docs/press.md). It is filled
in Jinja's sandbox and sees sums alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from api.errors import Problem
from api.evidence.words import Language
from api.languages.language import Writing, translations
from api.languages.words import word
from api.press.service import Press, Sums

OURS = Path(__file__).parent / "templates"
LARGEST_BYTES, LONGEST_TEXT = 2**16, 2**16
FORMS = {Language.RU: ("one", "few", "many"), Language.KK: ("one", "other"), Language.EN: ("one", "other")}
"""What forms of a word `plural` is given in each language; a fraction takes the second one: 2 часа, 2,5 часа."""

MISTAKES = (TemplateError, LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError)


class PressTemplateUnusable(Problem):
    """A template that no text can be made from: the operator's to mend."""

    status = 409

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"The template {name} cannot be used: {why}. Tell the administrator: WALLWATCH_PRESS__TEMPLATES names its"
            " folder, and `wallwatch templates` writes one that works."
        )
        self.template = name
        self.why = why


def name_of(language: Language) -> str:
    """What the template of a language is called."""
    return f"press-{language}.txt"


def press_text(told: Press, language: Language, zone: ZoneInfo, folder: Path | None) -> str:
    """The text of a month, ending with one line break. PressTemplateUnusable.

    The operator's templates are in the folder; a file that is not there is ours.
    """
    name = name_of(language)
    theirs = folder / name if folder else None
    source = _source(theirs if theirs is not None and theirs.exists() else OURS / name)
    try:
        pieces = _environment(language, zone).from_string(source).generate(_said(told, language, zone))
        text = ""
        for piece in pieces:
            text += piece
            if len(text) > LONGEST_TEXT:
                raise PressTemplateUnusable(name, f"its text is longer than {LONGEST_TEXT} characters")
    except MISTAKES as error:
        raise PressTemplateUnusable(name, _what(error)) from error
    # Babel's narrow space shows as a box where fonts are old.
    text = re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text.replace("\u202f", "\xa0"))).strip()
    if not text:
        raise PressTemplateUnusable(name, "it gives no text")
    return text + "\n"


def plural(language: Language) -> Callable[..., str]:
    """A function that chooses a word's form for a number: `plural(5, "стена", "стены", "стен")` is `стен`."""
    names, locale = FORMS[language], Locale.parse(str(language))

    def choose(count: float, *forms: str) -> str:
        if len(forms) != len(names):
            raise ValueError(f"plural() needs {len(names)} forms in {language} ({', '.join(names)}), not {len(forms)}")
        form = locale.plural_form(abs(count))
        return forms[names.index(form) if form in names else 1]

    return choose


def _source(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise PressTemplateUnusable(path.name, f"it cannot be read ({error.strerror or error})") from error
    if len(data) > LARGEST_BYTES:
        raise PressTemplateUnusable(path.name, f"it is larger than {LARGEST_BYTES // 2**10} KiB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PressTemplateUnusable(path.name, "it is not UTF-8: save it as such") from error


def _environment(language: Language, zone: ZoneInfo) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    writing = Writing(str(language), zone)
    environment.filters |= {
        "number": writing.number,
        "percent": writing.percent,
        "day": writing.day,
        "moment": writing.moment,
    }
    environment.globals |= {"plural": plural(language)}
    return environment


def _said(told: Press, language: Language, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "now": _month(told.now, language),
        "before": _month(told.before, language),
        "is_whole": told.is_whole,
        "made_at": told.made_at,
        "zone": zone.key,
    }


def _month(sums: Sums, language: Language) -> dict[str, Any]:
    """What a template calls `now` and `before`: the sums, and the month in words."""
    hours = sums.hours_to_painted
    return asdict(sums) | {
        "month": _named(sums.first, language),
        "year": sums.first.year,
        "channels": [(word(translations(language), "report channel", name), n) for name, n in sums.by_channel.items()],
        "walls_painted_share": sums.walls_painted_share,
        "hours_to_painted": None if hours is None else round(hours, 1),
        "is_empty": sums.is_empty,
    }


def _named(first: date, language: Language) -> str:
    """The month's name in the nominative, as it is written within a sentence."""
    return format_date(first, "MMMM" if language is Language.KK else "LLLL", locale=str(language))


def _what(error: Exception) -> str:
    """What went wrong and, where it is known, in which line of the template."""
    line = error.lineno if isinstance(error, TemplateSyntaxError) else None
    step = error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == "<template>":
            line = step.tb_lineno
        step = step.tb_next
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return f"line {line}: {said}" if line else said

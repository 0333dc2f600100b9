"""Languages of the pages: catalogues of words, and how dates and numbers are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

LANGUAGES: Mapping[str, str] = {"ru": "Русский", "kk": "Қазақша", "en": "English"}
"""Codes, and what each language calls itself; the first is the one of whoever did not choose."""

CATALOGUES = Path(__file__).parent / "locale"


@cache
def translations(code: str) -> Translations:
    """All catalogues of a language as one: `locale/CODE/*.po`. English is what the programs say themselves."""
    joined = Translations()
    for path in sorted((CATALOGUES / code).glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=code))
        compiled.seek(0)
        one = Translations(compiled)
        joined.merge(one)
        joined.plural = one.plural  # Babel joins the words alone; catalogues of one language have one rule
    return joined


def chosen(cookie: str | None, accepted: str | None) -> str:
    """A language: the one in the cookie, else the first of ours in `Accept-Language`, else Russian."""
    if cookie in LANGUAGES:
        return str(cookie)
    return first_of_ours(accepted) or next(iter(LANGUAGES))


def first_of_ours(accepted: str | None) -> str | None:
    """The language of ours that an `Accept-Language` header likes best; None if it names none."""
    liked = []
    for place, part in enumerate((accepted or "").split(",")[:20]):
        name, _, weight = part.strip().partition(";q=")
        code = name.partition("-")[0].lower()
        try:
            weighs = float(weight or 1)
        except ValueError:
            continue
        if code in LANGUAGES and weighs > 0:
            liked.append((-weighs, place, code))
    return min(liked)[2] if liked else None


@dataclass(frozen=True, slots=True)
class Writing:
    """How a language writes times and numbers, for readers in one time zone."""

    code: str
    zone: ZoneInfo

    @property
    def locale(self) -> Locale:
        """Babel's locale; English as it is written in Britain, the day before the month."""
        return Locale.parse("en_GB" if self.code == "en" else self.code)

    def moment(self, when: datetime | None) -> str:
        """Day and time, such as `4 мая 2026 г., 09:15`; a dash for none."""
        return format_datetime(when, "d MMM y, HH:mm", tzinfo=self.zone, locale=self.locale) if when else "—"

    def day(self, when: datetime | date | None) -> str:
        """A day, such as `4 мая 2026 г.`; a dash for none."""
        if when is None:
            return "—"
        local = when.astimezone(self.zone).date() if isinstance(when, datetime) else when
        return format_date(local, "long", locale=self.locale)

    def month(self, when: datetime | date) -> str:
        """A month by its name, such as `май 2026 г.`."""
        local = when.astimezone(self.zone).date() if isinstance(when, datetime) else when
        return format_date(local, "LLLL y", locale=self.locale)

    def ago(self, when: datetime, now: datetime) -> str:
        """How long ago, in one unit, such as `3 дня назад`."""
        return format_timedelta(when - now, add_direction=True, locale=self.locale)

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with its thousands grouped, at most so many digits after the comma; a dash for none."""
        if value is None:
            return "—"
        return _decimal(round(value, digits), self.locale)

    def percent(self, share: float | None, digits: int = 0) -> str:
        """A share of 1 in percent; a dash for none."""
        if share is None:
            return "—"
        return _percent(share, digits, self.locale)


@lru_cache(maxsize=20_000)
def _decimal(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=20_000)
def _percent(share: float, digits: int, locale: Locale) -> str:
    return format_percent(share, format="#,##0." + "#" * digits + " %" if digits else None, locale=locale)

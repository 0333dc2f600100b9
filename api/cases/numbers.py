"""Numbers of cases in one form.

ЕРДР (the register of pre-trial investigations) numbers are 15 digits, the year's last two first. КУИ (the police's
book of what was reported) has numbers of 15 digits of the same making where the book is kept electronically, and
elsewhere a running number that begins anew every year: kept as `number/year`. We found no public text that lays the
forms down; this module is the one place that knows them.
"""

from __future__ import annotations

import re
import unicodedata

from api.errors import Problem
from models import CaseBook

EXPECTED = {
    CaseBook.ERDR: "15 digits, the first two of them the year, such as 261234567890123",
    CaseBook.KUI: "a running number with its year, such as 4711/2026, or 15 digits that begin with the year",
}
LONG = re.compile(r"(\d{2})\d{13}")
YEARLY = re.compile(r"0*(\d{1,7})/(\d{4})")
WORDS = re.compile(r"^(ердр|єрдр|erdr|куи|kui|сдтбт|ақк)?[\s:.]*(№|no\.?|n\.?|#)?\s*", re.IGNORECASE)
FIRST_YEAR = 1998  # the criminal procedure code that brought both books in their present form came into force then


class CaseNumberRefused(Problem):
    """A number that the register does not give."""

    status = 422

    def __init__(self, book: CaseBook, why: str) -> None:
        super().__init__(f"This is no number of the register {book}: {why}. It is {EXPECTED[book]}.")
        self.book, self.expected = str(book), EXPECTED[book]


def case_number(book: CaseBook, text: str, *, year_now: int) -> str:
    """The number in its one form, without the register's name, № and spaces. CaseNumberRefused."""
    plain = WORDS.sub("", unicodedata.normalize("NFKC", text).strip(), count=1)
    plain = re.sub(r"\s*(?:от|from)\s+(?:\d{1,2}\.\d{1,2}\.)?(\d{4})\s*(?:г\.?|года)?$", r"/\1", plain)
    number = re.sub(r"[\s\u00ad-]", "", plain)
    if not number:
        raise CaseNumberRefused(book, "it is empty")
    if not number.isascii() or re.search(r"[^\d/]", number):
        raise CaseNumberRefused(book, "it holds something other than digits")
    if found := LONG.fullmatch(number):
        _check_year(book, 2000 + int(found[1]), year_now)
        return number
    if book is CaseBook.KUI and (found := YEARLY.fullmatch(number)):
        if int(found[1]) == 0:
            raise CaseNumberRefused(book, "there is no number 0")
        _check_year(book, int(found[2]), year_now)
        return f"{found[1]}/{found[2]}"
    if book is CaseBook.KUI and number.isdigit() and len(number) <= 7:
        raise CaseNumberRefused(book, "the year is missing, and numbers begin anew every year")
    raise CaseNumberRefused(book, f"it has {len(re.sub(r'[^0-9]', '', number))} digits")


def _check_year(book: CaseBook, year: int, year_now: int) -> None:
    if not FIRST_YEAR <= year <= year_now + 1:
        raise CaseNumberRefused(book, f"its year would be {year}")

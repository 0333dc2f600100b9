"""A PDF page by page: fonts that have our letters, text that is never markup, pictures, tables. No links, ever.

fpdf2 writes text as it is given, and a link only where one is asked for; nothing here asks.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.fonts import FontFace
from PIL import Image

from vision.annotate import FONT as SANS

MONO = Path(__file__).parent / "fonts" / "DejaVuSansMono.ttf"
MARGIN_MM, FOOT_MM = 15.0, 16.0
TEXT_PT, SMALL_PT = 9.5, 7.5
LINE = 0.48
"""The height of a line in millimetres for each point of its font."""
INK, GREY, RULE = (20, 24, 32), (95, 103, 115), (190, 196, 204)
ALL_PAGES = "⟨n⟩"
"""Stands for the number of pages until it is known; `printable` never gives it."""


class Paper(FPDF):
    """An A4 document whose foot names it on every page."""

    def __init__(self, *, title: str, language: str, made_at: datetime, foot: Callable[[int, str], str]) -> None:
        super().__init__(format="A4")
        self._foot = foot
        self.str_alias_nb_pages = ALL_PAGES
        self.set_margins(MARGIN_MM, MARGIN_MM)
        self.set_auto_page_break(True, FOOT_MM + 4)
        for family, file in (("sans", SANS), ("mono", MONO)):
            self.add_font(family, fname=file)
        self.set_creation_date(made_at)
        self.set_title(title)
        self.set_lang(language)
        self.set_producer("WallWatch")
        self.add_page()
        self.ink()

    def footer(self) -> None:
        """The foot of a page; fpdf2 calls it."""
        self.set_y(-FOOT_MM)
        self.ink(SMALL_PT - 1, colour=GREY)
        self.multi_cell(0, 3.2, self._foot(self.page_no(), ALL_PAGES), align="C")

    def ink(self, size_pt: float = TEXT_PT, *, family: str = "sans", colour: tuple[int, int, int] = INK) -> None:
        """Choose what the next text is written with."""
        self.set_font(family, size=size_pt)
        self.set_text_color(*colour)

    def heading(self, text: str, *, size_pt: float = 13, stays_with_mm: float = 12) -> None:
        """A heading that stays with so much of what follows it."""
        self.keep_together(14 + stays_with_mm)
        self.ln(2.5)
        self.ink(size_pt)
        self.multi_cell(0, size_pt * LINE, printable(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self.set_draw_color(*RULE)
        self.line(self.l_margin, self.get_y() + 0.6, self.w - self.r_margin, self.get_y() + 0.6)
        self.ln(2.5)
        self.ink()

    def text_block(
        self, text: str, *, size_pt: float = TEXT_PT, family: str = "sans", align: str = "L", is_grey: bool = False
    ) -> None:
        """Lines of text, wrapped; words longer than a line are broken."""
        self.ink(size_pt, family=family, colour=GREY if is_grey else INK)
        self.multi_cell(0, size_pt * LINE, printable(text), new_x="LMARGIN", new_y="NEXT", align=align)
        self.ink()

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """Names and what they stand for, in two columns without rules."""
        self.grid([(), *rows], widths=(34, 66), borders="NONE", size_pt=TEXT_PT - 0.5)

    def grid(
        self,
        rows: Sequence[Sequence[str]],
        *,
        widths: Sequence[float],
        borders: str = "HORIZONTAL_LINES",
        size_pt: float = SMALL_PT,
        mono: Sequence[int] = (),
    ) -> None:
        """A table; the first row is its head, again on every page. Columns in `mono` are of equally wide letters."""
        self.ink(size_pt)
        self.set_draw_color(*RULE)
        self.set_fill_color(255)
        face = FontFace(family="mono", size_pt=size_pt - 0.5)
        head, *body = rows
        with self.table(
            col_widths=tuple(widths),
            borders_layout=borders,
            line_height=size_pt * LINE,
            first_row_as_headings=bool(head),
            headings_style=FontFace(color=GREY),
            text_align="LEFT",
            padding=(0.9, 1.0),
            markdown=False,
        ) as table:
            for row in [head, *body] if head else body:
                line = table.row()
                for column, cell in enumerate(row):
                    line.cell(printable(cell), style=face if column in mono and row is not head else None)
        self.ln(2)
        self.ink()

    def keep_together(self, height_mm: float) -> None:
        """Begin a new page unless so much room is left."""
        if self.will_page_break(height_mm):
            self.add_page()

    def picture(self, jpeg: bytes, *, width_mm: float, height_mm: float) -> None:
        """A picture no wider and no higher than this, at the left margin; not torn over two pages."""
        wide, tall = size_mm(jpeg, width_mm=width_mm, height_mm=height_mm)
        self.keep_together(tall)
        self.image(io.BytesIO(jpeg), x=self.l_margin + self.c_margin, w=wide, h=tall)
        self.ln(1.5)

    def as_bytes(self) -> bytes:
        """The finished document."""
        return bytes(self.output())


def size_mm(jpeg: bytes, *, width_mm: float, height_mm: float) -> tuple[float, float]:
    """How wide and high a picture becomes when it fits into this."""
    with Image.open(io.BytesIO(jpeg)) as opened:
        wide, tall = opened.size
    scale = min(width_mm / wide, height_mm / tall)
    return wide * scale, tall * scale


@cache
def _letters() -> frozenset[int]:
    """What both fonts can show."""
    found: list[set[int]] = []
    for file in (SANS, MONO):
        with TTFont(file, lazy=True) as font:
            found.append(set(font.getBestCmap()))
    return frozenset(found[0] & found[1])


def printable(text: Any) -> str:
    """The text with what cannot be seen, or has no letter in the fonts, as ⟨U+202E⟩: what is printed is unambiguous."""
    return "".join(_shown(each) for each in str(text))


def _shown(letter: str) -> str:
    if letter == "\n":
        return letter
    is_hidden = unicodedata.category(letter)[0] in "CM" or letter in "⟨⟩" or (letter.isspace() and letter != " ")
    if is_hidden or ord(letter) not in _letters():
        return f"⟨U+{ord(letter):04X}⟩"
    return letter

"""Letters from templates: a DOCX that a person can still edit, and the same as a PDF.

A template is a DOCX with Jinja in it (docxtpl). It belongs to the department; what is filled in belongs to strangers:
it is filled in once, escaped, and never looked at as a template. A template is rendered in Jinja's sandbox.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.opc.exceptions import OpcError
from docx.table import Table
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment
from lxml.etree import LxmlError

from api.errors import Problem
from api.evidence.paper import TEXT_PT, Paper
from api.evidence.words import Language, Words
from api.requests.defaults import MONO

OURS = Path(__file__).parent / "templates"
LARGEST_BYTES, LARGEST_UNPACKED_BYTES = 5 * 2**20, 30 * 2**20
ALIGNED = {0: "L", 1: "C", 2: "R", 3: "L"}
LANGUAGES = (Language.RU, Language.KK)


class TemplateUnusable(Problem):
    """A template that no letter can be made from: the department's to mend."""

    status = 409

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"The template {name} cannot be used: {why}. Tell the administrator: WALLWATCH_REQUESTS__TEMPLATES names"
            " its folder, and `wallwatch templates` writes one that works."
        )
        self.template = name


def docx_letter(folder: Path | None, language: Language, said: Mapping[str, Any]) -> bytes:
    """A letter as DOCX. TemplateUnusable, also when the template leaves an address out."""
    path = _template(folder, language)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TemplateUnusable(path.name, f"it cannot be read ({error.strerror or error})") from error
    _check(path.name, data)
    environment = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    try:
        template = DocxTemplate(io.BytesIO(data))
        template.render(dict(said), environment, autoescape=True)
        out = io.BytesIO()
        template.save(out)
        texts = set(_texts(Document(io.BytesIO(out.getvalue()))))
    except (
        TemplateError,
        OpcError,
        LxmlError,
        zipfile.BadZipFile,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise TemplateUnusable(path.name, " ".join(str(error).split())[:200] or type(error).__name__) from error
    except (ArithmeticError, RecursionError) as error:
        raise TemplateUnusable(path.name, "it computes something that cannot be computed") from error
    for each in said["addresses"]:
        if not any(each["value"] in text for text in texts):
            raise TemplateUnusable(path.name, "it does not print the addresses: {{ a.value }} is missing")
    return out.getvalue()


def _template(folder: Path | None, language: Language) -> Path:
    name = f"blocking-{language}.docx"
    theirs = folder / name if folder else None
    return theirs if theirs is not None and theirs.exists() else OURS / name


def _check(name: str, data: bytes) -> None:
    """Refuse what is no plain DOCX: macros, parts from elsewhere, bombs."""
    if len(data) > LARGEST_BYTES:
        raise TemplateUnusable(name, f"it is larger than {LARGEST_BYTES // 2**20} MiB")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = parts.infolist()
            if sum(part.file_size for part in names) > LARGEST_UNPACKED_BYTES:
                raise TemplateUnusable(name, f"it unpacks to more than {LARGEST_UNPACKED_BYTES // 2**20} MiB")
            macros = [part.filename for part in names if "vba" in part.filename.lower()]
            types = parts.read("[Content_Types].xml").lower()
            links = [part for part in names if part.filename.endswith(".rels") and b"External" in parts.read(part)]
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise TemplateUnusable(name, "it is no DOCX file") from error
    if macros or b"macroenabled" in types:
        raise TemplateUnusable(name, "it holds macros")
    if links:
        raise TemplateUnusable(name, "it refers to something outside of it (a link, a picture or a template elsewhere)")


def _texts(document: Any) -> Iterator[str]:
    """Every paragraph's text, also of tables."""
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield from (cell.text for cell in row.cells)
        else:
            yield block.text


def pdf_letter(docx: bytes, *, language: Language, made_at: datetime, words: Words, title: str) -> bytes:
    """The text of a letter as PDF: paragraphs as they are aligned, tables with their heads; no links."""
    paper = Paper(title=title, language=language, made_at=made_at, foot=lambda n, pages: words("page", n=n, all=pages))
    for block in Document(io.BytesIO(docx)).iter_inner_content():
        if isinstance(block, Table):
            rows = [[cell.text for cell in row.cells] for row in block.rows]
            paper.grid(rows, widths=_widths(rows), borders="ALL", size_pt=TEXT_PT - 1.5, mono=_mono(block))
        else:
            align = ALIGNED.get(int(block.alignment or 0), "L")
            paper.text_block(block.text or " ", align=align, size_pt=TEXT_PT + (1.5 if _is_bold(block) else 0.5))
            paper.ln(1.5)
    return paper.as_bytes()


def _widths(rows: list[list[str]]) -> list[int]:
    """Columns as wide as what is in them, within reason: no short word is broken."""
    return [min(64, max(6, *(_wide(row[column]) for row in rows))) for column in range(len(rows[0]))]


def _wide(text: str) -> int:
    lines = [0, *map(len, text.splitlines())]
    words = [0, *map(len, text.split())]
    return max(*lines, max(words) + 3)


def _mono(table: Table) -> list[int]:
    """Columns whose letters are to be told apart."""
    last = table.rows[-1].cells
    return [n for n, cell in enumerate(last) if any(run.font.name == MONO for p in cell.paragraphs for run in p.runs)]


def _is_bold(paragraph: Paragraph) -> bool:
    return any(run.bold for run in paragraph.runs)

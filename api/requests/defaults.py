"""Our templates of requests to block, drawn anew: `python -m api.requests.defaults FOLDER`.

What is shipped in `templates/` was written by this; departments edit a copy in a word processor.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Pt

MONO = "Courier New"
"""Told apart from the rest by what turns a letter into a PDF: equally wide letters."""

RU = {
    "to": "Кому: {{ recipient }}",
    "reference": "Исх. № {{ reference }} от {{ date }}",
    "title": "ЗАПРОС об ограничении доступа",
    "body": "На фотографиях надписей, которыми рекламируют незаконный оборот наркотиков, установлены перечисленные "
    "ниже адреса. Просим принять меры по ограничению доступа к ним. Адреса приведены знак в знак; открывать их не "
    "требуется.",
    "law": "Правовое основание: {{ legal_basis }}",
    "grounds": "Обстоятельства: {{ grounds }}",
    "addresses": "Адреса",
    "address_head": ["№", "Вид", "Адрес", "Наблюдений", "Впервые", "В последний раз"],
    "places": "Где и когда замечены (последние наблюдения)",
    "place_head": ["№ адреса", "Когда", "Где (широта, долгота)"],
    "attachments": "Приложения",
    "attachment_head": ["№", "Наименование", "SHA-256"],
    "answer": "О принятых мерах просим сообщить: {{ contact }}",
    "signatory": "{{ signatory_position }}          ____________________          {{ signatory_name }}",
    "made": "Составлено программой WallWatch {{ made_at }}; время по поясу {{ zone }}.",
}
KK = {
    "to": "Кімге: {{ recipient }}",
    "reference": "Шығ. № {{ reference }}, {{ date }}",
    "title": "Қолжетімділікті шектеу туралы СҰРАУ САЛУ",
    "body": "Есірткінің заңсыз айналымын жарнамалайтын қабырға жазуларының фотосуреттерінен төменде аталған "
    "мекенжайлар анықталды. Оларға қолжетімділікті шектеу шараларын қабылдауыңызды сұраймыз. Мекенжайлар таңбасына "
    "дейін дәл берілген; оларды ашудың қажеті жоқ.",
    "law": "Құқықтық негіз: {{ legal_basis }}",
    "grounds": "Мән-жайлар: {{ grounds }}",
    "addresses": "Мекенжайлар",
    "address_head": ["№", "Түрі", "Мекенжай", "Бақылау саны", "Алғаш рет", "Соңғы рет"],
    "places": "Қайда және қашан байқалды (соңғы бақылаулар)",
    "place_head": ["Мекенжай №", "Қашан", "Қайда (ендік, бойлық)"],
    "attachments": "Қосымшалар",
    "attachment_head": ["№", "Атауы", "SHA-256"],
    "answer": "Қабылданған шаралар туралы хабарлауыңызды сұраймыз: {{ contact }}",
    "signatory": "{{ signatory_position }}          ____________________          {{ signatory_name }}",
    "made": "WallWatch бағдарламасы {{ made_at }} жасады; уақыт {{ zone }} белдеуі бойынша.",
}
ADDRESS_CELLS = [
    "{{ a.number }}",
    "{{ a.kind }}",
    "{{ a.value }}",
    "{{ a.sightings }}",
    "{{ a.first_seen }}",
    "{{ a.last_seen }}",
]
PLACE_CELLS = ["{{ p.number }}", "{{ p.seen_at }}", "{{ p.place }}"]
ATTACHMENT_CELLS = ["{{ f.number }}", "{{ f.name }}", "{{ f.sha256 }}"]


def template(words: dict[str, Any]) -> Any:
    """A template in these words, as a python-docx document."""
    made = Document()
    made.core_properties.author = "WallWatch"
    made.core_properties.title = words["title"]
    made.core_properties.created = made.core_properties.modified = datetime(2026, 1, 1, tzinfo=UTC)
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin, section.right_margin, section.top_margin = Cm(2.5), Cm(1.5), Cm(2)
    made.styles["Normal"].font.name, made.styles["Normal"].font.size = "Times New Roman", Pt(12)
    made.add_paragraph(words["to"]).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.add_paragraph(words["reference"])
    title = made.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.add_run(words["title"]).bold = True
    for name in ("body", "law", "grounds", "addresses"):
        made.add_paragraph(words[name])
    _rows(made, words["address_head"], "a in addresses", ADDRESS_CELLS, mono=2)
    made.add_paragraph(words["places"])
    _rows(made, words["place_head"], "p in places", PLACE_CELLS)
    made.add_paragraph("{%p if attachments %}")
    made.add_paragraph(words["attachments"])
    _rows(made, words["attachment_head"], "f in attachments", ATTACHMENT_CELLS, mono=2)
    made.add_paragraph("{%p endif %}")
    for name in ("answer", "signatory"):
        made.add_paragraph(words[name])
    made.add_paragraph().add_run(words["made"]).font.size = Pt(9)
    return made


def _rows(made: Any, head: list[str], loop: str, cells: list[str], *, mono: int | None = None) -> None:
    """A table with a row for each of something: the rows that hold only a tag go when it is filled."""
    table = made.add_table(rows=4, cols=len(head))
    table.style = "Table Grid"
    for column, text in enumerate(head):
        table.cell(0, column).text = text
    table.cell(1, 0).text = f"{{%tr for {loop} %}}"
    for column, text in enumerate(cells):
        run = table.cell(2, column).paragraphs[0].add_run(text)
        run.font.size = Pt(10)
        if column == mono:
            run.font.name = MONO
    table.cell(3, 0).text = "{%tr endfor %}"


def write(folder: Path) -> None:
    """Write every template into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for language, words in (("ru", RU), ("kk", KK)):
        template(words).save(str(folder / f"blocking-{language}.docx"))


if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""The report of a pack: letters, numbers, pictures and page breaks, without a database."""

import io
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pypdf
import pypdfium2
import pytest

from api.evidence.charts import clustered, nice, ranges
from api.evidence.paper import printable
from api.evidence.pictures import side_for
from api.evidence.report import Made, report
from api.evidence.subjects import About, Picture, Seen, Subject
from api.evidence.words import FILE, Language, words
from tests.api.pictures import jpeg
from tests.api.walls import BOX

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
KAZAKH = "ӘәҒғҚқҢңӨөҰұҮүҺһІі"
SENT_TO = f"«Ведомство» {KAZAKH} {{n}} ⟨n⟩"
EXACT = "qz_Il1O0_" + "tuman" * 12 + ".biz"


def sighting(n, **changed):
    facts = {
        "number": n, "id": f"{n:032x}", "address_id": "a" * 32, "kind": "domain", "value": EXACT, "inscription_id": "w",
        "read_kind": "domain", "read_value": EXACT, "fused": None,
        "report_id": f"r{n}", "photo": f"{n:064x}", "finding_id": f"f{n}", "box": BOX, "text": "https://evil.example/x",
        "lat": 54.87 + n / 1000, "lon": 69.15 + n * n / 10_000, "accuracy_m": 12.0, "place_source": "typed",
        "seen_at": AT + timedelta(hours=5 * n), "received_at": AT + timedelta(hours=5 * n + 1), "channel": "upload",
        "received_from": f"Ұйым {KAZAKH}", "confidence": 0.93, "state": "confirmed",
    }  # fmt: skip
    return Seen(**facts | changed)


def subject(count):
    step = {
        "number": 1, "at": AT, "by": "investigator", "from_status": "confirmed", "to_status": "sent",
        "reason": "я" * 900,
        "recipient": SENT_TO, "sent_at": AT,
        "reference": "17-05/4711",
    }  # fmt: skip
    address = {
        "id": "a" * 32, "kind": "domain", "value": EXACT, "punycode": None, "status": "sent", "tlp": "amber",
        "cases": [{"book": "kui", "number": "4711/2026"}], "steps": [step] * 3,
        "aliases": [],
    }  # fmt: skip
    photos = [Picture(f"{n:064x}", 9, "image/jpeg", AT, {}, ()) for n in range(1, count + 1)]
    seen = [sighting(n) for n in range(1, count + 1)]
    return Subject(About.ADDRESS, "a" * 32, EXACT, "amber", (address,), tuple(seen), tuple(photos), 2, None)


def made(language):
    return Made(AT, "investigator", "WallWatch 0.1.0", "ab " * 8, UTC, "UTC", Language(language))


@pytest.fixture(scope="module")
def small():
    """Reports of three photos, by language; the second photo cannot be opened."""
    picture = jpeg(1)
    return {
        language: report(
            subject(3),
            made(language),
            boxed=lambda sha256: None if sha256.endswith("2") else picture,
            crop=lambda name: None if name.endswith("2") else picture,
            crops={f"{n:032x}": f"{n}" * 64 for n in (1, 3)},
        )
        for language in Language
    }


def pages(data):
    return pypdf.PdfReader(io.BytesIO(data)).pages


def text_of(data):
    """All text without spaces and line breaks, which are where lines happen to end."""
    return "".join("".join(page.extract_text() for page in pages(data)).split())


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_a_report_has_every_letter_and_the_exact_address(small, language):
    text = text_of(small[language])
    assert KAZAKH in text
    assert EXACT in text
    said = tomllib.loads(FILE.read_text("utf-8"))[language]
    for key in (
        "title",
        "map",
        "time_line",
        "sightings",
        "steps",
        "photos",
        "hashes",
        "reduced",
        "no_picture",
        "left_out",
    ):
        assert "".join(said[key].split()) in text, key
    for expected in ("54.871000,69.150100", f"{1:064x}", "3" * 64, "17-05/4711", "TLP:AMBER", "4711/2026"):
        assert expected in text, expected


ITSELF = {
    "ru": "снова замечен на фото, полученном после блокировки",
    "kk": "бұғаттаудан кейін түскен фотода қайта байқалды",
}


def reopened(count):
    """A subject of so many addresses, each opened again by the program, in a case with a long number."""
    plain = subject(3)
    step = plain.addresses[0]["steps"][0] | {
        "by": None, "from_status": "blocked", "to_status": "reappeared", "reason": "seen again on a new photo",
        "recipient": None,
    }  # fmt: skip
    case = {"book": "erdr", "number": "261234567890123"}
    facts = {"value": "qz_tuman_lis_77", "cases": [case], "steps": [step]}
    each = plain.addresses[0] | facts
    sightings = tuple(replace(one, value="qz_tuman_lis_77") for one in plain.sightings)
    return replace(plain, name="qz_tuman_lis_77", addresses=(each,) * count, sightings=sightings)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_a_report_says_nothing_in_another_language_and_breaks_no_word_or_number(language):
    data = report(reopened(4), made(language), boxed=lambda _: None, crop=lambda _: None, crops={})
    said = "\n".join(page.extract_text() for page in pages(data))
    assert "".join(ITSELF[language].split()) in "".join(said.split())
    assert "seen again" not in said
    assert "ERDR" not in said
    assert {"261234567890123", words(Language(language))("confidence")} <= set(said.split())


@pytest.mark.parametrize("count", range(1, 12))
def test_a_heading_stays_with_the_plan_below_it(count):
    data = report(reopened(count), made("ru"), boxed=lambda _: None, crop=lambda _: None, crops={})
    (page,) = [page.extract_text() for page in pages(data) if "Схема мест" in page.extract_text()]
    assert "Схема без карты-основы" in page


def test_what_looks_like_a_place_to_fill_is_printed_as_it_is(small):
    text = text_of(small["ru"])
    assert "{n}⟨U+27E8⟩n⟨U+27E9⟩" in text
    count = len(pages(small["ru"]))
    assert f"стр.1из{count}" in text
    assert f"стр.{count}из{count}" in text


def test_no_address_in_a_report_is_a_link(small):
    for data in small.values():
        assert [page.get("/Annots") for page in pages(data)] == [None] * len(pages(data))
        assert not re.search(rb"/URI|/Launch|/JavaScript|/OpenAction\s*<<", data)


def test_the_letters_are_really_drawn(small):
    """The fonts travel with the report: a page drawn by another program shows ink where Kazakh words stand."""
    document = pypdfium2.PdfDocument(small["kk"])
    page = document[0]
    words = page.get_textpage()
    found = words.search("Орындар сұлбасы", match_case=True).get_next()
    assert found is not None
    boxes = [words.get_charbox(found[0] + n) for n in range(found[1])]
    picture = page.render(scale=3, grayscale=True).to_numpy()
    tall = picture.shape[0]
    for left, bottom, right, top in (box for box in boxes if box[3] - box[1] > 1):
        glyph = picture[tall - round(top * 3) : tall - round(bottom * 3), round(left * 3) : round(right * 3)]
        assert glyph.min() < 100
        assert 0.02 < (glyph < 160).mean() < 0.85  # a letter, and not the box that stands for a missing one
    document.close()


def test_three_hundred_sightings_stay_small_and_no_row_is_lost():
    picture = jpeg(2)
    data = report(subject(300), made("kk"), boxed=lambda _: picture, crop=lambda _: None, crops={})
    assert len(data) < 4 * 2**20
    document = pypdfium2.PdfDocument(data)
    text = "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)
    assert all(f"{n:064x}" in text for n in range(1, 301))
    assert len(document) < 200
    assert [side_for(count) for count in (20, 80, 300)] == [1200, 800, 500]
    document.close()


def test_words_are_the_same_in_every_language():
    said = tomllib.loads(FILE.read_text("utf-8"))
    shapes = [
        {key: set(re.findall(r"{\w+}", text)) for key, text in told.items() if isinstance(text, str)}
        for told in said.values()
    ]
    assert shapes[0] == shapes[1] == shapes[2]
    assert all(
        told[table].keys() == said["ru"][table].keys() for told in said.values() for table in ("statuses", "kinds")
    )


def test_what_cannot_be_seen_is_named():
    assert printable("a\u202eb\u200bc\x00d中\u0301") == "a⟨U+202E⟩b⟨U+200B⟩c⟨U+0000⟩d⟨U+4E2D⟩⟨U+0301⟩"
    assert printable(KAZAKH + "Ёё №«»—") == KAZAKH + "Ёё №«»—"


def test_small_helpers_of_the_charts():
    assert ranges([1, 2, 3, 5, 7, 8]) == "1–3, 5, 7–8"
    assert [nice(each) for each in (0, 1.9, 4, 49, 120, 7000)] == [1, 1, 2, 20, 100, 5000]
    assert clustered([(0, 0, 1), (1, 0, 2), (9, 0, 3)]) == [(0, 0, [1, 2]), (9, 0, [3])]

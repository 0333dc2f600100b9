"""Import: a file of addresses with a dry run and progress, photos from the desk, and what was imported before."""

import threading

import pytest
from sqlalchemy import func, select

from api.exchange.incoming import service as incoming
from api.exchange.incoming import staging
from models import Address, Import, Report
from tests.api.pages.conftest import PHONE
from tests.api.pictures import jpeg

NASTY = "<img src=x onerror=alert(1)>"
NAMES = [f"qz_tuman_lis_{n:02}" for n in range(40)]
FILE = ("value,kind\n" + "".join(f"{name},telegram\n" for name in NAMES) + f'"{NASTY}",telegram\n').encode()
THEIRS = {"name": f"{NASTY}.csv", "mimeType": "text/csv", "buffer": FILE}


@pytest.fixture
def held(monkeypatch):
    """Holds an import (not a dry run) after its first batch, until it is let go."""
    go_on, batch = threading.Event(), incoming._batch

    def wait(*arguments):
        told = batch(*arguments)
        assert arguments[-1].import_id is None or go_on.wait(30)
        return told

    monkeypatch.setattr(incoming, "_batch", wait)
    monkeypatch.setattr(staging, "BATCH", 20)
    yield go_on
    go_on.set()


def many(services, table):
    with services.reading_unit() as unit:
        return unit.session.scalar(select(func.count()).select_from(table))


def test_a_file_is_looked_at_first_and_then_taken_in_while_its_progress_survives_a_reload(
    visit, accessible, services, held
):
    page = visit("investigator", color_scheme="dark")
    page.goto("/import")
    assert page.get_by_role("button", name="Import", exact=True).is_disabled()
    page.get_by_label("File", exact=True).set_input_files(THEIRS)
    page.get_by_role("button", name="See what it would do").click()
    card = page.locator("#run")
    card.get_by_text("Nothing was changed yet.").wait_for()
    assert card.get_by_role("heading").inner_text() == f"{NASTY}.csv"
    assert card.locator("dl").inner_text().split() == ["added", "40", "merged", "0", "known", "0", "refused", "1"]
    (refusal,) = card.locator("details[data-fate=refused] tbody tr").all()
    assert refusal.locator("td").nth(2).inner_text() == NASTY
    assert "only Latin letters" in refusal.inner_text()
    card.locator("summary").filter(has_text="added: 40").click()
    assert card.locator("details[data-fate=added] tbody tr").count() == 40
    accessible(page)
    assert many(services, Address) == 0

    page.get_by_label("Format").select_option("csv")
    assert page.get_by_role("button", name="Import", exact=True).is_disabled()
    page.get_by_label("Format").select_option("")
    page.get_by_role("button", name="Import", exact=True).click()
    card.get_by_text("Taking in: 1 of 41").wait_for()
    page.reload()
    card.get_by_text("Taking in: 1 of 41").wait_for()
    assert page.locator("main li a").inner_text() == f"{NASTY}.csv"
    held.set()
    card.get_by_text("The import is finished.").wait_for()
    page.reload()
    card.get_by_text("Entries in the file: 41").wait_for()
    row = page.get_by_role("region", name="Earlier imports").locator("tbody tr")
    assert [text.strip() for text in row.locator("td").all_inner_texts()][1:] == [
        f"{NASTY}.csv", "investigator", "CSV table", "finished", "40", "0", "0", "1",
    ]  # fmt: skip
    assert many(services, Address) == 40


def test_photos_from_the_desk_are_sent_one_by_one_and_what_is_refused_is_listed(visit, accessible, services):
    page = visit("investigator", size=PHONE, language="en", color_scheme="light")
    page.goto("/import")
    form = page.locator("#photos")
    form.get_by_label("Photos", exact=True).set_input_files(
        [
            {"name": "own.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1, gps=(54.87, 69.15))},
            {"name": f"{NASTY}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(2)},
            {"name": "nowhere.jpg", "mimeType": "image/jpeg", "buffer": jpeg(3)},
            {"name": "moving.gif", "mimeType": "image/gif", "buffer": b"GIF89a"},
        ]
    )
    table = f'file;lat;lon;note\r\n"{NASTY}.jpg";54,9;69,2;"{NASTY} ""ұлы"""\r\ngone.jpg;54,9;69,2;\r\n'.encode()
    form.get_by_label("Table of places").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": table})
    page.allow(422)
    form.get_by_role("button", name="Send", exact=True).click()
    said = page.locator("#sending-said")
    said.get_by_text("All done: 2 sent, 3 refused, 0 not sent").wait_for()
    rows = {row.locator("td").nth(0).inner_text(): row.inner_text() for row in page.locator("#sending tbody tr").all()}
    assert rows.keys() == {"own.jpg", f"{NASTY}.jpg", "nowhere.jpg", "moving.gif", "gone.jpg"}
    assert "needs coordinates" in rows["nowhere.jpg"]
    assert "Not a photo" in rows["moving.gif"]
    assert "was not chosen" in rows["gone.jpg"]
    with services.reading_unit() as unit:
        sent = {(row.lat, row.lon, row.note) for row in unit.session.scalars(select(Report))}
    assert sent == {(54.87, 69.15, None), (54.9, 69.2, f'{NASTY} "ұлы"')}
    with page.expect_download() as saved:
        form.get_by_role("button", name="Refused ones as CSV").click()
    lines = saved.value.path().read_text("utf-8-sig").splitlines()
    assert (lines[0], len(lines), '"moving.gif"' in "".join(lines)) == ('"File","Why"', 4, True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)

    page.reload()
    said.get_by_text("So it stood when the page was left: 2 sent, 3 refused").wait_for()
    form.get_by_label("Photos", exact=True).set_input_files(
        {"name": "own.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1, gps=(54.87, 69.15))}
    )
    form.get_by_role("button", name="Send", exact=True).click()
    said.get_by_text("All done: 1 sent").wait_for()
    assert many(services, Report) == 2


def test_what_cannot_be_read_is_said_where_the_progress_was(visit, services):
    page = visit("investigator", language="ru")
    page.allow(404)
    page.goto("/import?run=nothing-known")
    page.get_by_text("Об этом импорте здесь больше ничего не известно.").wait_for()
    page.locator("#file").set_input_files({"name": "a.xlsx", "mimeType": "application/x", "buffer": b"\0\1"})
    page.get_by_role("button", name="Посмотреть, что он сделает").click()
    page.get_by_text("Ничего не импортировано: этот файл не удалось прочитать.").wait_for()
    assert many(services, Import) == 0
    assert many(services, Address) == 0

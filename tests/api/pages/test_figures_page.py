"""The figures of a month: what they are, that they print on two pages at most, and that no address is in them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models import Address
from tests.api.pages.conftest import PHONE
from tests.api.world import some_world


@pytest.fixture
def world(services, accounts, clock):
    some_world(services, accounts["officer"], reports=200)
    clock.move(seconds=(datetime(2024, 6, 5, 8, tzinfo=UTC) - clock.now()) / timedelta(seconds=1))
    return services


def test_the_last_whole_month_is_shown_and_prints_on_two_pages_at_most(visit, accessible, world, client):
    page = visit("supervisor", color_scheme="dark")
    page.goto("/figures")
    assert page.get_by_role("heading", level=1).inner_text() == "Figures for the month: May 2024"
    accessible(page)
    asked = {"by": "month", "since": "2024-04-01", "until": "2024-05-31"}
    before, now = client("supervisor").get("/v1/statistics", params=asked).json()["periods"]
    row = page.get_by_role("row", name="Sightings").first
    shown = row.locator("td").all_inner_texts()
    assert shown[:2] == [str(now["sightings"]), str(before["sightings"])]
    page.get_by_role("link", name="April 2024").click()
    page.wait_for_url("**month=2024-04")
    page.get_by_role("link", name="May 2024").click()
    page.wait_for_url("**month=2024-05")

    press = page.get_by_role("region", name="Text for the press")
    assert "Drug advertising on walls: May 2024\n\nIn May 2024, " in press.inner_text()
    with page.expect_download() as saved:
        press.get_by_role("link", name="Қазақша").click()
    assert saved.value.suggested_filename == "press-2024-05-kk.txt"
    assert Path(saved.value.path()).read_text("utf-8").startswith("Қабырғалардағы есірткі жарнамасы: 2024 жылғы мамыр")
    copied = press.get_by_role("button", name="Copy").get_attribute("data-copy")
    assert copied == client("supervisor").get("/v1/press/2024-05/text?language=en").text

    page.emulate_media(media="print", color_scheme="dark")
    assert not press.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.bar')).display") == "none"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert not page.get_by_role("button", name="Print").is_visible()
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) in {1, 2}
    widths = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox\s*\[([^\]]*)\]", paper)}
    assert {(round(width), round(height)) for _, _, width, height in widths} == {(595, 842)}


def test_a_telephone_shows_it_and_no_address_is_named(visit, accessible, world):
    page = visit("investigator", size=PHONE, language="ru", color_scheme="light")
    page.goto("/figures?month=2024-03")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)
    with world.reading_unit() as unit:
        values = [row.value for row in unit.session.query(Address)]
    text = page.content()
    assert [value for value in values if value in text] == []


def test_a_month_that_is_none_is_refused(browser):
    supervisor = browser("supervisor")
    for month in ("2024-13", "2024", "0000-01", "9999-12", "1970-01", "2024-05-01", "<b>", "٢٠٢٤-٠٥"):
        answer = supervisor.get("/figures", params={"month": month}, headers={"Accept": "text/html"})
        assert (answer.status_code, "<b>" in answer.text) == (422, False), month


def test_a_month_without_anything_and_one_that_is_not_over(browser, clock):
    supervisor = browser("supervisor")
    nothing = supervisor.get("/figures?month=2031-01", headers={"Accept-Language": "en"})
    assert (nothing.status_code, "Nothing was seen." in nothing.text) == (200, True)
    this = supervisor.get(f"/figures?month={clock.now():%Y-%m}", headers={"Accept-Language": "en"})
    assert "This month is not over" in this.text
    assert ["Text for the press" in each.text for each in (nothing, this)] == [False, True]

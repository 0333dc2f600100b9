"""The pages of walls: found by filters, painted over, split and merged again."""

import pytest

from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pages.conftest import PHONE
from tests.api.pages.world import HOSTILE, SHOP, everywhere, walls
from tests.api.photographed import photographed
from tests.api.wall_pictures import LAT, LON, bare, jpeg
from tests.api.walls import finding


@pytest.fixture
def ids(services, accounts, clock):
    found = walls(services, accounts)
    clock.move(days=20)
    data = jpeg(bare(5, side=320))
    photographed(services, accounts["officer"], finding(SHOP), data=data, lat=LAT, lon=LON, hours=3)
    clock.move(days=32)
    return found


def dialog(page):
    return page.locator("dialog[open]")


def test_a_wall_is_found_painted_over_looked_at_before_and_after_and_opened_again(visit, ids, accessible):
    page = visit("investigator", size=PHONE)
    page.goto("/walls")
    page.locator("#walls-map .map-dot").first.wait_for()
    assert page.locator("#walls > li").count() >= 4
    everywhere(page, accessible)
    page.get_by_label("Around").fill(f"{LAT},{LON},50")
    page.get_by_role("button", name="Show", exact=True).click()
    page.wait_for_url("**circle=*")
    assert page.get_by_label("Around").input_value() == f"{LAT},{LON},50"
    page.locator("#walls").get_by_role("link", name="Open the wall").last.click()
    page.get_by_role("heading", name="Wall at").wait_for()
    page.get_by_role("button", name="It was painted over").click()
    dialog(page).get_by_label("When").fill("2026-03-10T10:00")
    dialog(page).get_by_label("Why").fill(f"the work order says so {HOSTILE}")
    dialog(page).get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Before and after").wait_for()
    page.locator("#wall-map .map-dot").wait_for()
    page.locator("#timeline-title").scroll_into_view_if_needed()
    page.locator("#timeline").get_by_text("the work order says so").wait_for()
    assert page.locator("img[src=x], main script").count() == 0
    everywhere(page, accessible)
    page.get_by_role("button", name="It was not painted over").click()
    dialog(page).get_by_label("Why").fill("another wall was meant")
    dialog(page).get_by_role("button", name="Take the last mark back").click()
    page.get_by_role("heading", name="Before and after").wait_for(state="detached")

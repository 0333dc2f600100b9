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
    page.locator("#photos figure").first.wait_for()  # it comes late and pushes down what is below it
    page.locator("#timeline").scroll_into_view_if_needed()
    page.locator("#timeline").get_by_text("the work order says so").wait_for()
    assert page.locator("img[src=x], main script").count() == 0
    everywhere(page, accessible)
    page.get_by_role("button", name="It was not painted over").click()
    dialog(page).get_by_label("Why").fill("another wall was meant")
    dialog(page).get_by_role("button", name="Take the last mark back").click()
    page.get_by_role("heading", name="Before and after").wait_for(state="detached")


def test_photos_are_split_off_and_put_together_again(visit, ids):
    page = visit("investigator", language="en")
    page.goto(f"/walls?circle={LAT},{LON},50")
    page.get_by_role("link", name="Open the wall").click()
    whole = page.url
    page.get_by_label("shows something else").first.check()
    page.get_by_role("button", name="Split the chosen photos off").click()
    dialog(page).get_by_label("Why").fill("it is the wall beside it")
    dialog(page).get_by_role("button", name="Split off").click()
    page.wait_for_url(lambda url: "/walls/" in url and url != whole)
    page.locator("#near").scroll_into_view_if_needed()
    page.get_by_role("button", name="It is the same wall").click()
    dialog(page).get_by_label("Why").fill("it is this one after all")
    dialog(page).get_by_role("button", name="Merge").click()
    page.locator("#photos figure").nth(1).wait_for()
    assert page.locator("#photos figure").count() == 2


def test_walls_are_narrowed_as_the_api_narrows_them(browser, ids):
    http = browser("admin")
    counts = {
        query: http.get(f"/walls?{query}").text.count('<li class="card"')
        for query in ("", "state=painted", "since=&until=&state=&circle=", "since=2026-04-01", "until=2026-03-05")
    }
    assert list(counts.values()) == [4, 0, 4, 2, 1]
    assert http.get("/walls?circle=here").status_code == 422
    assert http.get("/walls?until=9999-12-31").status_code == 422
    assert http.get(f"/walls/{'0' * 32}").status_code == 404
    wall = http.get("/walls").text.split('href="/walls/')[1].split('"')[0]
    assert "<dialog" not in http.get(f"/walls/{wall}").text
    assert browser("officer").get("/walls").status_code == 403

"""The map in a browser: cells and single walls, filters in the address of the page, heat, dates, without a network."""

import json

import pytest

from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pages.conftest import DESK, PHONE
from tests.api.seen import see, wall
from vision.types import Kind

HOSTILE = "<img src=x onerror=alert(1)>"
OUTLINE = {"type": "Polygon", "coordinates": [[[66.5, 53], [71.5, 53], [71.5, 55.5], [66.5, 55.5], [66.5, 53]]]}


@pytest.fixture
def walls(services, accounts, clock):
    """Nine walls in a town and one far away, on two days."""
    for n in range(9):
        names = [wall("qz_tuman_lis_77"), wall(f"qz-sarai-{n}.biz", kind=Kind.DOMAIN)][: 1 + n % 2]
        see(services, accounts["officer"], *names, photo=f"p{n}", lat=54.86 + n / 500, lon=69.14 + n / 400)
    clock.move(days=20)
    see(services, accounts["officer"], wall(HOSTILE, kind=Kind.DOMAIN), photo="far", lat=54.1, lon=66.9)


def drawn(page, what):
    page.locator(f"#atlas[data-drawn={what}]").wait_for()


def said(page, text):
    page.locator("#sum", has_text=text).wait_for()


def test_walls_are_looked_at_narrowed_and_found_again(visit, walls, accessible):
    page = visit("supervisor", color_scheme="dark")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/map")
    drawn(page, "walls")
    said(page, "walls: 10, sightings: 14")
    assert page.locator("path.map-dot").count() == 10
    assert page.locator("canvas.map-grid, .map-grid canvas").count() > 0
    assert page.locator("#rows tr").count() == 10
    assert page.locator("#rows", has_text=HOSTILE).count() == 1
    accessible(page)
    dot = page.get_by_role("button", name=HOSTILE)
    dot.focus()
    dot.press("Enter")
    assert HOSTILE in page.locator(".leaflet-popup").inner_text()
    assert page.locator(".leaflet-popup a", has_text="Open the wall").get_attribute("href").startswith("/walls/")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="All places").click()  # to see the popup the map may have moved

    page.get_by_label("Kind").select_option("domain")
    said(page, "walls: 5, sightings: 5")
    page.get_by_label("Kind").select_option("")
    said(page, "walls: 10")
    page.get_by_label("Address", exact=True).press_sequentially("@qz_tu")
    page.get_by_role("option", name="qz_tuman_lis_77").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    said(page, "walls: 9, sightings: 9")
    assert "address=" in page.url
    page.get_by_label("Shown as").select_option("heat")
    drawn(page, "heat")
    assert page.locator("path.atlas-heat").count() > 0
    accessible(page)
    page.reload()
    drawn(page, "heat")
    said(page, "sightings: 9")
    page.locator("#chosen", has_text="qz_tuman_lis_77").wait_for()
    page.go_back()
    drawn(page, "walls")
    page.get_by_role("button", name="Any address").click()
    said(page, "walls: 10")
    page.get_by_label("From", exact=True).focus()
    page.keyboard.press("End")
    said(page, "walls: 1, sightings: 1")
    assert "since=2026-03-21" in page.url
    assert not any(url.endswith("/x") for url in asked)


def test_many_walls_are_gathered_and_taken_apart_by_looking_closer(visit, services, accounts):
    for n in range(12):
        place = {"lat": 54.6 + n % 4 / 10, "lon": 68.6 + n // 4 / 5}
        see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo=f"p{n}", **place)
    page = visit("investigator", size=PHONE, language="ru")
    page.route("**/v1/map?*", lambda route: route.continue_(url=f"{route.request.url}&limit=5"))
    page.goto("/map?at=54.75000,68.80000,8")
    drawn(page, "cells")
    clusters = page.locator(".atlas-cluster")
    assert sum(int(text) for text in clusters.all_inner_texts()) == 12
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#rows button").first.click()
    page.wait_for_url(lambda url: not url.endswith("=54.75000,68.80000,8"))
    page.goto("/map?at=54.75000,68.80000,8")
    clusters.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("=54.75000,68.80000,8"))
    page.goto("/map?at=54.60000,68.60000,12")
    drawn(page, "walls")
    assert page.locator("path.map-dot").count() == 1


def test_the_outline_of_the_settings_is_drawn_and_an_empty_map_says_so(visit, make_services, tmp_path, accessible):
    page = visit("investigator", size=PHONE, language="kk")
    page.goto("/map")
    drawn(page, "nothing")
    page.locator("#bare").wait_for()
    assert page.locator("path.map-outline").count() == 0
    assert page.locator("path.map-region").count() == 1
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture
def outline(tmp_path):
    """Writes an outline; its path."""

    def write(text):
        path = tmp_path / "outline.geojson"
        path.write_text(text if isinstance(text, str) else json.dumps(text), "utf-8")
        return path

    return write


def test_an_outline_is_served_as_it_is(make_services, outline, password_hash):
    from starlette.testclient import TestClient

    from api.app import create_app
    from models import Account, Role
    from tests.api.words import PASSWORD

    collection = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": OUTLINE}]}
    services = make_services(web={"outline": outline(collection)})
    with services.unit() as unit:
        now = unit.clock.now()
        account = Account(name="x", role=Role.INVESTIGATOR, password_hash=password_hash, created_at=now)
        account.password_changed_at = now
        unit.session.add(account)
    with TestClient(create_app(services)) as browser:
        browser.post("/v1/session", json={"name": "x", "password": PASSWORD})
        assert 'data-outline="/map/outline"' in browser.get("/map").text
        answer = browser.get("/map/outline")
    assert (answer.json(), answer.headers["content-type"]) == (collection, "application/geo+json")


def test_without_an_outline_there_is_none_to_be_had(browser):
    assert browser("investigator").get("/map/outline").status_code == 404


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ({"type": "FeatureCollection", "features": []}, "nothing to draw"),
        ([OUTLINE], "'None'"),
        ({"type": "Point", "coordinates": [69, 54]}, "'Point'"),
        ({"type": "Polygon", "coordinates": [[[69, 154]]]}, "coordinates"),
        ({"type": "Polygon", "coordinates": [[["69", "54"]]]}, "coordinates"),
        ({"type": "Feature", "geometry": None}, "'None'"),
        (" " * (2 * 2**20 + 1), "larger than 2 MiB"),
    ],
)
def test_an_outline_that_cannot_be_drawn_is_refused_at_the_start(make_services, outline, text, says):
    with pytest.raises(ValueError, match=says):
        make_services(web={"outline": outline(text)})
    with pytest.raises(ValueError, match="cannot be read"):
        make_services(web={"outline": outline("").with_name("nowhere.json")})

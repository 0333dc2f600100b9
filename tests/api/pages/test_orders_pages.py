"""The pages of work orders, territories and signed links, in a browser: whole journeys, on a phone and at a desk."""

import json

import pytest

from api.cleanup.after import Checked, settle_check, unchecked
from models import WorkOrder
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.orders import show
from tests.api.pages.conftest import PHONE
from tests.api.pages.world import everywhere, orders, walls
from tests.api.wall_pictures import LAT, LON, bare, jpeg

PAINTED = {"name": "IMG.jpg", "mimeType": "image/jpeg", "buffer": jpeg(bare(8))}


@pytest.fixture
def ids(services, accounts, client):
    """A territory with a chat, and an order of a wall that lies in it."""
    walls(services, accounts)
    return orders(services, client("investigator"))


def row_of(services, order_id):
    with services.reading_unit() as unit:
        return unit.session.get_one(WorkOrder, order_id)


def test_an_order_goes_by_a_link_to_somebody_without_an_account_and_comes_back_painted(
    visit, ids, services, accessible
):
    _territory, order_id = ids
    officer = visit("officer", size=PHONE)
    officer.goto("/orders")
    officer.get_by_role("link", name="Open work order No. 1").click()
    officer.get_by_role("heading", name="Work order No. 1").wait_for()
    everywhere(officer, accessible)
    officer.get_by_role("button", name="Make a link and copy it").click()
    officer.get_by_label("Link", exact=True).wait_for()
    address = officer.get_by_label("Link", exact=True).input_value()
    assert row_of(services, order_id).state == "sent"

    show(services, row_of(services, order_id).photo_sha256)
    chair = visit(None, size=PHONE, language="kk", place=None)
    chair.goto(address)
    chair.get_by_role("heading", name="№ 1 өтінім").wait_for()
    chair.locator("#wall-map .map-dot").wait_for()
    assert chair.evaluate("document.querySelector('.wall-picture img').naturalWidth") > 0
    everywhere(chair, accessible)
    chair.get_by_role("link", name="English").click()
    chair.get_by_role("button", name="We will do it").click()
    chair.get_by_text("When it is painted over, come back here").wait_for()
    chair.get_by_label("Photo of the painted wall").set_input_files(files=[PAINTED])
    chair.get_by_role("button", name="Send the photo").click()
    chair.get_by_text("The photo is compared with the earlier one now.").wait_for()
    assert chair.context.cookies() == []
    everywhere(chair, accessible)

    with services.unit() as unit:
        (photo,) = unchecked(unit, limit=5)
        settle_check(unit, services.settings, order_id, photo.photo_sha256, Checked("unclear", 0.62))
    officer.goto("/orders")
    officer.get_by_role("link", name="1 photo waits for a decision").click()
    officer.get_by_role("link", name="Open work order No. 1").click()
    officer.get_by_text("score 62%").wait_for()
    everywhere(officer, accessible)
    officer.get_by_role("button", name="It is not painted over").click()
    dialog = officer.locator("dialog[open]")
    dialog.get_by_label("Why").fill("half of it is still there")
    dialog.get_by_role("button", name="Save").click()
    officer.get_by_text("found not to be painted over").wait_for()
    assert row_of(services, order_id).state == "accepted"
    officer.on("dialog", lambda asked: asked.accept())
    officer.get_by_role("button", name="End earlier links").click()
    officer.get_by_text("Earlier links were ended.").wait_for()
    chair.allow(404)
    chair.goto(f"{address}?lang=en")
    chair.get_by_role("heading", name="does not work").wait_for()
    everywhere(chair, accessible)


def test_a_held_wall_gets_no_order_until_it_is_released_and_the_order_is_sent_to_the_chat(visit, ids, services, client):
    page = visit("investigator")
    page.goto(f"/walls?circle={LAT},{LON},5000")
    page.locator("#walls").get_by_role("link", name="Open the wall").first.click()
    page.get_by_role("button", name="Hold: do not paint yet").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Why").fill("the laboratory needs the paint")
    dialog.get_by_role("button", name="Hold", exact=True).click()
    page.get_by_text("the laboratory needs the paint").first.wait_for()
    page.get_by_role("button", name="Make a work order").click()
    page.wait_for_url("**/orders/*")
    page.get_by_text("This wall is held").wait_for()
    assert page.get_by_role("button", name="Send to the chat").is_disabled()
    order_id = page.url.rsplit("/", 1)[1]
    page.get_by_role("link", name="The wall").click()
    page.get_by_role("button", name="Release: it may be painted over").click()
    dialog.get_by_label("Why").fill("it has what it needs")
    dialog.get_by_role("button", name="Release", exact=True).click()
    page.get_by_role("button", name="Hold: do not paint yet").wait_for()
    page.get_by_role("link", name="Work order No. 2").click()
    page.get_by_role("button", name="Give it to a territory").click()
    dialog.get_by_label("Territory").select_option(index=1)
    dialog.get_by_role("button", name="Save").click()
    page.get_by_text("by hand").wait_for()
    page.get_by_role("button", name="Send to the chat").click()
    page.locator("#steps").get_by_text("sent").wait_for()
    assert row_of(services, order_id).state == "sent"
    page.get_by_role("button", name="Withdraw it").click()
    dialog.get_by_label("Why").fill("another wall was meant")
    dialog.get_by_role("button", name="Save").click()
    page.locator("#steps").get_by_text("withdrawn").wait_for()
    assert row_of(services, order_id).state == "closed"


def test_territories_are_tried_taken_in_and_get_a_contact(visit, ids, accessible):
    page = visit("supervisor")
    page.goto("/territories")
    page.locator("#areas-map path").first.wait_for()
    ring = [[69.2, 54.9], [69.21, 54.9], [69.21, 54.91], [69.2, 54.91], [69.2, 54.9]]
    feature = {
        "type": "Feature",
        "properties": {"name": "<i>Двор</i> 78"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    broken = {
        "type": "Feature",
        "properties": {"name": "line"},
        "geometry": {"type": "LineString", "coordinates": ring},
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature, broken]}).encode()
    assert page.get_by_role("button", name="Take in", exact=True).is_disabled()
    page.get_by_label("GeoJSON file").set_input_files(
        files=[{"name": "areas.geojson", "mimeType": "application/geo+json", "buffer": content}]
    )
    page.get_by_role("button", name="See what it would do").click()
    page.get_by_text("Nothing was changed yet").wait_for()
    page.get_by_text("new: 1").wait_for()
    page.get_by_text("left out: 1").wait_for()
    everywhere(page, accessible)
    page.get_by_role("button", name="Take in", exact=True).click()
    page.get_by_text("This was done:").wait_for()
    page.get_by_role("link", name="<i>Двор</i> 78").click()
    page.locator("#areas-map path.leaflet-interactive").wait_for()
    page.get_by_text("Add a contact").click()
    page.get_by_label("Name", exact=True).fill("Председатель 78")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("/bind ").first.wait_for()
    everywhere(page, accessible)


def test_a_raid_list_is_a_way_that_can_be_printed(visit, ids, accessible):
    page = visit("officer", size=PHONE)
    page.goto("/orders/raid")
    page.get_by_role("button", name="Around me, 1 km").click()
    page.wait_for_url("**circle=54.87530*")
    page.locator("#raid-map .map-dot").first.wait_for()
    assert page.locator("#stops tbody tr").count() == 3
    everywhere(page, accessible)
    page.emulate_media(media="print")
    assert page.locator("#raid-map").is_hidden()
    assert page.locator("#stops").is_visible()
    page.emulate_media(media="screen")


def test_what_the_city_asked_for_is_attached_or_closed(visit, ids, client, accessible):
    http = client("officer")
    for fields in ({"lat": str(LAT), "long": str(LON)}, {"address_string": "ул. Тестовая, 79"}):
        sent = http.post("/open311/v2/requests.json", data={"service_code": "drug-ad-graffiti", **fields})
        assert sent.status_code == 201
    page = visit("officer", size=PHONE)
    page.goto("/orders/city")
    everywhere(page, accessible)
    page.get_by_role("button", name="It is this wall").first.click()
    page.get_by_role("button", name="It is this wall").wait_for(state="detached")
    page.get_by_role("button", name="Close without a work order").click()
    page.locator("dialog[open]").get_by_label("Why").select_option("not_found")
    page.locator("dialog[open]").get_by_role("button", name="Close", exact=True).click()
    page.get_by_text("Nothing waits.").wait_for()


def test_lists_are_narrowed_and_bad_addresses_refused(browser, ids, clock, client):
    territory, order_id = ids
    http = browser("officer")

    def count(query):
        answer = http.get(f"/orders?{query}")
        assert answer.status_code == 200, query
        return answer.text.count('class="card order"')

    assert count("") == count("state=open") == count(f"territory={territory}") == count("state=&territory=") == 1
    assert count("state=sent") == count("overdue=1") == count("unclear=1") == count("territory=x") == 0
    version = client("officer").get(f"/v1/orders/{order_id}").json()["version"]
    sent = client("officer").post(f"/v1/orders/{order_id}/steps", json={"version": version, "action": "send"})
    assert sent.status_code == 200
    clock.move(days=8)
    http = browser("officer")
    assert count("overdue=1") == count(f"overdue=1&territory={territory}") == 1
    assert http.get("/orders?state=lost").status_code == 422
    assert http.get("/orders?cursor=x").status_code == 422
    assert http.get(f"/orders/{'0' * 32}").status_code == 404
    for query in (
        "circle=here",
        "box=1,2",
        "territory=x",
        "circle=54.87,69.15,500&start=x",
        "circle=1,1,1&box=1,1,2,2",
    ):
        answer = http.get(f"/orders/raid?{query}")
        assert (answer.status_code, 'role="alert"' in answer.text) == (422, True), query

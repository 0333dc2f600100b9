"""Walls to look at: photos with names on them, over some months, near each other."""

import json

from sqlalchemy import select

from api.lifecycle.service import step
from models import Address, AddressStatus, Inscription
from tests.api.pages.conftest import DESK, PHONE
from tests.api.photographed import photographed
from tests.api.wall_pictures import LAT, LON, METRE, jpeg, plaster
from tests.api.walls import finding

SHOP, NEAR, OTHER = "qz_tuman_lis_7731", "qz_tuman_1is_7731", "qz_boran_kot_31"
HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'
DAY = 24
TOO_WIDE = """[...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > innerWidth)
  .map((one) => one.outerHTML.slice(0, 200))"""


def walls(services, accounts):
    """Three walls of a shop, one of a name near its own; by value, the ids of the addresses."""
    officer = accounts["officer"]
    for number, (names, north_m, days) in enumerate(
        [((SHOP, OTHER), 0, 0), ((SHOP,), 400, 9), ((SHOP, OTHER), 900, 47), ((NEAR,), 1500, 50)]
    ):
        found = [finding(name, text=f"@{name} {HOSTILE}") for name in names]
        data = jpeg(plaster(number, stencil=names[0][:9], side=480))
        where = {"lat": LAT + north_m * METRE, "lon": LON + number / 300}
        photographed(services, officer, *found, data=data, hours=days * DAY, file_name=f"{HOSTILE}.jpg", **where)
    with services.unit() as unit:
        rows = {row.value: row for row in unit.session.query(Address)}
        step(unit, rows[SHOP].id, version=rows[SHOP].version, to=AddressStatus.CONFIRMED, reason="seen by two of us")
        return {value: row.id for value, row in rows.items()}


AREA = {
    "type": "Polygon",
    "coordinates": [[[69.1495, 54.869], [69.1605, 54.869], [69.1605, 54.881], [69.1495, 54.881]]],
}


def orders(services, http):
    """A territory with a chat around the walls of `walls`, and an order of the first one: their ids."""
    ring = AREA["coordinates"][0]
    area = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    names = {"name": f"КСК «Тестовый-77» {HOSTILE}", "name:kk": "«Сынақ-77» ПИК"}
    content = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": names, "geometry": area}]}
    file = {"file": ("areas.geojson", json.dumps(content).encode(), "application/geo+json")}
    taken = http.post("/v1/territories/import", files=file)
    assert taken.status_code == 200, taken.text
    (territory,) = http.get("/v1/territories").json()["territories"]
    contact = {"name": f"Председатель {HOSTILE}", "channel": "telegram", "chat": "-1009990001112"}
    assert http.post(f"/v1/territories/{territory['id']}/contacts", json=contact).status_code == 201
    assert http.post(f"/v1/territories/{territory['id']}/contacts", json=contact | {"chat": None}).status_code == 201
    with services.reading_unit() as unit:
        wall = unit.session.scalar(select(Inscription.id).where(Inscription.lat == LAT))
    made = http.post("/v1/orders", json={"inscription": wall, "note": f"behind the garages {HOSTILE}"})
    assert made.status_code == 201, made.text
    return territory["id"], made.json()["id"]


def everywhere(page, accessible):
    """Assert that a page fits wide screens in the dark and telephones in the light, and that all of it can be read."""
    before = page.viewport_size
    for (width, height), scheme in ((DESK, "dark"), (PHONE, "light")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.evaluate(TOO_WIDE)
        accessible(page)
    page.set_viewport_size(before)

"""Walls to look at: photos with names on them, over some months, near each other."""

from api.lifecycle.service import step
from models import Address, AddressStatus
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


def everywhere(page, accessible):
    """Assert that a page fits wide screens in the dark and telephones in the light, and that all of it can be read."""
    before = page.viewport_size
    for (width, height), scheme in ((DESK, "dark"), (PHONE, "light")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.evaluate(TOO_WIDE)
        accessible(page)
    page.set_viewport_size(before)

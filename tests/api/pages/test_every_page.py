"""Every page of the router, for somebody who may see it: it fits, it can be read, and nothing on it is executed."""

import pytest
from sqlalchemy import select

from api.deps import Public
from api.web.openapi import gates
from api.web.pages.routers import ROUTERS
from models import Address, Case, Inscription, Report
from tests.api.pages.conftest import DESK, PHONE
from tests.api.pages.world import TOO_WIDE, orders, walls

ROLES = {"/send": "officer", "/figures": "supervisor", "/admin/audit": "supervisor", "/inbox": "investigator"}
"""Who looks, where not everybody may; other pages below /admin are an administrator's, the rest an investigator's."""

NO_PAGES = {"/", "/sw.js", "/manifest.webmanifest", "/send/shell", "/map/outline", "/admin/audit/chain", "/sign-in"}
NO_PAGES |= {"/territories/areas"}
PARTS = ("/part/", "/parts/", "/admin/jobs/state", "/photos")
FILLED = {"/requests/new": "/requests/new?address={address}", "/statistics": "/statistics?since=2026-02-01"}
FILLED |= {"/orders/raid": "/orders/raid?circle=54.87,69.15,3000&start=54.87,69.15"}


def pages(app):
    """The paths of whole pages."""
    ours = {route.path for router in ROUTERS for route in router.routes}
    found = {path for method, path, kinds in gates(app) if method == "GET" and path in ours | prefixed(ours)}
    public = {path for method, path, (gate,) in gates(app) if method == "GET" and isinstance(gate, Public)}
    return sorted(path for path in found - NO_PAGES - public if not any(part in path for part in PARTS))


def prefixed(paths):
    return {f"/{name}{path}" for name in ("walls", "orders", "territories") for path in paths}


def role_of(path):
    return ROLES.get(path) or ("admin" if path.startswith("/admin/") else "investigator")


@pytest.fixture
def ids(services, accounts, client):
    """What paths need: a case with an address, a wall, a report, an account, a subscription."""
    walls(services, accounts)
    http = client("investigator")
    territory, order = orders(services, http)
    case = http.post("/v1/cases", json={"book": "kui", "number": "4711/2026"}).json()["id"]
    told = http.post("/v1/subscriptions", json={"about": "address.new", "channel": "inbox", "label": "all that is new"})
    assert told.status_code == 201, told.text
    with services.reading_unit() as unit:
        one = unit.session.scalar
        return {
            "address": one(select(Address.id)),
            "address_id": one(select(Address.id)),
            "case_id": one(select(Case.id).where(Case.id == case)),
            "inscription_id": one(select(Inscription.id)),
            "report_id": one(select(Report.id)),
            "account_id": accounts["officer"].id,
            "subscription_id": told.json()["id"],
            "territory_id": territory,
            "order_id": order,
        }


class Quiet:
    """Waits until a page asks for nothing more: a fifth of a second, where Playwright's own idle takes half a one."""

    def __init__(self, page):
        self._asked = set()
        page.on("request", self._begun)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _begun(self, asked):
        self._asked.add(asked)

    def _ended(self, asked):
        self._asked.discard(asked)

    def wait(self, page, *, looks=4, every_ms=50, most_ms=15_000):
        calm = 0
        for _ in range(most_ms // every_ms):
            page.wait_for_timeout(every_ms)
            calm = 0 if self._asked else calm + 1
            if calm == looks:
                return
        raise AssertionError([asked.url for asked in self._asked])


@pytest.mark.parametrize("look", [(DESK, "dark", "ru"), (PHONE, "light", "kk")], ids=["desk", "phone"])
def test_every_page_fits_and_can_be_read(visit, accessible, app, ids, look):
    size, scheme, language = look
    people, quiet = {}, {}
    seen = pages(app)
    assert len(seen) > 24, seen
    for path in seen:
        role = role_of(path)
        if role not in people:
            people[role] = visit(role, size=size, language=language, color_scheme=scheme)
            quiet[role] = Quiet(people[role])
        page = people[role]
        answer = page.goto(FILLED.get(path, path).format(**ids))
        assert answer.status == 200, (path, role, answer.status)
        page.locator("h1").first.wait_for()
        quiet[role].wait(page)
        assert page.locator("html").get_attribute("lang") == language
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, page.evaluate(TOO_WIDE))
        try:
            accessible(page)
        except AssertionError as found:
            raise AssertionError(path) from found

"""The review queue in a browser: by keyboard, with somebody else at it, without a network, fast."""

import re
import time

import pytest

from models import Decision, Finding
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pages.conftest import DESK, PHONE
from tests.api.pages.queue import wait
from tests.api.seen import wall
from vision.types import Alternative, Kind, Uncertain

HOSTILE = '<img src=x onerror="document.title=1">'
DOUBT = (Uncertain(9, "l", (("1", 0.2), ("", 0.04))),)


def decided(services, finding_id):
    with services.reading_unit() as unit:
        row = unit.session.get_one(Finding, finding_id)
        return row.review, row.decided_value, row.review_reason


def until(holds):
    for _ in range(200):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError


def shown(page, value):
    page.locator("#reading", has_text=re.compile(f"^{re.escape(value)}$")).wait_for()


@pytest.fixture
def waits(services, accounts, clock):
    """Puts a finding at the end of the queue."""

    def put(name, **values):
        clock.move(minutes=1)
        return wait(services, accounts["officer"], name, **values)

    return put


def _looks(page):
    """Closer, elsewhere, back, the whole photo, the help."""
    page.keyboard.press("+")
    assert float(page.locator("#picture").get_attribute("data-scale")) > 1.3
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("0")
    assert page.locator("#picture").get_attribute("data-scale") == "1.00"
    page.keyboard.press("w")
    page.locator("#picture polygon").wait_for()
    page.keyboard.press("?")
    page.get_by_role("dialog").wait_for()
    page.keyboard.press("Enter")  # closes, and confirms nothing
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")


def _exchanges(page):
    """An uncertain character with the arrow keys, back, and by choosing from those that it may be."""
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    assert page.locator("#confirm").inner_text().startswith("Confirm qz_tuman_1is_77")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # on a character: what it may be
    page.locator("#rivals button", has_text="1").first.click()


def _types(page):
    """What is no address, which stays to be mended, and then one of another kind."""
    page.keyboard.press("e")
    page.get_by_label("What it says").fill("no such name!")
    page.allow(422)
    page.keyboard.press("Enter")
    page.locator("#correction [role=alert]:not(:empty)").wait_for()
    page.get_by_label("What it says").fill("")
    page.keyboard.type("surex_61w")  # letters that are keys elsewhere
    page.get_by_label("Kind").select_option("instagram")
    page.get_by_label("What it says").press("Enter")


def test_a_queue_is_gone_through_by_keyboard(visit, waits, services, accessible):
    others = (Alternative("qz_tuman_1is_77", 0.3), Alternative("qz_tuman_lls_77", 0.2))
    also = [wall("qz_neighbour_55"), wall(HOSTILE, kind=Kind.DOMAIN, accepted=False)]
    first = waits("qz_tuman_lis_77", uncertain=DOUBT, alternatives=others, also=also, text=HOSTILE)
    chosen = waits("qz_sarai_koi_88", alternatives=(Alternative("qz_sarai_kol_88", 0.3),))
    typed, refused, skipped = (waits(f"qz_zhana_ay_{n}") for n in (61, 62, 63))
    page = visit("investigator", color_scheme="dark")
    page.goto("/review")
    shown(page, first.value)
    picture = page.locator("#picture img")
    picture.wait_for()
    assert page.locator("#text").inner_text() == HOSTILE
    page.locator("#neighbours", has_text="qz_neighbour_55").wait_for()
    assert page.locator("#others button").count() == 2
    accessible(page)

    _looks(page)
    shown(page, first.value)
    _exchanges(page)
    page.locator("#reading").focus()
    page.keyboard.press("Enter")
    shown(page, chosen.value)
    until(lambda: decided(services, first.id) == ("corrected", "qz_tuman_1is_77", None))
    page.keyboard.press("1")
    shown(page, HOSTILE)  # as text
    page.keyboard.press("s")
    shown(page, typed.value)
    until(lambda: decided(services, chosen.id) == ("corrected", "qz_sarai_kol_88", None))

    _types(page)
    shown(page, refused.value)
    assert decided(services, typed.id) == ("corrected", "surex_61w", None)
    page.keyboard.press("r")
    page.keyboard.press("2")
    shown(page, skipped.value)
    until(lambda: decided(services, refused.id) == ("rejected", None, "Cannot be read"))
    page.keyboard.press("s")
    page.get_by_role("heading", name="Nothing waits for review.").wait_for()
    page.keyboard.press("u")
    shown(page, skipped.value)
    page.keyboard.press("u")
    shown(page, refused.value)
    assert decided(services, refused.id) == ("unreviewed", None, None)
    assert page.title() == "Review · WallWatch"


def test_twenty_findings_are_decided_in_well_under_a_minute(visit, waits, services):
    ids = [waits(f"qz_shapshan_{n:03}").id for n in range(25)]
    page = visit("investigator")
    page.goto("/review")
    page.locator("#picture img").wait_for()
    start = time.monotonic()
    for n in range(20):
        shown(page, f"qz_shapshan_{n:03}")
        page.locator("#picture img").wait_for()
        page.keyboard.press("Enter")
    shown(page, "qz_shapshan_020")
    took_s = time.monotonic() - start
    until(lambda: [decided(services, each)[0] for each in ids[:20]] == ["confirmed"] * 20)
    assert time.monotonic() - start < 40, took_s
    assert decided(services, ids[20])[0] == "unreviewed"
    assert page.locator("#count").inner_text() == "decided: 20"


def test_what_somebody_else_decided_is_said_kindly_and_what_was_not_sent_comes_back(visit, waits, services, client):
    first, second, third = (waits(f"qz_kara_su_{n}") for n in (41, 42, 43))
    unread = waits("@qz.kara.su_44", is_read=False)
    page = visit("investigator", language="ru")
    page.goto("/review")
    shown(page, first.value)
    client("investigator").post(f"/v1/findings/{first.id}/reject", json={"version": 1, "reason": "x"})
    page.allow(409)
    page.keyboard.press("Enter")
    shown(page, second.value)
    page.locator("#trouble", has_text=f"«{first.value}»").wait_for()
    assert decided(services, first.id)[0] == "rejected"
    page.route("**/confirm", lambda route: route.fulfill(status=503, json={"detail": "Later, please."}))
    page.allow(503)
    page.keyboard.press("Enter")
    page.locator("#trouble", has_text="Later, please.").wait_for()
    shown(page, second.value)
    page.unroute("**/confirm")
    page.keyboard.press("Enter")
    shown(page, third.value)
    until(lambda: decided(services, second.id)[0] == "confirmed")
    client("investigator").post(f"/v1/findings/{second.id}/undo", json={"version": 2})
    page.keyboard.press("u")
    page.locator("#trouble", has_text=f"«{second.value}»").wait_for()
    shown(page, third.value)
    with services.reading_unit() as unit:
        assert unit.session.query(Decision).count() == 2
    page.keyboard.press("s")
    shown(page, unread.value)
    page.keyboard.press("Enter")  # it cannot be confirmed: what it says is asked for
    assert page.get_by_label("Что написано").input_value() == unread.value
    assert "не прочитана как адрес" in page.locator("#correction [role=alert]").inner_text()
    page.keyboard.press("Escape")
    assert decided(services, unread.id)[0] == "unreviewed"


def _pinches(page):
    """Two fingers go apart on the picture."""
    box = page.locator("#picture").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = page.context.new_cdp_session(page)
    for kind, apart in (("touchStart", 20), ("touchMove", 40), ("touchMove", 60), ("touchEnd", None)):
        points = [] if apart is None else [{"x": x + side * apart, "y": y, "id": n} for n, side in enumerate((-1, 1))]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_it_is_used_by_thumb_on_a_telephone_and_shows_what_is_on_the_list_by_itself(
    visit, waits, services, accessible, client
):
    found = waits("qz_osy_tizim_ozi_19", listed=True)
    meant = {"value": "qz_osy_tizim_azi_19"}  # the officer at the wall says what it says
    assert client("officer").put(f"/v1/findings/{found.id}/suggestion", json=meant).status_code == 200
    page = visit("investigator", size=PHONE, language="kk", has_touch=True)
    page.goto("/review")
    page.locator("#empty").wait_for()
    accessible(page)
    page.goto("/review?on_list=true")
    shown(page, found.value)
    page.locator("#others button", has_text=meant["value"]).wait_for()
    assert page.locator("#others button").inner_text().endswith(": officer")
    page.locator("#picture img").wait_for()
    _pinches(page)
    assert float(page.locator("#picture").get_attribute("data-scale")) > 1.5
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#confirm").tap()
    page.locator("#empty").wait_for()
    until(lambda: decided(services, found.id)[0] == "confirmed")
    page.locator("#undo").tap()
    shown(page, found.value)
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

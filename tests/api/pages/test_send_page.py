"""The officer's screen: photos with a place are sent, now or when there is a network again."""

import re

import pytest
from sqlalchemy import select

from api.readings.service import store_reading
from api.web.pages.send import KEPT
from models import Report
from tests.api.pages.conftest import PHONE
from tests.api.pictures import WALL, jpeg
from tests.api.walls import finding, reading
from tests.api.words import PASSWORD
from vision.types import Alternative, Uncertain

READ, MEANT = "qz_tuman_1is_7319", "qz_tuman_lis_7319"
OFFLINE = "net::ERR_"


def files(*seeds, **facts):
    return [
        {"name": f"wall {seed}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(seed, size=(640, 480), **facts)}
        for seed in seeds
    ]


def reports(services):
    with services.reading_unit() as unit:
        found = unit.session.scalars(select(Report).order_by(Report.received_at)).all()
        return [(each.account_id, each.note, len(each.photos), each.place_source, each.id) for each in found]


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def read_all(services, report_id, *found):
    with services.unit() as unit:
        for carried in unit.session.get_one(Report, report_id).photos:
            store_reading(unit, carried.photo_sha256, reading(carried.photo_sha256, *found))


def open_send(page):
    page.goto("/send")
    page.locator("form[data-ready]").wait_for()


def test_three_photos_from_a_phone_and_what_was_read_on_them(visit, accessible, services, accounts):
    page = visit("officer", size=PHONE)
    open_send(page)
    page.get_by_role("button", name="Send", exact=True).click()
    assert page.get_by_role("alert").inner_text() == "Take or choose a photo first."
    page.locator("#gallery").set_input_files(files(1, 2, 3, 4))
    page.get_by_role("button", name="Remove photo 4").click()
    assert page.locator("#photos img").count() == 3
    page.get_by_label("Here, where I am").check()
    page.get_by_text("54.87530, 69.16280, within").wait_for()
    page.get_by_label("Note").fill("у гаражей")
    accessible(page)
    assert fits(page)
    page.reload()  # what was being put together is still there
    page.get_by_role("button", name="Remove photo 3").wait_for()
    assert page.get_by_label("Note").input_value() == "у гаражей"
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("link", name="See what was read").wait_for()
    ((account, note, photos, source, report_id),) = reports(services)
    assert (account, note, photos, source) == (accounts["officer"].id, "у гаражей", 3, "typed")
    page.get_by_role("link", name="See what was read").click()
    page.get_by_text("The photos are being read").wait_for()
    doubts = (Uncertain(9, "1", (("l", 0.3), ("", 0.05))),)
    other = (Alternative("qz_tuman_iis_7319", 0.1),)
    read_all(services, report_id, finding(READ, accepted=False, uncertain=doubts, alternatives=other))
    page.get_by_text("All photos have been looked at.").wait_for()
    card = page.locator("article").first
    assert (card.locator(".value.large").inner_text(), card.locator("mark").all_inner_texts()) == (READ, ["1"])
    assert "doubtful (40%)" in card.inner_text()
    box = page.locator(".picture svg a").first
    box.focus()
    page.keyboard.press("Enter")
    assert card.evaluate("card => card === document.activeElement")
    card.get_by_text("The wall says something else").click()
    card.get_by_role("radio", name="l", exact=True).check()
    assert card.get_by_label("What the wall says").input_value() == MEANT
    accessible(page)
    assert fits(page)
    card.get_by_role("button", name="Suggest this").click()
    page.get_by_text("You suggested:").wait_for()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_text("You suggested:").wait_for(state="detached")


def test_without_a_network_reports_are_kept_and_exactly_one_of_each_arrives(visit, services):
    page = visit("officer", size=PHONE)
    page.allow(OFFLINE)
    open_send(page)
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    wait_for_shell(page)
    page.context.set_offline(True)
    page.locator("#gallery").set_input_files(files(1, 2))
    page.get_by_role("radio", name="Link or coordinates").check()
    page.get_by_label("Map link or coordinates").fill("54.8712, 69.1534")
    page.get_by_label("Note").fill("без связи")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#outbox").get_by_text("waits").wait_for()
    page.reload()
    page.locator("form[data-ready]").wait_for()
    assert page.locator("#outbox").get_by_text("Photos: 2").is_visible()
    assert page.locator("#offline").is_visible()
    assert page.locator(".tools a").count() == 0  # what is kept of the page has nobody's name on it
    assert reports(services) == []
    page.context.set_offline(False)
    page.get_by_role("link", name="See what was read").wait_for()
    page.reload()
    page.locator("form[data-ready]").wait_for()
    assert page.locator("#outbox").is_hidden()
    assert [each[1:4] for each in reports(services)] == [("без связи", 2, "text")]
    lost = []
    page.route("**/v1/reports", lambda route: lose(route, lost))
    page.locator("#gallery").set_input_files(files(3, gps=WALL))
    page.get_by_role("button", name="Send", exact=True).click()
    while not lost:
        page.wait_for_timeout(20)
    assert lost == [201]
    page.unroute("**/v1/reports")
    page.reload()  # what was sent, but not answered, is sent again under its key
    page.locator("form[data-ready]").wait_for()
    page.locator("#outbox .tag.warn").wait_for(state="detached")
    assert len(reports(services)) == 2


def lose(route, lost):
    answer = route.fetch()
    route.abort()
    lost.append(answer.status)


def wait_for_shell(page):
    asked = "caches.match('/send/shell').then((kept) => Boolean(kept))"
    for _ in range(100):
        if page.evaluate(asked):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the page was not kept")


def test_what_waits_belongs_to_whoever_made_it_and_survives_signing_out(visit, services, accounts):
    page = visit("officer", size=PHONE)
    page.allow(401)
    page.allow(OFFLINE)
    open_send(page)
    wait_for_shell(page)
    page.context.request.delete("/v1/session", headers={"X-CSRF-Token": token(page)})  # the session ends elsewhere
    page.locator("#gallery").set_input_files(files(5, gps=WALL))
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("You are signed out. What waits is kept.").wait_for()
    sign_in(page, "investigator")
    page.get_by_text("Reports of officer wait on this phone: 1.").wait_for()
    assert page.locator("#outbox").is_hidden()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert not page.evaluate("caches.match('/send/shell').then((kept) => Boolean(kept))")
    sign_in(page, "officer")
    page.get_by_role("link", name="See what was read").wait_for()
    assert [each[0] for each in reports(services)] == [accounts["officer"].id]


def token(page):
    return page.locator("meta[name=csrf]").get_attribute("content")


def sign_in(page, name):
    page.goto("/sign-in?next=/send")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.locator("form[data-ready]").wait_for()


def test_links_are_understood_a_refused_report_comes_back_and_repeats_are_said_kindly(
    visit, accessible, services, clock
):
    page = visit("officer", size=PHONE, place=None, color_scheme="dark")
    page.allow(422)
    open_send(page)
    page.locator("#gallery").set_input_files(files(7))
    page.get_by_label("Here, where I am").check()
    page.get_by_text("This page may not know where you are.").wait_for()
    page.get_by_label("As the photo says").check()
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#outbox").get_by_text("was refused").wait_for()
    page.get_by_role("button", name="Change and send again").click()
    page.get_by_role("radio", name="Link or coordinates").check()
    page.get_by_label("Map link or coordinates").fill("у гаражей")
    page.locator("[data-way=text] .bad").wait_for()
    page.get_by_label("Map link or coordinates").fill("https://yandex.kz/maps/?pt=69.1534,54.8712&z=17")
    page.get_by_text("Understood as 54.87120, 69.15340").wait_for()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("link", name="See what was read").wait_for()
    clock.move(hours=2)
    page.locator("#gallery").set_input_files(files(7))
    page.get_by_label("On the map").check()
    pin = page.locator(".map-pin")
    pin.focus()
    page.keyboard.press("Shift+ArrowUp")
    page.get_by_text("The pin is at").wait_for()
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("Photo 1: you sent it before, on 1 March 2026.").wait_for()
    assert [each[2:4] for each in reports(services)] == [(1, "link"), (1, "typed")]
    accessible(page)


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_everything_fits_a_phone_in_every_language(visit, language):
    page = visit("officer", size=PHONE, language=language)
    page.goto("/reports")
    assert fits(page)
    open_send(page)
    assert fits(page)
    for way in ("phone", "photo", "text", "map"):
        page.locator(f"input[value={way}]").check()
        assert fits(page)


def test_the_kept_page_needs_nothing_that_is_not_kept(browser, client):
    officer = browser("officer")
    shell = officer.get("/send/shell", headers={"Accept": "text/html"})
    assert "officer" not in shell.text
    assert '<meta name="csrf" content="">' in shell.text
    worker = client().get("/sw.js")
    assert "connect-src 'self'" in worker.headers["content-security-policy"]
    wanted = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', shell.text))
    assert wanted
    assert all(f'"{each}"' in worker.text for each in wanted)
    assert len(wanted) == len(KEPT)
    assert client().get("/manifest.webmanifest").json()["start_url"] == "/send"

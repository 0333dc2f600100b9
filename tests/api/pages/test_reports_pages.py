"""Reports on pages: what was read, what is known of it, and nothing that a wall or a file says runs."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models import Photo, Report
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pages.conftest import PHONE
from tests.api.photographed import photographed
from tests.api.pictures import jpeg
from tests.api.walls import finding
from vision.types import Alternative, Kind, Uncertain

HTML = {"Accept": "text/html"}
EVIL = '"><img src=x onerror=document.title=1><script>document.title=2</script>{{7*7}}'


def report_of(services, sha256):
    with services.unit() as unit:
        photo = unit.session.get_one(Photo, sha256)
        photo.width, photo.height, photo.camera = 320, 240, EVIL
        report = unit.session.scalars(select(Report).order_by(Report.received_at.desc(), Report.id)).first()
        report.note = EVIL
        return report.id


def test_what_walls_files_cameras_and_notes_say_is_only_text(visit, accessible, services, accounts):
    doubts = (Uncertain(3, EVIL, ((EVIL, 0.3),)),)
    evil = finding(EVIL, accepted=False, text=EVIL, uncertain=doubts, alternatives=(Alternative(EVIL, 0.2),))
    other = finding(f"javascript:alert(1)//{EVIL}", accepted=False, kind=Kind.DOMAIN)
    sha256 = photographed(services, accounts["officer"], evil, other, data=jpeg(1), file_name=EVIL)
    report_id = report_of(services, sha256)
    page = visit("officer", size=PHONE, color_scheme="dark")
    for path in ("/reports", f"/reports/{report_id}"):
        page.goto(path)
        assert page.title().endswith("WallWatch")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        accessible(page)
    assert page.locator("dd.note").inner_text() == EVIL
    assert page.locator("figcaption").inner_text() == f"{EVIL} · {EVIL}"
    assert page.locator(".value.large").first.inner_text() == EVIL
    assert page.locator("main img").count() == 1
    assert page.locator("main a[href*=javascript]").count() == 0


def test_an_address_says_that_it_is_known_and_since_when_it_is_blocked(browser, services, accounts, clock):
    read = finding("qz_barsuk_noch_5521")
    photographed(services, accounts["investigator"], read, data=jpeg(2))
    reviewer, officer = browser("investigator"), browser("officer")
    (row,) = reviewer.get("/v1/watchlist").json()["addresses"]
    sent = {"recipient": "ведомство", "sent_at": clock.now().isoformat(), "reference": "7"}
    for version, (to, more) in enumerate([("confirmed", {}), ("sent", sent), ("blocked", {})], start=1):
        body = {"version": version, "to": to, "reason": "x", **more}
        answer = reviewer.post(f"/v1/watchlist/{row['id']}/steps", json=body)
        assert answer.status_code in {200, 201}, answer.text
    clock.move(hours=6)
    sha256 = photographed(services, accounts["officer"], replace(read, confidence=0.97), data=jpeg(2))
    page = officer.get(f"/reports/{report_of(services, sha256)}", headers=HTML | {"Accept-Language": "en"}).text
    assert "Already known:" in page
    assert "on 1 March 2026" in page
    assert "Somebody sent this photo before, on 1 March 2026." in page


def test_only_what_changed_is_sent_while_photos_are_read(browser, services, accounts):
    sha256 = photographed(services, accounts["officer"], finding(), data=jpeg(3))
    report_id = report_of(services, sha256)
    asking = browser("officer")
    assert asking.get(f"/reports/{report_id}/photos?had=1").status_code == 204
    part = asking.get(f"/reports/{report_id}/photos?had=0", headers=HTML)
    assert (part.status_code, "<html" in part.text, "hx-trigger" in part.text) == (200, False, False)


@pytest.mark.parametrize("path", ["/reports/{}", "/reports/{}/photos"])
def test_somebody_else_s_report_does_not_exist(browser, services, accounts, path):
    report_id = report_of(services, photographed(services, accounts["investigator"], finding(), data=jpeg(4)))
    assert browser("officer").get(path.format(report_id), headers=HTML).status_code == 404
    assert browser("supervisor").get(path.format(report_id), headers=HTML).status_code == 200


def test_reports_are_listed_page_by_page_one_s_own_or_everybody_s(browser, services, accounts):
    for number in range(27):
        photographed(services, accounts["officer"], data=jpeg(10), hours=-number)
    asking, english = browser("officer"), HTML | {"Accept-Language": "en"}
    first = asking.get("/reports", headers=english).text
    assert first.count("1 photo<") == 25
    assert "Everybody" not in first
    onward = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert asking.get(f"/reports{onward}", headers=english).text.count("1 photo<") == 2
    assert asking.get("/reports?cursor=nonsense", headers=english).status_code == 422
    everybody = browser("investigator")
    assert "No reports yet." in everybody.get("/reports", headers=english).text
    assert everybody.get("/reports?who=all", headers=english).text.count("· officer") == 25
    assert browser("supervisor").get("/reports", headers=english).text.count("· officer") == 25

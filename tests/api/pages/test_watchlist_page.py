"""The watchlist, cases and messages by browser: what investigators do at a desk."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.api.pages.conftest import PHONE
from tests.api.seen import see, wall

EVIL = "<img src=x onerror=alert(1)>"
NAMES = [f"qz_tuman_lis_{n}" for n in range(70, 76)]


@pytest.fixture
def seen(services, accounts):
    """Six addresses on walls of their own, each seen a day after the one before; the last also on another wall."""
    for n, name in enumerate(NAMES):
        see(services, accounts["officer"], wall(name), photo=name, hours=24 * n, lat=54.80 + n / 100)
    see(services, accounts["officer"], wall(NAMES[0]), photo="again", hours=1)
    see(services, accounts["officer"], wall("qz-tuman-77.biz", kind="domain"), photo="site", hours=2)


def values(page):
    return page.locator("#list tbody .value").all_inner_texts()


def test_filters_order_and_search_survive_reload_and_back_and_the_language(visit, seen):
    page = visit("investigator")
    page.goto("/watchlist")
    assert values(page)[:2] == [NAMES[5], NAMES[4]]
    page.get_by_label("Address", exact=True).fill("@QZ_tuman_lis_7")
    page.wait_for_url("**/watchlist?prefix=QZ_tuman_lis_7")
    expect(page.locator("#list tbody tr")).to_have_count(6)
    page.get_by_role("link", name="Sightings").click()
    page.wait_for_url("**/watchlist?prefix=QZ_tuman_lis_7&sort=sightings&order=desc")
    expect(page.locator("th.sightings")).to_have_attribute("aria-sort", "descending")
    assert values(page)[0] == NAMES[0]
    page.get_by_text("More filters").click()
    page.get_by_label("Around").fill("54.8,69.15,100")
    page.wait_for_url("**circle=54.8*")
    expect(page.locator("#list tbody tr")).to_have_count(1)
    page.reload()
    assert values(page) == [NAMES[0]]
    assert page.get_by_label("Around").input_value() == "54.8,69.15,100"
    page.get_by_label("Language").select_option("ru")
    page.locator("html[lang=ru]").wait_for()
    assert values(page) == [NAMES[0]]
    assert "sort=sightings" in page.url
    page.go_back()
    page.go_back()
    page.wait_for_url("**/watchlist?prefix=QZ_tuman_lis_7&sort=sightings&order=desc")
    expect(page.locator("#list tbody tr")).to_have_count(6)
    page.goto("/watchlist?sort=value&order=asc&kind=domain")
    page.get_by_role("link", name="Открыть").click(trial=True)
    assert values(page) == ["qz-tuman-77.biz"]


def test_many_are_selected_tagged_assigned_filed_and_saved(visit, seen, accessible):
    page = visit("investigator", color_scheme="dark")
    page.goto("/watchlist?sort=value&order=asc&kind=telegram")
    first = page.locator("#list tbody tr").first
    first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.locator("[name=pick]").nth(3).click(modifiers=["Shift"])
    assert page.locator("#count").inner_text() == "3"
    page.get_by_role("button", name="Tag…").click()
    page.get_by_label("Add these tags").fill(f"мост, {EVIL}")
    page.allow(422)
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.locator("#tagging [role=alert]")).to_contain_text(EVIL[:10])
    page.get_by_label("Add these tags").fill("мост, Опт")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.locator("td.tags", has_text="мост")).to_have_count(3)
    page.get_by_role("button", name="Assign…").click()
    page.get_by_role("button", name="Assign", exact=True).click()
    expect(page.locator("td.assignee", has_text="investigator")).to_have_count(3)
    accessible(page)
    page.get_by_role("button", name="Export…").click()
    page.get_by_label("Format").select_option("csv")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save the file").click()
    rows = list(csv.DictReader(saved.value.path().read_text("utf-8-sig").splitlines()))
    assert [row["value"] for row in rows] == NAMES[1:4]
    page.get_by_label("Select all on this page").check()
    assert page.locator("#count").inner_text() == "6"
    page.get_by_role("button", name="Columns").click()
    page.locator("#columns").get_by_label("TLP").check()
    expect(page.locator("th.tlp")).to_be_visible()
    page.keyboard.press("Escape")
    page.reload()
    expect(page.locator("td.tlp").first).to_have_text("amber")
    page.get_by_role("button", name=f"Actions for {NAMES[0]}").click()
    page.get_by_role("button", name="Watch", exact=True).click()
    expect(page.locator("#told")).to_have_text("You watch this address.")


def test_a_case_is_opened_filled_and_a_letter_made(visit, seen, accessible):
    page = visit("investigator")
    page.goto("/cases")
    page.allow(422)
    page.get_by_label("Number").last.fill("4711")
    page.get_by_role("button", name="Open a case").click()
    assert "year is missing" in page.get_by_role("alert").inner_text()
    page.get_by_label("Number").last.fill("4711/2026")
    page.get_by_label("Title").fill(EVIL)
    page.get_by_label("Note").fill(EVIL)
    page.get_by_role("button", name="Open a case").click()
    page.wait_for_url(re.compile(r"/cases/\w{32}"))
    page.get_by_label("Put an address in").fill("@qz_tuman_lis_7")
    page.get_by_role("button", name=f"Put in {NAMES[2]}").click()
    expect(page.locator("td.what")).to_have_text(NAMES[2])
    assert page.get_by_role("textbox", name="Note").input_value() == EVIL
    page.get_by_role("link", name="Request to block…").click()
    page.get_by_label(NAMES[2]).check()
    page.get_by_label("To whom").fill("Комитет телекоммуникаций")
    page.get_by_label("Reference").fill("12-04/77")
    page.get_by_role("button", name="Make the letter").click()
    page.wait_for_url("**/cases/*")
    expect(page.get_by_role("link", name="PDF")).to_be_visible()
    accessible(page)
    with page.expect_download() as saved:
        page.get_by_role("link", name="DOCX").click()
    assert saved.value.suggested_filename.endswith(".docx")
    page.goto("/watchlist?case=" + page.url.rsplit("/", 1)[1])
    assert values(page) == [NAMES[2]]


def test_somebody_subscribes_hears_reads_and_is_overseen(visit, services, accounts, worker, accessible):
    page = visit("investigator", size=PHONE, color_scheme="light", language="en")
    page.goto("/inbox/subscriptions/new")
    page.get_by_label("Label").fill(EVIL)
    page.get_by_label("How", exact=True).select_option("inbox")
    page.get_by_text("Only in a region").click()
    for name, value in (("Latitude", "54.87"), ("Longitude", "69.15"), ("Metres around", "20000")):
        page.get_by_label(name).fill(value)
    page.get_by_role("button", name="Subscribe").click()
    page.wait_for_url("**/inbox/subscriptions")
    accessible(page)
    see(services, accounts["officer"], wall("qz_tuman_new_1"), photo="new", hours=200)
    worker.prepare()
    page.goto("/inbox")
    expect(page.locator(".entry.unread .value")).to_have_text("qz_tuman_new_1")
    accessible(page)
    page.get_by_role("button", name="Mark as read").click()
    page.get_by_text("0 unread messages").wait_for()
    page.goto("/inbox/subscriptions/new")
    page.get_by_label("Label").fill("лента")
    page.get_by_label("How", exact=True).select_option("feed")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.locator("#secret")).to_contain_text("/v1/feeds/")
    page.get_by_role("button", name="Close").click()
    page.wait_for_url("**/inbox/subscriptions")
    page.locator("tr", has_text="лента").get_by_role("button", name="Switch off").click()
    page.get_by_role("button", name="Switch on").wait_for()
    admin = visit("admin")
    admin.goto("/admin/subscriptions")
    admin.on("dialog", lambda dialog: dialog.accept())
    admin.locator("tr", has_text="onerror").get_by_role("button", name="Switch off").click()
    admin.get_by_text("switched off by a supervisor").wait_for()
    accessible(admin)


def test_nothing_is_wider_than_a_phone(visit, seen, accessible):
    page = visit("investigator", size=PHONE, language="kk")
    for path in ("/watchlist", "/cases", "/requests", "/inbox", "/inbox/notices", "/inbox/watches"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        accessible(page)


ASKED = [
    ("kind=elephant", 422, "kind: "),
    ("min_score=2", 422, "min_score: "),
    ("since=yesterday", 422, "since: "),
    ("box=1,2,3", 422, "box must be"),
    ("box=1,2,3,4&circle=1,2,3", 422, "cannot be asked for together"),
    ("cursor=x", 422, "belongs to another query"),
    (f"tag={EVIL}", 200, "No address is like that."),
    ("assignee=-&since=2026-03-01&until=2026-03-01", 200, "qz_tuman_lis_70"),
    ("assignee=investigator", 200, "No address is like that."),
    ("q=t.me/qz_tuman_lis_73&match=value", 200, "qz_tuman_lis_73"),
    ("kind=&status=&tag=&limit=7", 200, "qz_tuman_lis_75"),
]


def test_what_the_address_of_the_page_says_is_done_or_refused_in_the_page(browser, seen):
    http = browser("investigator")
    for asked, status, said in ASKED:
        for path, expected in (("/watchlist", status), ("/parts/watchlist", 200)):
            answer = http.get(f"{path}?{asked}", headers={"Accept-Language": "en"})
            assert (answer.status_code, said in answer.text) == (expected, True), (path, asked, answer.text[-3000:])
            assert EVIL not in answer.text
        assert answer.headers["hx-push-url"].startswith("/watchlist")


def test_a_supervisor_and_an_admin_are_offered_what_they_may(browser, seen):
    shown = {
        role: browser(role).get("/watchlist", headers={"Accept-Language": "en"}).text
        for role in ("supervisor", "admin")
    }
    assert all("tagging" not in text for text in shown.values())
    assert ["exporting" in shown[role] for role in ("supervisor", "admin")] == [True, False]
    assert browser("officer").get("/watchlist").status_code == 403

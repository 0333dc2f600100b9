"""The page of an address: its life-cycle, near matches, connections and papers, by an investigator at a desk."""

import pytest

from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pages.world import HOSTILE, NEAR, OTHER, SHOP, everywhere, walls

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def ids(services, accounts, clock):
    found = walls(services, accounts)
    clock.move(days=52)
    return found


def dialog(page):
    return page.locator("dialog[open]")


def settle(page, *parts):
    """Scroll each part into view and wait until it is there."""
    for part in parts:
        page.locator(f"#{part}").scroll_into_view_if_needed()
        page.locator(f"#{part} .hint", has_text="Loading").wait_for(state="detached")


def test_more_photos_come_and_the_keyboard_goes_on_there(visit, ids, spot, clock):
    for number in range(8):  # beside the three that are there
        clock.move(hours=1)
        spot(SHOP, photo=f"more-{number}", lat=54.5 + number / 50)
    page = visit("investigator")
    page.allow(500)  # these photos have no bytes
    page.goto(f"/watchlist/{ids[SHOP]}")
    page.get_by_role("button", name="More photos").focus()
    page.keyboard.press("Enter")
    page.locator("#photos figure").nth(10).wait_for()
    page.locator("#photos .photos:focus").wait_for()
    assert page.locator("#photos figure").count() == 11


def test_two_investigators_step_an_address_from_sent_to_blocked_and_the_second_is_told_kindly(
    visit, ids, services, accessible
):
    one, two = visit("investigator"), visit("investigator", size=(1280, 800))
    for page in (one, two):
        page.goto(f"/watchlist/{ids[SHOP]}")
    assert one.locator("#next-steps button").all_inner_texts() == ["Mark as sent", "Reject", "Mark as benign"]
    one.get_by_role("button", name="Mark as sent").click()
    dialog(one).get_by_role("button", name="Mark as sent").click()
    assert dialog(one).is_visible()  # the browser asks for what is missing
    dialog(one).get_by_label("To whom").fill("the hosting company")
    dialog(one).get_by_label("When it was sent").fill("2026-04-20T10:00")
    dialog(one).get_by_label("Reference number").fill("17-05/4711")
    dialog(one).get_by_label("Why").fill("asked to block it")
    dialog(one).get_by_role("button", name="Mark as sent").click()
    one.locator("#steps").get_by_text("To the hosting company").wait_for()
    for step, reason in (("Mark as blocked", "they answered"),):
        one.get_by_role("button", name=step).click()
        dialog(one).get_by_label("Why").fill(reason)
        dialog(one).get_by_role("button", name=step).click()
        one.locator("#steps").get_by_text(reason).wait_for()
    two.allow(409)
    two.get_by_role("button", name="Mark as benign").click()
    dialog(two).get_by_label("Why").fill("a florist, written slowly")
    dialog(two).get_by_role("button", name="Mark as benign").click()
    again = dialog(two).get_by_role("button", name="Load again")
    again.wait_for()
    assert dialog(two).get_by_role("alert").inner_text().startswith("This address has changed since you loaded it")
    accessible(two)
    again.click()
    dialog(two).get_by_text("blocked", exact=True).wait_for()
    assert dialog(two).get_by_label("Why").input_value() == "a florist, written slowly"
    dialog(two).get_by_role("button", name="Cancel").click()
    assert two.locator("#next-steps button").all_inner_texts() == ["Mark as re-appeared", "Mark as benign"]
    assert two.locator("#steps > ol > li").count() == 3


def test_a_near_match_is_merged_and_the_merge_taken_back(visit, ids):
    page = visit("investigator")
    page.goto(f"/watchlist/{ids[NEAR]}")
    settle(page, "near")
    assert page.locator("#near mark").all_inner_texts() == ["1", "l"]
    page.get_by_role("button", name="Merge this one into it").click()
    dialog(page).get_by_label("What the merged one is").select_option("misreading")
    dialog(page).get_by_label("Why").fill("l is painted without its foot")
    dialog(page).get_by_role("button", name="Merge").click()
    page.wait_for_url(f"**/watchlist/{ids[SHOP]}")
    settle(page, "near")
    page.locator("#near").get_by_text("misreading").wait_for()
    page.locator("#near").get_by_role("link", name=f"Open {NEAR}").click()
    page.wait_for_url(f"**/watchlist/{ids[NEAR]}")
    page.get_by_text("This is a misreading of another address").wait_for()
    assert page.locator("#next-steps").count() == 0
    page.get_by_role("link", name="Open that address").click()
    page.wait_for_url(f"**/watchlist/{ids[SHOP]}")
    settle(page, "near")
    page.get_by_role("button", name="Take the merge back").click()
    dialog(page).get_by_label("Why").fill("it has its foot after all")
    dialog(page).get_by_role("button", name="Take the merge back").click()
    page.locator("dialog[open]").wait_for(state="detached")
    settle(page, "near")
    page.get_by_role("button", name="They are separate").click()
    dialog(page).get_by_label("Why").fill("two shops")
    dialog(page).get_by_role("button", name="They are separate").click()
    page.get_by_text("Declared separate").wait_for()


def test_notes_tags_cases_files_map_and_graph_stand_on_one_page_and_nothing_on_it_is_executed(visit, ids, accessible):
    page = visit("investigator")
    asked = []
    page.on("dialog", lambda each: (asked.append(each.message), each.accept()))
    page.goto(f"/watchlist/{ids[SHOP]}")
    page.get_by_label("New note").fill(f"{HOSTILE}\nsecond line")
    page.get_by_role("button", name="Write it down").click()
    page.locator("#notes").get_by_text("second line").wait_for()
    assert page.get_by_label("New note").input_value() == ""
    settle(page, "files")
    page.get_by_label("Attach a file").set_input_files(
        {"name": f"{HOSTILE}.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="Attach", exact=True).click()
    page.locator("#files li").wait_for()
    page.get_by_label("Number", exact=True).fill("4711/2026")
    page.get_by_role("button", name="Put into the case").click()
    page.get_by_role("link", name="KUI 4711/2026").wait_for()
    page.get_by_text("Edit", exact=True).click()
    page.get_by_label("Tags, with commas").fill("spring, Tuman_7")
    page.get_by_label("Assigned to").select_option("investigator")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("#tuman_7").wait_for()
    settle(page, "timeline", "spread", "near", "graph")
    assert page.locator("#spread .map-dot").count() == 3
    assert page.locator("#graph circle").count() == 3
    assert page.locator("svg.bars g").count() == 3
    page.locator("#photos img").first.scroll_into_view_if_needed()
    assert page.locator("#photos polygon.under").count() == 3
    assert page.locator("#photos").get_by_text(HOSTILE).count() == 3
    assert page.locator("img[src=x], main script").count() == 0
    assert page.locator(f"a:has-text('{SHOP}'), a:has-text('{OTHER}')").count() == 0
    everywhere(page, accessible)
    page.get_by_role("button", name="Watch", exact=True).click()
    page.get_by_role("button", name="Watch no more").wait_for()
    page.get_by_role("button", name="Make a request to block").click()
    dialog(page).get_by_label("To whom").fill("the registrar")
    dialog(page).get_by_label("Reference number").fill("17-05/4712")
    dialog(page).get_by_label("It is on its way").check()
    dialog(page).get_by_label("When it was sent").fill("2026-04-20T10:00")
    dialog(page).get_by_label("Why").fill("by post")
    accessible(page)
    dialog(page).get_by_role("button", name="Make the letter").click()
    page.locator("#steps").get_by_text("To the registrar").wait_for()
    settle(page, "letters")
    page.get_by_role("link", name="PDF 17-05/4712").wait_for()
    assert asked == ["There is no case of this number yet. Open it?"]


def test_who_only_reads_sees_no_forms_and_an_admin_no_connections(browser, ids):
    http = browser("investigator")
    texts = {role: browser(role).get(f"/watchlist/{ids[SHOP]}").text for role in ("supervisor", "admin")}
    for text in texts.values():
        assert 'id="next-steps"' not in text
        assert "<dialog" not in text
        assert "<form data-api" not in text
    file = {"file": ("list.txt", b"@qz_tuman_new_4711\n")}
    assert http.post("/v1/watchlist/import", files=file).json()["added"] == 1
    (told,) = http.get("/v1/watchlist?value=@qz_tuman_new_4711&kind=telegram").json()["addresses"]
    assert "list.txt" in http.get(f"/watchlist/{told['id']}/part/imports").text
    assert "part/graph" in texts["supervisor"]
    assert "part/graph" not in texts["admin"]
    assert browser("supervisor").get(f"/watchlist/{ids[SHOP]}/part/timeline?by=year").text.count("<tr><td>2026") == 1
    assert browser("officer").get(f"/watchlist/{ids[SHOP]}").status_code == 403
    for page in ("", "/part/steps", "/part/timeline", "/part/graph", "/part/near", "/part/notes", "/part/files"):
        assert http.get(f"/watchlist/{'0' * 32}{page}").status_code == 404, page

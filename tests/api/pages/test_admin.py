"""Pages of those who look after the installation: accounts, settings, the audit log, jobs."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from api.accounts.service import make_key
from api.audit.service import record
from api.jobs import service as jobs
from api.readings.cards import note_card
from api.readings.service import store_reading
from models import Account, Photo
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.pages.conftest import PHONE
from tests.api.queue_process import SmallReader, send
from tests.api.words import refused
from vision.types import Card

HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"


@pytest.fixture
def fits(accessible):
    """Asserts that a page is no wider than its screen and that axe-core finds nothing serious."""

    def check(page):
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, wide
        accessible(page)

    return check


def yes(page):
    page.on("dialog", lambda asked: asked.accept())
    return page


def test_accounts_are_made_changed_looked_into_and_disabled(visit, services, accounts, fits):
    with services.unit() as unit:
        make_key(unit, "officer", label=HOSTILE, scopes=None, expires_at=unit.clock.now() + timedelta(days=9))
        unit.session.get_one(Account, accounts["investigator"].id).name = HOSTILE
    page = yes(visit("admin", color_scheme="dark"))
    page.goto("/admin/accounts")
    assert page.get_by_role("link", name=HOSTILE).count() == 1
    page.get_by_role("button", name="Add an account").click()
    page.get_by_label("Name", exact=True).last.fill("qz.bolat-7")
    page.get_by_label("Role").select_option("investigator")
    fits(page)
    page.get_by_role("button", name="Add", exact=True).click()
    made = page.locator("#secret")
    made.wait_for()
    password = made.inner_text()
    assert re.fullmatch(r"([a-z2-9]{4}-){4}[a-z2-9]{4}", password)
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("link", name="qz.bolat-7").click()
    page.wait_for_url("**/admin/accounts/*")
    assert password not in page.content()

    theirs = visit()
    sign_in(theirs, "qz.bolat-7", password)
    theirs.wait_for_url("**/review")
    page.reload()
    assert page.get_by_role("button", name="Sign out there").count() == 1
    page.get_by_role("combobox", name="Role").select_option("supervisor")
    page.get_by_role("button", name="Change the role").click()
    page.get_by_role("heading", name="qz.bolat-7 supervisor").wait_for()
    page.get_by_text("Nowhere.").wait_for()
    page.get_by_role("button", name="Disable").click()
    page.get_by_role("heading", name="disabled").wait_for()
    theirs.allow(422)
    sign_in(theirs, "qz.bolat-7", password)
    theirs.get_by_role("alert").get_by_text("Name or password is wrong.").wait_for()
    fits(page)

    page = yes(visit("admin", size=PHONE))
    page.goto(f"/admin/accounts/{accounts['officer'].id}")
    assert page.get_by_role("cell", name=HOSTILE).count() == 1
    fits(page)
    page.get_by_role("button", name="Revoke").click()
    page.get_by_text("revoked on").wait_for()


def sign_in(page, name, password):
    page.goto("/sign-in?next=/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.allow(404)  # the review queue is another's page
    page.get_by_role("button", name="Sign in").click()


def test_the_audit_log_is_searched_and_its_chain_checked(visit, services, accounts, fits):
    with services.unit() as unit:
        for number in range(60):
            record(unit, "address.note", f"wall-{number}", said=HOSTILE)
    page = visit("supervisor", color_scheme="dark")
    page.goto("/admin/audit")
    assert page.locator(".log > li").count() == 50
    page.get_by_role("link", name="Older").click()
    page.wait_for_url("**cursor=*")
    page.get_by_label("What", exact=True).select_option("address.note")
    page.get_by_label("To what").fill("wall-7")
    page.get_by_label("From day").fill("2026-03-01")
    page.get_by_label("To day").fill("2026-03-01")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**subject=wall-7*")
    page.get_by_text("Details").click()
    assert page.locator(".log > li").get_by_text(HOSTILE).is_visible()
    page.get_by_role("button", name="Check the chain").click()
    page.get_by_text("The log is whole").wait_for()
    fits(page)
    page.get_by_label("To day").fill("2026-02-28")
    page.get_by_label("From day").fill("")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Nothing was found.").wait_for()

    with services.engine.begin() as connection:  # as somebody would who has the database's file
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        connection.execute(text("UPDATE audit_entries SET actor = 'nobody' WHERE seq = 5"))
    page = visit("admin", size=PHONE, language="ru")
    page.goto("/admin/audit")
    page.get_by_role("button", name="Проверить цепочку").click()
    page.get_by_text("Журнал нарушен").wait_for()
    assert page.get_by_text("Запись 5: она изменена после того, как была сделана").is_visible()
    fits(page)


def test_settings_are_changed_and_hold_elsewhere_and_after_a_restart(visit, make_services, fits):
    page = visit("admin", color_scheme="dark")
    page.goto("/admin/settings")
    fits(page)
    metres = page.locator("[id='intake.doubtful_m']")
    metres.get_by_role("spinbutton").fill("750")
    metres.get_by_role("button", name="Save").click()
    metres.get_by_text("Changed by admin").wait_for()
    days = page.locator("[id='watchlist.half_life_days']")
    days.get_by_label("phone").fill("90")
    days.get_by_role("button", name="Save").click()
    days.get_by_text("Changed by admin").wait_for()
    region = page.locator("[id='intake.region']")
    region.get_by_label("South").fill("80")
    page.allow(422)
    region.get_by_role("button", name="Save").click()
    region.get_by_role("alert").get_by_text("a region is south, west, north, east").wait_for()
    started_anew = make_services()
    with started_anew.unit():
        assert started_anew.settings.intake.doubtful_m == 750
        assert dict(started_anew.settings.watchlist.half_lives.days)["phone"] == 90

    page = visit("admin", size=PHONE, language="kk")
    page.goto("/admin/settings")
    fits(page)
    page.locator("[id='intake.doubtful_m']").get_by_role("button", name="Бастапқы мәніне қайтару").click()
    page.locator("[id='intake.doubtful_m'] button").nth(1).wait_for(state="detached")
    started_anew.running.forget()
    with started_anew.unit():
        assert started_anew.settings.intake.doubtful_m == 500


def test_failed_photos_are_tried_again_and_old_ones_read_again(visit, services, fits):
    failed = [send(services, "damaged"), send(services, "damaged")]
    old = send(services)
    with services.unit() as unit:
        for sha256, why in zip(failed, (HOSTILE, "It is cut off."), strict=True):
            begun = jobs.begin(unit, sha256, worker="first", max_losses=6)
            jobs.fail(unit, begun.id, code=f"qz_{sha256[:3]}", message=why, max_failures=1)
        store_reading(unit, old, SmallReader().read(services.blobs.get(old)))
    page = yes(visit("admin", color_scheme="dark"))
    page.goto("/admin/jobs")
    assert page.get_by_text(HOSTILE).first.is_visible()
    page.allow(409)
    page.get_by_role("button", name="Read again", exact=True).click()
    page.get_by_role("alert").get_by_text("Workers with one and the same reader").wait_for()
    with services.unit() as unit:
        card = note_card(unit, Card("small", "2", {"qz.onnx": "1" * 64}))
        jobs.beat(unit, "first", version="1", card=card)
    page.get_by_text("One photo was read by earlier readers alone.").wait_for()  # by itself
    fits(page)
    page.get_by_role("button", name="Read again", exact=True).click()
    page.get_by_text("0 of 1 photos").wait_for()
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Reading again was stopped").wait_for()
    page.locator("li", has_text=failed[0][:12]).get_by_role("button", name="Try again").click()
    page.locator("li", has_text=failed[0][:12]).wait_for(state="detached")
    page.get_by_role("button", name="Try all again").click()
    page.get_by_text("No photo was given up.").wait_for()
    with services.reading_unit() as unit:
        assert {unit.session.get_one(Photo, sha256).state for sha256 in failed} == {"owed"}

    page = visit("admin", size=PHONE, language="ru")
    page.goto("/admin/jobs")
    fits(page)


def test_an_admin_sees_and_ends_keys_and_sessions_and_others_do_not(browser, client, key, accounts):
    key("officer")
    theirs = browser("officer")
    officer = f"/v1/accounts/{accounts['officer'].id}"
    with client("admin") as http:
        (made,) = http.get(f"{officer}/keys").json()
        assert (made["label"], "secret" in made) == ("test", False)
        (session,) = http.get(f"{officer}/sessions").json()
        refused(http.delete(f"/v1/accounts/{'0' * 32}/sessions/{session['id']}"), 404, "not_found")
        assert http.delete(f"{officer}/sessions/{session['id']}").status_code == 204
        refused(theirs.get("/v1/session"), 401, "session_ended")
        password = http.post(f"{officer}/password/new").json()["password"]
        refused(http.get(f"/v1/accounts/{'0' * 32}/keys"), 404, "not_found")
        made = http.post("/v1/accounts", json={"name": "qz.made", "role": "officer"}).json()
        given = http.post("/v1/accounts", json={"name": "qz.given", "role": "officer", "password": "five odd wet cats"})
    assert client().post("/v1/session", json={"name": "officer", "password": password}).status_code == 200
    assert client().post("/v1/session", json={"name": "qz.made", "password": made["password"]}).status_code == 200
    assert "password" not in given.json()


TIMES = [
    ("2026-03-01T09:01:00Z", None, [2, 1]),
    (None, "2026-03-01T09:01:00Z", [0]),
    ("2026-03-01T09:01:00Z", "2026-03-01T14:02:00+05:00", [1]),
    ("2027-01-01T00:00:00Z", None, []),
    (None, "2020-01-01T00:00:00Z", []),
    ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", [2, 1, 0]),
]
"""From when, until when, and which entries were written then."""


def test_the_log_is_searched_by_time(services, client, clock):
    for number in range(3):
        with services.unit() as unit:
            record(unit, "address.note", str(number))
        clock.move(minutes=1)
    with client("supervisor") as http:
        for since, until, found in TIMES:
            asked = {name: value for name, value in (("since", since), ("until", until)) if value}
            entries = http.get("/v1/audit", params=asked | {"action": "address.note"}).json()["entries"]
            assert [int(each["subject"]) for each in entries] == found
        refused(http.get("/v1/audit", params={"since": "2026-03-01T09:00:00"}), 422, "time_without_zone")
        refused(http.get("/v1/audit", params={"since": "0001-01-01T00:00:00+14:00"}), 422, "time_out_of_range")
        page = http.get("/admin/audit", params={"since": "nonsense", "until": "9999-12-31", "actor": HOSTILE})
        assert page.status_code == 200
        assert "<img" not in page.text

"""Statistics: charts and their tables, filters in the address bar, pictures and CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from tests.api.pages.conftest import PHONE
from tests.api.world import some_world

TIME = "since=2024-02-20&until=2024-06-20"


@pytest.fixture
def world(services, accounts, clock):
    some_world(services, accounts["officer"])
    clock.move(seconds=(datetime(2024, 6, 21, tzinfo=UTC) - clock.now()) / timedelta(seconds=1))
    return services


def drawn(page):
    page.locator("canvas#spread[data-drawn=yes]").wait_for()


def test_filters_survive_a_reload_and_pictures_and_csv_are_what_they_say(visit, accessible, world, client):
    page = visit("supervisor", color_scheme="dark", reduced_motion="reduce")
    page.goto(f"/statistics?{TIME}")
    drawn(page)
    accessible(page)
    page.get_by_label("Period").select_option("quarter")
    page.get_by_label("Kind").select_option("telegram")
    page.get_by_label("Around a place").fill("54.9, 69.15")
    page.get_by_label("Kilometres").fill("12")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**by=quarter**kind=telegram**")
    page.reload()
    drawn(page)
    chosen = [
        page.get_by_label(name, exact=True).input_value() for name in ("Period", "From", "Kind", "Around a place")
    ]
    assert chosen == ["quarter", "2024-02-20", "telegram", "54.9, 69.15"]

    asked = {"by": "quarter", "since": "2024-02-20", "until": "2024-06-20", "kind": "telegram"}
    told = client("supervisor").get("/v1/statistics", params=asked | {"circle": "54.9,69.15,12000"}).json()
    seen = page.locator("section.chart").filter(has=page.locator("#seen"))
    seen.get_by_text("Table").click()
    rows = [row.split("\t") for row in seen.locator("tbody").inner_text().splitlines()]
    names = ("reports", "sightings", "walls", "addresses")
    assert [row[1:] for row in reversed(rows)] == [[str(each[name]) for name in names] for each in told["periods"]]
    assert seen.locator("tfoot td").all_inner_texts() == [str(told["total"][name]) for name in names]

    with page.expect_download() as saved:
        page.get_by_role("button", name="PNG What was seen").click()
    assert saved.value.suggested_filename == "wallwatch-seen.png"
    picture = Image.open(saved.value.path())
    assert (picture.format, picture.size) == ("PNG", (2400, 1350))
    colours = {picture.convert("RGB").getpixel(at) for at in ((2, 2), (2397, 2), (2, 1347))}
    assert colours == {(255, 255, 255)}
    assert len(picture.convert("RGB").getcolors(2**20)) > 50
    with page.expect_download() as saved:
        page.get_by_role("link", name="All figures as CSV").click()
    table = list(csv.DictReader(io.StringIO(saved.value.path().read_text("utf-8"))))
    assert [row["sightings"] for row in table] == [str(each["sightings"]) for each in told["periods"]]
    page.get_by_role("link", name="Without filters").click()
    page.wait_for_url("**/statistics")


def test_on_a_telephone_nothing_is_wider_than_the_screen(visit, accessible, world):
    page = visit("investigator", size=PHONE, language="kk", color_scheme="light")
    page.goto(f"/statistics?{TIME}&by=week")
    drawn(page)
    page.locator("summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    accessible(page)


NOT_UNDERSTOOD = [
    ("by=fortnight", "by"),
    ("kind=%3Cscript%3E", "kind"),
    ("status=gone", "status"),
    ("since=tomorrow", "since"),
    ("since=2024-05-01&until=2024-04-01", "2024"),
    ("near=somewhere", "54"),
    ("near=54.9,69.15&km=far", "km"),
    ("near=54.9,69.15&km=nan", ""),
    ("near=54.9,69.15&km=5000", ""),
    ("box=1,2", "box"),
    ("by=day&since=1990-01-01", "400"),
]


def test_a_filter_that_is_not_understood_is_said_on_the_page_that_has_the_filters(browser):
    supervisor = browser("supervisor")
    for query, said in NOT_UNDERSTOOD:
        answer = supervisor.get(f"/statistics?{query}", headers={"Accept": "text/html", "Accept-Language": "en"})
        assert answer.status_code == 422, query
        alert = answer.text.partition('role="alert">')[2].partition("</p>")[0]
        assert alert
        assert said in alert, query
        assert 'id="near"' in answer.text or "box=" in query
        assert "<script>" not in answer.text


def test_only_this_page_loads_the_charts(browser):
    investigator = browser("investigator")
    pages = {path: investigator.get(path).text for path in ("/statistics", "/figures", "/import", "/account")}
    assert [path for path, text in pages.items() if "chart.umd" in text] == ["/statistics"]

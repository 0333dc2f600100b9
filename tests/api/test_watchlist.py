"""The watchlist over HTTP, on both databases."""

import pytest

from api.watchlist.query import PARAMETERS
from api.watchlist.service import sight_report
from models import ReportPhoto
from tests.api.seen import see, wall
from tests.api.words import refused
from vision.types import Kind


@pytest.fixture
def seen(services, accounts):
    """Three addresses: a Telegram name on two walls, a site, a phone far away."""
    officer = accounts["officer"]
    see(services, officer, wall("qz_tuman_lis_77"), photo="a", hours=1)
    see(services, officer, wall("qz_tuman_lis_77"), photo="b", lat=54.90, lon=69.20, hours=5)
    site = wall("qz-tuman-77.biz", kind=Kind.DOMAIN, facts={"registrable": "qz-tuman-77.biz"}, confidence=0.8)
    see(services, officer, site, photo="c", hours=3)
    see(services, officer, wall("+77075009665", kind=Kind.PHONE), photo="d", lat=53.3, lon=69.4, hours=2)


def values(answer):
    assert answer.status_code == 200, answer.text
    return [row["value"] for row in answer.json()["addresses"]]


def test_an_address_sums_up_its_sightings(client, seen):
    (row,) = client("investigator").get("/v1/watchlist", params={"kind": "telegram"}).json()["addresses"]
    assert (row["value"], row["defanged"], row["status"]) == ("qz_tuman_lis_77", "t[.]me/qz_tuman_lis_77", "new")
    assert (row["sightings"], row["photos"], row["best_confidence"]) == (2, 2, 0.93)
    assert row["first_seen_at"] == "2026-03-01T10:00:00Z"
    assert row["last_seen_at"] == "2026-03-01T14:00:00Z"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, ["qz_tuman_lis_77", "qz-tuman-77.biz", "+77075009665"]),
        ({"kind": "domain"}, ["qz-tuman-77.biz"]),
        ({"value": "qz_tuman_lis_77"}, ["qz_tuman_lis_77"]),
        ({"value": "@QZ_Tuman_lis_77"}, ["qz_tuman_lis_77"]),
        ({"value": "QZ_TUMAN_LIS_77", "kind": "telegram"}, ["qz_tuman_lis_77"]),
        ({"value": "https://t.me/qz_tuman_lis_77"}, ["qz_tuman_lis_77"]),
        ({"value": "QZ-Tuman-77.BIZ"}, ["qz-tuman-77.biz"]),
        ({"value": "8 (707) 500-96-65"}, ["+77075009665"]),
        ({"value": "8 (707) 500-96-65", "kind": "domain"}, []),
        ({"value": "qz_tuman"}, []),
        ({"prefix": "qz"}, ["qz_tuman_lis_77", "qz-tuman-77.biz"]),
        ({"prefix": "QZ_"}, ["qz_tuman_lis_77"]),
        ({"status": "confirmed"}, []),
        ({"box": "54.8,69.0,54.95,69.3"}, ["qz_tuman_lis_77", "qz-tuman-77.biz"]),
        ({"box": "40,50,60,90"}, ["qz_tuman_lis_77", "qz-tuman-77.biz", "+77075009665"]),
        ({"circle": "54.90,69.20,500"}, ["qz_tuman_lis_77"]),
        ({"circle": "54.87,69.15,500"}, ["qz_tuman_lis_77", "qz-tuman-77.biz"]),
        ({"circle": "54.87,69.15,500", "since": "2026-03-01T13:00:00+00:00"}, []),
        ({"since": "2026-03-01T13:00:00+00:00"}, ["qz_tuman_lis_77"]),
        ({"until": "2026-03-01T11:30:00+00:00"}, ["qz_tuman_lis_77", "+77075009665"]),
        ({"since": "2026-03-01T11:30:00Z", "until": "2026-03-01T12:30:00Z"}, ["qz-tuman-77.biz"]),
        ({"min_confidence": "0.9"}, ["qz_tuman_lis_77", "+77075009665"]),
        ({"sort": "value", "order": "asc"}, ["+77075009665", "qz-tuman-77.biz", "qz_tuman_lis_77"]),
        ({"sort": "confidence", "order": "asc", "kind": "domain"}, ["qz-tuman-77.biz"]),
        ({"sort": "sightings"}, None),
    ],
)  # fmt: skip
def test_the_list_is_narrowed_and_sorted(client, seen, params, expected):
    found = values(client("investigator").get("/v1/watchlist", params=params))
    assert found == expected if expected is not None else found[0] == "qz_tuman_lis_77"


@pytest.mark.parametrize("sort", ["last_seen", "first_seen", "sightings", "confidence", "value"])
@pytest.mark.parametrize("order", ["asc", "desc"])
def test_pages_put_together_are_the_whole_list(client, seen, sort, order):
    asking, found, cursor = client("investigator"), [], None
    while True:
        params = {"sort": sort, "order": order, "limit": 1} | ({"cursor": cursor} if cursor else {})
        page = asking.get("/v1/watchlist", params=params).json()
        found += [row["value"] for row in page["addresses"]]
        if (cursor := page["next"]) is None:
            break
    assert found == values(asking.get("/v1/watchlist", params={"sort": sort, "order": order}))


@pytest.mark.parametrize(
    "params",
    [
        {"cursor": "nonsense"},
        {"box": "1,2,3"},
        {"box": "54.95,69.0,54.8,69.3"},
        {"box": "nan,1,2,3"},
        {"circle": "54,69,-5"},
        {"circle": "a,b,c"},
        {"since": "2026-03-01T13:00:00"},
        {"min_confidence": "2"},
        {"kind": "pigeon"},
        {"limit": "100000"},
        {"order": "sideways"},
        {"box": "54.8,69.0,54.95,69.3", "circle": "54.90,69.20,500"},
        {"value": "qz_tuman_lis_77", "prefix": "qz"},
        {"statuss": "new"},
        {"\u202eq": "1"},
    ],
)
def test_a_wrong_filter_is_refused_in_words(client, params):
    answer = client("investigator").get("/v1/watchlist", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_an_invitation_is_found_in_the_case_it_was_painted_in(client, services, accounts):
    see(services, accounts["officer"], wall("qzTumanLIS77xx", kind=Kind.TELEGRAM_INVITE), photo="e")
    asking = client("investigator")
    for typed in ("qzTumanLIS77xx", "t.me/+qzTumanLIS77xx"):
        assert values(asking.get("/v1/watchlist", params={"value": typed})) == ["qzTumanLIS77xx"]


@pytest.mark.parametrize("path", ["/v1/watchlist", "/v1/watchlist/export"])
def test_filters_that_would_be_ignored_are_refused_by_name(client, path):
    asking = client("investigator")
    said = refused(asking.get(path, params={"statuss": "new"}), 422, "parameter_unknown")
    assert (said["field"], said["detail"].endswith("did you mean status?")) == ("statuss", True)
    said = refused(asking.get(path, params={"value": "a", "prefix": "a"}), 422, "filters_contradict")
    assert said["fields"] == ["value", "prefix"]
    said = refused(asking.get(path, params={"box": "1,2,3,4", "circle": "1,2,3"}), 422, "filters_contradict")
    assert said["fields"] == ["box", "circle"]


def test_every_parameter_that_a_list_describes_is_let_in(app):
    paths = app.openapi()["paths"]
    for path, more in (("/v1/watchlist", {"cursor", "limit"}), ("/v1/watchlist/export", {"format"})):
        assert {each["name"] for each in paths[path]["get"]["parameters"]} == {*PARAMETERS, *more}


def test_a_cursor_of_another_query_is_refused(client, seen):
    asking = client("investigator")
    cursor = asking.get("/v1/watchlist", params={"limit": 1}).json()["next"]
    answer = asking.get("/v1/watchlist", params={"limit": 1, "kind": "domain", "cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor_refused")


def test_one_address_shows_where_it_was_seen(client, seen):
    asking = client("investigator")
    (row,) = asking.get("/v1/watchlist", params={"kind": "telegram"}).json()["addresses"]
    first = asking.get(f"/v1/watchlist/{row['id']}", params={"limit": 1}).json()
    (sighting,) = first["page"]
    assert (sighting["lat"], sighting["lon"], sighting["text"]) == (54.90, 69.20, "@qz_tuman_lis_77")
    assert len(sighting["box"]) == 4
    rest = asking.get(f"/v1/watchlist/{row['id']}", params={"limit": 1, "cursor": first["next"]}).json()
    assert [each["lat"] for each in rest["page"]] == [54.87]
    assert rest["next"] is None


@pytest.mark.parametrize("path", ["/v1/watchlist", "/v1/watchlist/none", "/v1/watchlist/export", "/v1/review"])
def test_the_watchlist_is_not_for_everybody(client, path):
    assert client().get(path).status_code == 401
    assert client("officer").get(path).status_code == 403


def test_an_unknown_address_is_not_found(client):
    assert client("investigator").get("/v1/watchlist/none").status_code == 404


def test_the_same_wall_is_one_inscription_and_another_wall_another(client, services, accounts):
    for photo, lat in (("a", 54.87), ("b", 54.8701), ("c", 54.88)):
        see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo=photo, lat=lat)
    asking = client("investigator")
    (row,) = asking.get("/v1/watchlist").json()["addresses"]
    page = asking.get(f"/v1/watchlist/{row['id']}").json()["page"]
    assert len(page) == 3
    assert len({sighting["inscription_id"] for sighting in page}) == 2


def test_a_second_report_on_the_same_photo_is_a_second_sighting_of_one_photo(client, services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a", lat=54.95)
    with services.unit() as unit:
        for carried in unit.session.query(ReportPhoto).all():
            sight_report(unit, carried)
    (row,) = client("investigator").get("/v1/watchlist").json()["addresses"]
    assert (row["sightings"], row["photos"]) == (2, 1)

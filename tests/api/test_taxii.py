"""The TAXII 2.1 collection, asked by the programs' own client over real sockets."""

import json
import threading

import pytest
import requests
from stix2validator import ValidationOptions, validate_string
from taxii2client.v21 import Server, as_pages

from api.exchange.stix import TLP_MARKINGS
from api.exchange.taxii import COLLECTION, MOST
from api.web.server import listen, make_server
from models import Address
from tests.api.listed import VALUES, list_all
from tests.api.seen import see, wall
from tests.api.words import refused

MEDIA = "application/taxii+json;version=2.1"
OBJECTS = f"/taxii2/watchlist/collections/{COLLECTION}/objects/"


@pytest.fixture
def listed(services, accounts, clock):
    list_all(services, accounts["officer"])
    clock.move(minutes=1)


@pytest.fixture
def address(services):
    """A running server's URL."""
    server, listening = make_server(services), listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def asking(address, key):
    with Server(f"{address}/taxii2/", user="wallwatch", password=key("supervisor")) as server:
        yield server
        for root in server.api_roots:
            root.close()


def test_the_client_finds_the_collection_and_reads_it_page_by_page(asking, listed):
    assert asking.default.title == "Watchlist"
    (collection,) = asking.default.collections
    assert (collection.id, collection.can_read, collection.can_write) == (COLLECTION, True, False)
    pages = list(as_pages(collection.get_objects, per_request=5))
    objects = [each for page in pages for each in page["objects"]]
    assert len(objects) == 6 + 3 * len(VALUES)
    assert {len(page["objects"]) for page in pages[:-1]} == {5}
    assert len({each["id"] for each in objects}) == len(objects)
    assert objects == collection.get_objects()["objects"]
    text = json.dumps({"type": "bundle", "id": "bundle--5b29a4a4-9d04-4e4c-a5ee-7ef7f5a2a2a1", "objects": objects})
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid
    listing = [each for page in as_pages(collection.get_manifest, per_request=7) for each in page["objects"]]
    assert [each["id"] for each in listing] == [each["id"] for each in objects]


def test_added_after_gives_what_changed_since_and_again_what_changes_again(asking, listed, services, accounts, clock):
    (collection,) = asking.default.collections
    last = collection.get_manifest()["objects"][-1]["date_added"]
    assert collection.get_objects(added_after=last) == {"more": False, "objects": []}
    clock.move(minutes=1)
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="later")
    assert collection.get_objects(added_after=last)["objects"] == []  # not yet settled
    clock.move(minutes=1)
    sighted = {each["type"]: each for each in collection.get_objects(added_after=last)["objects"]}
    assert set(sighted) == {"user-account", "indicator", "sighting"}
    assert sighted["sighting"]["count"] == 3
    assert sighted["indicator"]["modified"] == "2026-03-01T09:02:00.000Z"


def test_matches_narrow_and_one_object_is_found_by_its_id(asking, listed):
    (collection,) = asking.default.collections
    indicators = collection.get_objects(type="indicator")["objects"]
    assert {each["type"] for each in indicators} == {"indicator"}
    assert len(indicators) == len(VALUES)
    for wanted in (*indicators[:2], *collection.get_objects(type=["url", "marking-definition"])["objects"][:6]):
        assert collection.get_object(wanted["id"])["objects"] == [wanted]
        (version,) = collection.object_versions(wanted["id"])["versions"]
        assert collection.get_objects(id=wanted["id"], version=version)["objects"] == [wanted]
    assert collection.get_objects(version="2020-01-01T00:00:00Z")["objects"] == []
    assert collection.get_objects(spec_version="2.0")["objects"] == []
    with pytest.raises(requests.HTTPError, match="404"):
        collection.get_object("indicator--5b29a4a4-9d04-4e4c-a5ee-7ef7f5a2a2a1")


def test_an_address_that_was_rejected_is_told_as_revoked(asking, listed, services, clock):
    with services.unit() as unit:
        row = unit.session.query(Address).filter_by(value="qz-tuman-77.biz").one()
        row.status = "rejected"
    clock.move(minutes=1)
    (collection,) = asking.default.collections
    (told,) = [each for each in collection.get_objects(type="indicator")["objects"] if each.get("revoked")]
    assert told["pattern"] == "[domain-name:value = 'qz-tuman-77.biz']"


def test_what_is_red_stays_here(client, services, listed, clock):
    with services.unit() as unit:
        unit.session.query(Address).filter_by(value="qz-tuman-77.biz").one().tlp = "red"
    clock.move(minutes=1)
    found = client("supervisor").get(OBJECTS, params={"match[type]": "indicator"}).json()["objects"]
    assert len(found) == len(VALUES) - 1
    assert "qz-tuman-77.biz" not in str(found)


def test_where_all_is_red_nothing_goes_out(make_services, listed, client):
    from starlette.testclient import TestClient

    from api.app import create_app

    headers = {"Authorization": client("supervisor").headers["Authorization"]}
    with TestClient(create_app(make_services(exchange={"tlp": "red"})), headers=headers) as asking:
        found = asking.get(OBJECTS).json()["objects"]
    assert {each["type"] for each in found} == {"identity", "marking-definition"}


def test_what_people_put_to_an_address_is_told_as_a_change(asking, listed, client, clock):
    (collection,) = asking.default.collections
    last = collection.get_manifest()["objects"][-1]["date_added"]
    http = client("investigator")
    (row,) = http.get("/v1/watchlist", params={"value": "qz-tuman-77.biz"}).json()["addresses"]
    edited = {"version": row["version"], "tags": ["ring-7"], "tlp": "green"}
    version = http.patch(f"/v1/watchlist/{row['id']}", json=edited).json()["version"]
    step = {"version": version, "to": "benign", "reason": "a bakery"}
    assert http.post(f"/v1/watchlist/{row['id']}/steps", json=step).status_code == 200
    clock.move(minutes=1)
    (told,) = [each for each in collection.get_objects(added_after=last)["objects"] if each["type"] == "indicator"]
    assert (told["revoked"], told["labels"]) == (True, ["wallwatch:kind=domain", "wallwatch:status=benign", "ring-7"])
    assert told["object_marking_refs"] == [TLP_MARKINGS["green"]]


def test_media_types_are_those_of_taxii(client, listed):
    asking = client("investigator")
    answer = asking.get(OBJECTS, headers={"Accept": MEDIA})
    assert answer.headers["content-type"] == MEDIA
    assert answer.headers["x-taxii-date-added-first"] == "2026-01-01T00:00:00Z"
    assert answer.headers["x-taxii-date-added-last"] == "2026-03-01T09:00:00Z"
    for accept in ("application/taxii+json", "text/html, */*;q=0.8", 'application/taxii+json; version="2.1"'):
        assert asking.get("/taxii2/", headers={"Accept": accept}).status_code == 200, accept
    for accept in ("application/taxii+json;version=2.0", "text/html", "application/vnd.oasis.taxii+json"):
        refused(asking.get("/taxii2/", headers={"Accept": accept}), 406, "not_acceptable")


def test_a_key_may_come_as_a_password_here_and_nowhere_else(client, key):
    nobody, secret = client(), key("supervisor")
    assert nobody.get("/taxii2/", auth=("anything", secret)).status_code == 200
    refused(nobody.get("/taxii2/", auth=("anything", "ww_wrong")), 401, "key_refused")
    refused(nobody.get("/taxii2/", headers={"Authorization": "Basic %%%"}), 401, "sign_in_needed")
    refused(nobody.get("/v1/watchlist", auth=("anything", secret)), 401, "sign_in_needed")
    refused(nobody.get("/taxii2/", auth=("anything", key("officer"))), 403, "not_allowed")


@pytest.mark.parametrize(
    "params",
    [
        {"next": "nonsense"},
        {"limit": 0},
        {"added_after": "yesterday"},
        {"added_after": "2026-03-01T09:00:00"},
        {"next": "W10"},
    ],
)
def test_a_wrong_question_is_refused_in_words(client, params):
    answer = client("investigator").get(OBJECTS, params=params)
    assert (answer.status_code, bool(answer.json()["detail"])) == (422, True)


def test_a_cursor_belongs_to_its_question_and_a_large_limit_is_cut(client, listed):
    asking = client("investigator")
    following = asking.get(OBJECTS, params={"limit": 2}).json()["next"]
    refused(asking.get(OBJECTS, params={"next": following, "match[type]": "url"}), 422, "cursor_refused")
    assert asking.get(OBJECTS, params={"limit": MOST * 10}).json()["more"] is False
    refused(asking.get("/taxii2/watchlist/collections/other/objects/"), 404, "not_found")


def test_reading_objects_is_written_down(client, listed):
    client("investigator").get(OBJECTS, params={"limit": 4})
    (entry,) = client("supervisor").get("/v1/audit", params={"action": "watchlist.taxii"}).json()["entries"]
    assert (entry["actor"], entry["facts"]["objects"]) == ("investigator", 4)

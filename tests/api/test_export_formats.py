"""Each format as the programs that it is for understand it."""

import gc
import io
import json
import tracemalloc
import warnings
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest
import stix2
from pymisp import MISPEvent
from stix2validator import ValidationOptions, validate_string

from api.exchange import stix
from api.exchange.ids import observable_id
from api.exchange.rows import PAGE, entry_of
from api.exchange.service import Format, export
from api.watchlist.filters import Filters, box
from models import Address, AddressStatus, Tlp
from tests.api.listed import VALUES, list_all, written
from tests.api.words import refused
from vision.addresses import defang

EVERY = [str(form) for form in Format]


@pytest.fixture
def listed(services, accounts):
    list_all(services, accounts["officer"])


def objects(data):
    made = {}
    for each in json.loads(data)["objects"]:
        made.setdefault(each["type"], []).append(each)
    return made


@pytest.mark.parametrize("form", EVERY)
def test_the_api_gives_the_same_bytes_as_the_command_and_the_same_twice(client, services, listed, clock, form):
    answer = client("supervisor").get("/v1/watchlist/export", params={"format": form})
    clock.move(hours=3)
    assert answer.status_code == 200
    assert answer.content == written(services, form) == written(services, form)
    assert answer.headers["content-disposition"].startswith('attachment; filename="watchlist.')


@pytest.mark.parametrize("form", EVERY)
def test_an_empty_list_is_an_empty_file(services, accounts, form):
    data = written(services, form)
    if form in ("json", "geojson", "stix", "misp"):
        assert json.loads(data) in ([], {"type": "FeatureCollection", "features": []}) or form in ("stix", "misp")
    assert validate_string(data.decode()).is_valid if form == "stix" else True


def test_xlsx_has_text_cells_and_no_formula(services, listed):
    data = written(services, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(data))
    head, *rows = book.active.iter_rows()
    values = {row[2].value: row for row in rows}
    assert [cell.value for cell in head][:3] == ["id", "kind", "value"]
    assert set(values) == {value for _, value in VALUES}
    assert values["+77075009665"][2].data_type != "f"
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} <= {"s", "inlineStr", "n"}
    assert all(
        b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read(n) for n in zipfile.ZipFile(io.BytesIO(data)).namelist()
    )


def test_the_text_is_defanged(services, listed):
    lines = written(services, "text").decode().splitlines()
    assert sorted(lines) == sorted(defang(kind, value) for kind, value in VALUES)
    assert not [line for line in lines if ".me/" in line.replace("[.]", "")]


def test_geojson_has_a_point_for_every_sighting(services, listed):
    made = json.loads(written(services, "geojson"))
    points = [each for each in made["features"] if each["geometry"]]
    assert len(points) == len(made["features"]) == len(VALUES) + 1
    phone = next(each for each in points if each["properties"]["kind"] == "phone")
    assert phone["geometry"] == {"type": "Point", "coordinates": [69.15, pytest.approx(54.87)]}
    near = json.loads(written(services, "geojson", region=box(53.2, 69.3, 53.4, 69.5)))["features"]
    assert [each["properties"]["source"] for each in near] == ["QRCode"]


def test_stix_is_accepted_by_the_validator_and_by_the_library(services, listed):
    data = written(services, "stix").decode()
    found = validate_string(data, ValidationOptions(version="2.1"))
    assert [str(error) for error in found.errors or ()] == []
    assert found.is_valid
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bundle = stix2.parse(data, allow_custom=False)
    assert len(bundle.objects) == len(json.loads(data)["objects"])


def test_stix_says_what_was_seen_where_and_how_far_it_may_go(services, listed):
    made = objects(written(services, "stix"))
    assert {kind: len(each) for kind, each in made.items()} == {
        "identity": 1, "marking-definition": 5, "user-account": 5, "url": 4, "domain-name": 2, "email-addr": 1,
        "indicator": 12, "location": 13, "observed-data": 13, "sighting": 13,
    }  # fmt: skip
    patterns = {each["pattern"] for each in made["indicator"]}
    assert "[user-account:account_login = 'qz_tuman_lis_77' AND user-account:account_type = 'telegram']" in patterns
    assert "[domain-name:value = 'xn----24-53d8dije3aom8i.xn--p1ai']" in patterns
    assert {ref for each in made["sighting"] for ref in each["object_marking_refs"]} == {stix.TLP_MARKINGS["amber"]}
    ids = {each["id"] for group in made.values() for each in group}
    assert len(ids) == sum(map(len, made.values()))
    refs = [ref for each in made["sighting"] for ref in (*each["observed_data_refs"], *each["where_sighted_refs"])]
    assert set(refs) | {each["sighting_of_ref"] for each in made["sighting"]} <= ids
    assert {ref for each in made["observed-data"] for ref in each["object_refs"]} <= ids


def test_observables_have_the_ids_that_stix_prescribes():
    named = {"account_type": "telegram", "account_login": "qz_tuman_lis_77"}
    assert observable_id("user-account", named) == stix2.UserAccount(**named).id
    for value in ("qz-tuman-77.biz", "https://t.me/+qzTumanLIS77xx", 'соль"\\\t\u001f'):
        assert observable_id("url", {"value": value}) == stix2.URL(value=value).id


@pytest.mark.parametrize("tlp", Tlp)
@pytest.mark.parametrize("status", AddressStatus)
def test_status_and_tlp_of_a_row_are_told_and_are_valid(tlp, status):
    moment = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)
    row = Address(
        id="0" * 32, kind="telegram", value="qz_o'tuman", status=status, first_seen_at=moment, last_seen_at=moment,
        sighting_count=0, photo_count=0, best_confidence=0.0, created_at=moment, changed_at=None,
    )  # fmt: skip
    row.tlp = tlp
    entry = entry_of(row, least="clear", tags=["b", "a"])
    made_by = stix.producer("WallWatch")
    made = [made_by, *stix.markings(), stix.observable(entry), stix.indicator(entry, made_by["id"])]
    assert made[-1].get("revoked", False) == (status in ("rejected", "benign"))
    assert made[-1]["labels"] == ["wallwatch:kind=telegram", f"wallwatch:status={status}", "a", "b"]
    assert made[-1]["object_marking_refs"] == made[-2]["object_marking_refs"] == [stix.TLP_MARKINGS[tlp]]
    text = json.dumps({"type": "bundle", "id": "bundle--" + made_by["id"][10:], "objects": made})
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid
    with_sum = stix.summed_sighting(entry, made_by["id"])
    assert (with_sum["first_seen"], with_sum["modified"]) == ("2026-03-01T09:00:00.123456Z", "2026-03-01T09:00:00.123Z")


def test_misp_is_loaded_and_its_objects_are_those_of_the_templates(services, listed):
    event = MISPEvent()
    event.load(written(services, "misp").decode())
    names = sorted(made.name for made in event.objects)
    assert {name: names.count(name) for name in names} == {
        "telegram-account": 1, "telegram-bot": 1, "geolocation": 13, "ocrized-image": 12, "decoded-qrcode": 1,
    }  # fmt: skip
    assert len(event.attributes) == 10
    assert {tag.name for tag in event.tags} == {"tlp:amber"}
    for made in event.objects:
        known = made._definition["attributes"]
        assert made.template_uuid == made._definition["uuid"]
        assert str(made.template_version) == str(made._definition["version"])
        for attribute in made.attributes:
            assert known[attribute.object_relation]["misp-attribute"] == attribute.type
        assert {each.object_relation for each in made.attributes} >= set(made._definition.get("required", []))
    known = {each.uuid for each in (*event.objects, *event.attributes)}
    assert {ref.referenced_uuid for made in event.objects for ref in made.references} <= known
    assert len({each.uuid for made in event.objects for each in made.attributes} | known) == len(
        [each for made in event.objects for each in made.attributes]
    ) + len(known)


def decide(client, value, *, to=None, **edited):
    """What an investigator puts to an address, and the step they make with it."""
    http = client("investigator")
    (row,) = http.get("/v1/watchlist", params={"value": value}).json()["addresses"]
    path = f"/v1/watchlist/{row['id']}"
    row = http.patch(path, json={"version": row["version"], **edited}).json()
    if to is not None:
        made = http.post(f"{path}/steps", json={"version": row["version"], "to": to, "reason": "as the test says"})
        assert made.status_code == 200, made.text


def test_what_people_put_to_an_address_goes_out_in_every_format(client, services, listed):
    decide(client, "qz-tuman-77.biz", tlp="amber+strict", tags=["склад", "ring-7"], to="confirmed")
    told = {"tlp": "amber+strict", "tags": ["ring-7", "склад"], "status": "confirmed"}
    (row,) = [each for each in json.loads(written(services, "json")) if each["value"] == "qz-tuman-77.biz"]
    assert {name: row[name] for name in told} == told
    (spot,) = [
        each["properties"]
        for each in json.loads(written(services, "geojson"))["features"]
        if each["properties"]["value"] == "qz-tuman-77.biz"
    ]
    assert {name: spot[name] for name in told} == told
    (line,) = [line for line in written(services, "csv").decode().splitlines() if ",qz-tuman-77.biz," in line]
    assert line.endswith(",amber+strict,ring-7 склад,")
    sheet = openpyxl.load_workbook(io.BytesIO(written(services, "xlsx"))).active
    (cells,) = [cells for cells in sheet.iter_rows(values_only=True) if "qz-tuman-77.biz" in cells]
    assert cells[-3:-1] == ("amber+strict", "ring-7 склад")
    assert not cells[-1]
    data = written(services, "stix").decode()
    assert validate_string(data, ValidationOptions(version="2.1")).is_valid
    (made,) = [each for each in objects(data)["indicator"] if "qz-tuman-77.biz'" in each["pattern"]]
    assert made["labels"] == ["wallwatch:kind=domain", "wallwatch:status=confirmed", "ring-7", "склад"]
    strict = [each for each in json.loads(data)["objects"] if stix.TLP_MARKINGS["amber+strict"] in str(each)]
    assert sorted(each["type"] for each in strict) == [
        "domain-name", "indicator", "location", "marking-definition", "observed-data", "sighting",
    ]  # fmt: skip
    event = MISPEvent()
    event.load(written(services, "misp").decode())
    (attribute,) = [each for each in event.attributes if each.value == "qz-tuman-77.biz"]
    assert [tag.name for tag in attribute.tags] == [
        "tlp:amber+strict", 'wallwatch:status="confirmed"', "ring-7", "склад",
    ]  # fmt: skip
    assert [tag.name for tag in event.tags] == ["tlp:amber+strict"]


def test_what_is_benign_goes_out_only_when_it_is_asked_for_and_then_as_revoked(client, services, listed):
    decide(client, "qz-tuman-77.biz", to="benign")
    assert "qz-tuman-77.biz" not in written(services, "stix").decode()
    (made,) = objects(written(services, "stix", status=AddressStatus.BENIGN))["indicator"]
    assert (made["revoked"], made["indicator_types"]) == (True, ["benign"])


def test_no_export_is_wider_than_the_settings_say(make_services, services, listed, client):
    decide(client, "qz-tuman-77.biz", tlp="red")
    careful = make_services(exchange={"tlp": "amber+strict"})
    found = {row["value"]: row["tlp"] for row in json.loads(written(careful, "json"))}
    assert (found.pop("qz-tuman-77.biz"), set(found.values())) == ("red", {"amber+strict"})
    narrowed = json.loads(written(careful, "misp", kind="phone"))["Event"]["Tag"]
    assert (narrowed, json.loads(written(careful, "misp"))["Event"]["Tag"]) == (
        [{"name": "tlp:amber+strict"}],
        [{"name": "tlp:red"}],
    )


def test_how_fast_addresses_decay_here_changes_no_id(make_services, listed, client):
    from starlette.testclient import TestClient

    from api.app import create_app

    services = make_services(watchlist={"half_life_days": {"phone": 3.0}})
    headers = {"Authorization": client("supervisor").headers["Authorization"]}
    with TestClient(create_app(services), headers=headers) as asking:
        answer = asking.get("/v1/watchlist/export", params={"format": "stix"})
    assert answer.content == written(services, "stix")


def test_an_export_is_written_down_and_an_unknown_format_refused(client, services, listed):
    refused(client("investigator").get("/v1/watchlist/export", params={"format": "pdf"}), 422, "request_not_understood")
    client("investigator").get("/v1/watchlist/export", params={"format": "stix"})
    (entry,) = client("supervisor").get("/v1/audit", params={"action": "watchlist.export"}).json()["entries"]
    assert entry["facts"]["format"] == "stix"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_four_times_as_many_addresses_take_no_more_memory(services):
    few = 2 * PAGE  # so many that a page is still there while the next one comes
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with services.unit() as unit:
        unit.session.execute(
            Address.__table__.insert(),
            [
                {
                    "id": f"{n:032x}", "kind": "domain" if n % 4 else "onion", "value": f"qz-tuman-{n}.biz",
                    "status": "new", "first_seen_at": moment, "last_seen_at": moment, "sighting_count": 0,
                    "photo_count": 0, "best_confidence": 0.5, "created_at": moment, "version": 1, "status_at": moment,
                    "photographed_at": moment, "is_decided": False, "tlp": "amber",
                }
                for n in range(4 * few)
            ],
        )  # fmt: skip
    for form in Format:
        list(export(services, form, Filters(kind="email")))  # what is loaded once is no growth
        (size, peak), (all_size, all_peak) = (taken(services, form, kind) for kind in ("onion", None))
        assert all_size > 3 * size > 3 * 15 * few, form
        assert all_peak < peak + 2**19, (form, peak, all_peak)


def taken(services, form, kind):
    """Bytes of an export, and the most that was held while it was made."""
    gc.collect()
    tracemalloc.start()
    size = sum(len(piece) for piece in export(services, form, Filters(kind=kind)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return size, peak

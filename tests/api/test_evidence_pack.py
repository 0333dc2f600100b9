"""Packs of evidence: what is in them, what is refused, and what is written down."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from api.audit.seal import seal_now
from api.evidence.keys import fingerprint
from api.evidence.subjects import About, TooMuchToPack, subject_of
from models import AuditEntry, Sighting
from tests.api.packs import SHOP, SITE, fetched, id_of, opened, three_walls, told
from tests.api.pictures import jpeg
from tests.api.seen import see, wall
from tests.api.words import refused


@pytest.fixture
def http(client, services, accounts):
    three_walls(services, accounts)
    return client("investigator")


def test_a_pack_of_an_address_holds_everything_about_it_and_is_written_down(http, client, services):
    seal_now(services)
    address_id = id_of(http, SHOP)
    data = fetched(http, "address", address_id)
    files = opened(data)
    photos = {hashlib.sha256(jpeg(n)).hexdigest(): jpeg(n) for n in (1, 2, 3)}
    assert {name: files[f"originals/{name}.jpg"] for name in photos} == photos
    facts = told(files, "facts.json")
    assert [each["value"] for each in facts["sightings"]] == [SHOP] * 3
    assert [each["received_from"] for each in facts["sightings"]] == ["officer", "officer", "investigator"]
    assert facts["photos"][0]["file_names"] == ["қабырға ә.jpg"]
    assert {files[each["crop"]][:2] for each in facts["sightings"]} == {b"\xff\xd8"}
    for name in photos:
        (reading,) = told(files, f"readings/{name}.json")["readings"]
        assert reading["engine"] == {
            "name": "test-reader",
            "version": "1",
            "weights": {"b.onnx": "b" * 64, "a.onnx": "a" * 64},
        }
    manifest = told(files, "manifest.json")
    listed = {each["path"]: (each["size_bytes"], each["sha256"]) for each in manifest["files"]}
    held = {name: (len(each), hashlib.sha256(each).hexdigest()) for name, each in files.items()}
    assert listed == {name: held[name] for name in files.keys() - {"manifest.json", "manifest.sig"}}
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest["public_key"]))
    key.verify(files["manifest.sig"], files["manifest.json"])
    for line in files["SHA256SUMS"].decode().splitlines():
        assert held[line[66:]][1] == line[:64]
    said = http.get("/v1/evidence/key").json()
    assert (said["fingerprint"], said["pem"].encode()) == (fingerprint(key), files["public-key.pem"])
    custody = told(files, "custody.json")
    assert {each["action"] for each in custody["entries"]} >= {"photo.read"}
    assert [each["seq"] for each in custody["seals"]] == [custody["head"]["seq"]]
    (entry,) = client("supervisor").get("/v1/audit", params={"action": "evidence.pack"}).json()["entries"]
    assert (entry["actor"], entry["subject"], entry["facts"]["photos"]) == ("investigator", address_id, 3)
    assert entry["facts"]["manifest_sha256"] == held["manifest.json"][1]
    again = told(opened(fetched(http, "address", address_id)), "custody.json")["entries"]
    assert [each["action"] for each in again[len(custody["entries"]) :]] == ["photo.packed"] * 3 + ["evidence.pack"]


def test_a_wall_has_its_addresses_and_a_case_the_walls_of_all_of_its(http, services):
    with services.reading_unit() as unit:
        wall_id = unit.session.scalars(select(Sighting.inscription_id).where(Sighting.lat == 54.88)).first()
    files = opened(fetched(http, "wall", wall_id, language="kk"))
    assert {each["value"] for each in told(files, "facts.json")["addresses"]} == {SHOP, SITE}
    assert sum(name.startswith("originals/") for name in files) == 1
    case = http.post("/v1/cases", json={"book": "kui", "number": "4711/2026", "title": "Тұман"}).json()["id"]
    refused(http.get(f"/v1/evidence/case/{case}"), 409, "nothing_to_pack")
    for value in (SITE, SHOP):
        assert http.put(f"/v1/cases/{case}/addresses/{id_of(http, value)}").status_code == 204
    files = opened(fetched(http, "case", case, language="en"))
    assert len(told(files, "facts.json")["sightings"]) == 4
    assert sum(name.startswith("originals/") for name in files) == 3
    assert told(files, "manifest.json")["name"] == "КУИ 4711/2026"
    assert {each["action"] for each in told(files, "custody.json")["entries"]} >= {"case.open", "case.address"}


def test_what_cannot_be_packed_is_refused_and_not_written_down(http, services, accounts):
    refused(http.get("/v1/evidence/address/" + "0" * 32), 404, "not_found")
    refused(http.get("/v1/evidence/wall/x"), 404, "not_found")
    assert http.get("/v1/evidence/photo/x").status_code == 422
    with services.reading_unit() as unit, pytest.raises(TooMuchToPack, match="There are 3 sightings"):
        subject_of(unit, About.ADDRESS, id_of(http, SHOP), most=2)
    see(services, accounts["officer"], wall("qz_tuman_lis_88"), photo="no bytes are kept of this")
    lost = refused(http.get(f"/v1/evidence/address/{id_of(http, 'qz_tuman_lis_88')}"), 409, "original_not_whole")
    assert lost["photo"] == hashlib.sha256(b"no bytes are kept of this").hexdigest()
    with services.reading_unit() as unit:
        actions = set(unit.session.scalars(select(AuditEntry.action)))
    assert not actions & {"evidence.pack", "photo.packed"}

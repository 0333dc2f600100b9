"""How packs are made: the same bytes every time, in little memory, of whole originals, with a key of their own."""

import hashlib
import json
import stat
import tracemalloc

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError
from sqlalchemy import delete, select

from api.evidence.keys import KEY_FILE, signing_key
from api.evidence.pack import _made_ready, _Scratch, make_pack
from api.evidence.subjects import About
from api.evidence.words import Language
from api.settings import EvidenceSettings
from api.unit import SYSTEM
from models import Sighting
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.packs import SHOP, fetched, id_of, opened, three_walls, told
from tests.api.photographed import photographed
from tests.api.pictures import jpeg
from tests.api.seen import wall
from tests.api.words import refused

MIB = 2**20


@pytest.fixture
def http(client, services, accounts):
    three_walls(services, accounts)
    return client("investigator")


def test_the_same_state_gives_the_same_bytes_but_for_time_and_signature(http, services, clock):
    def built():
        scratch = _Scratch()
        about = About.ADDRESS, id_of(http, SHOP)
        return b"".join(_made_ready(services, SYSTEM, *about, language=Language.RU, scratch=scratch)[0].stream())

    first = built()
    assert built() == first
    clock.move(minutes=1)
    before, after = opened(first), opened(built())
    assert list(before) == list(after)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"manifest.json", "manifest.sig", "report.pdf", "SHA256SUMS"}


def test_an_original_that_was_changed_in_the_store_is_never_packed(http, services):
    name = hashlib.sha256(jpeg(3)).hexdigest()
    path = services.settings.data_dir / "blobs" / name[:2] / name
    path.chmod(0o600)
    path.write_bytes(jpeg(4))
    assert refused(http.get(f"/v1/evidence/address/{id_of(http, SHOP)}"), 409, "original_not_whole")["photo"] == name


def test_a_rejected_sighting_is_counted_and_its_photo_stays_out(http, services):
    with services.unit() as unit:
        unit.session.scalars(select(Sighting).where(Sighting.lat == 54.881)).one().state = "rejected"
    files = opened(fetched(http, "address", id_of(http, SHOP)))
    assert f"originals/{hashlib.sha256(jpeg(3)).hexdigest()}.jpg" not in files
    assert told(files, "facts.json")["left_out"] == 1


def test_thirty_photos_of_two_mebibytes_take_the_memory_of_a_few(services, accounts, client):
    for n in range(30):
        data = jpeg(n, size=(320, 240)) + hashlib.shake_128(bytes([n])).digest(2 * MIB)
        photographed(services, accounts["officer"], wall(SHOP), data=data, hours=n)
    address_id = id_of(client("investigator"), SHOP)
    tracemalloc.start()
    pack = make_pack(services, SYSTEM, About.ADDRESS, address_id, language=Language.KK)
    size = sum(len(piece) for piece in pack.stream())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size == pack.size_bytes > 60 * MIB
    assert peak < 24 * MIB


def test_the_key_is_made_once_for_its_owner_alone_or_comes_from_the_settings(services, make_services):
    made = signing_key(services.settings)
    assert signing_key(services.settings).private_bytes_raw() == made.private_bytes_raw()
    mode = (services.settings.data_dir / KEY_FILE).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    given = Ed25519PrivateKey.generate().private_bytes_raw()
    with_setting = make_services(evidence={"signing_key": given.hex()})
    assert signing_key(with_setting.settings).private_bytes_raw() == given
    for wrong in ("abc", "z" * 64):
        with pytest.raises(ValidationError, match="64 hex digits"):
            EvidenceSettings(signing_key=wrong)
    assert given.hex() not in repr(with_setting.settings)


def test_an_address_nobody_can_see_any_more_leaves_no_pack(http, services):
    with services.unit() as unit:
        unit.session.execute(delete(Sighting))
    refused(http.get(f"/v1/evidence/address/{id_of(http, SHOP)}"), 409, "nothing_to_pack")


def test_facts_are_json_that_any_program_reads(http):
    facts = opened(fetched(http, "address", id_of(http, SHOP)))["facts.json"].decode()
    assert json.loads(facts)["sightings"][0]["box"] == [[10.0, 20.0], [200.5, 22.0], [200.0, 60.25], [10.0, 58.0]]

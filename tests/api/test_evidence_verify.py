"""`wallwatch verify PACK`: what was changed is found and named, and what was made to hurt is refused."""

import io
import json
import stat
import zipfile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.audit.service import canonical
from api.evidence import zips
from api.evidence.checking import check_pack
from api.evidence.keys import KeyRefused, as_pem
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.packs import SHOP, fetched, id_of, opened, told, written
from tests.api.photographed import photographed
from tests.api.pictures import jpeg
from tests.api.seen import wall


@pytest.fixture
def pack(services, accounts, client):
    """A small pack's bytes."""
    photographed(services, accounts["officer"], wall(SHOP), data=jpeg(1, size=(64, 48)))
    http = client("investigator")
    return fetched(http, "address", id_of(http, SHOP), language="kk")


@pytest.fixture
def check(tmp_path):
    """What is wrong with these bytes, in one text; empty when nothing is."""

    def look(data, **wanted):
        path = tmp_path / "pack.zip"
        path.write_bytes(data)
        return " ".join(check_pack(path, **wanted).wrong)

    return look


def signed_anew(files):
    """A pack whose manifest is honest about its files, signed with somebody else's key."""
    key = Ed25519PrivateKey.generate()
    manifest = told(files, "manifest.json") | {"public_key": key.public_key().public_bytes_raw().hex()}
    files["public-key.pem"] = as_pem(key.public_key())
    from hashlib import sha256

    named = sorted(files.keys() - {"manifest.json", "manifest.sig"})
    manifest["files"] = [
        {"path": name, "size_bytes": len(files[name]), "sha256": sha256(files[name]).hexdigest()} for name in named
    ]
    files["manifest.json"] = canonical(manifest).encode()
    files["manifest.sig"] = key.sign(files["manifest.json"])
    return files


def test_a_pack_as_it_was_made_is_whole(pack, check):
    assert check(pack) == ""
    assert written(opened(pack)) == pack


def test_a_byte_changed_in_any_file_names_that_file(pack, check):
    files = opened(pack)
    for name, data in files.items():
        for at in (0, len(data) // 2, len(data) - 1):
            spoiled = bytearray(data)
            spoiled[at] ^= 1
            assert name in check(written(files | {name: bytes(spoiled)})), (name, at)
            with_old_sum = pack.replace(data, bytes(spoiled), 1) if pack.count(data) == 1 else None
            assert with_old_sum is None or name in check(with_old_sum)


def test_a_byte_changed_anywhere_is_found(pack, check):
    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.integers(0, len(pack) - 1), st.integers(1, 255))
    def flip(at, by):
        spoiled = bytearray(pack)
        spoiled[at] ^= by
        assert check(bytes(spoiled)), at

    flip()
    contents = pack.index(b"PK\1\2")
    for at in [*range(0, 60, 2), *range(contents, len(pack), 5)]:  # a head, and the table of contents
        spoiled = bytearray(pack)
        spoiled[at] ^= 0x10
        assert check(bytes(spoiled)), at


def test_a_file_that_is_missing_or_added_is_named(pack, check):
    files = opened(pack)
    for name in files:
        assert name in check(written({other: data for other, data in files.items() if other != name}))
    assert check(written(files | {"originals/extra.jpg": b"x"})) == (
        "originals/extra.jpg was added: manifest.json does not name it."
    )
    twice = [*files.items(), ("facts.json", files["facts.json"])]
    assert "facts.json is in it twice" in check(written(twice))


def test_a_pack_cut_off_continued_or_put_behind_something_is_not_whole(pack, check):
    for cut in (0, 3, 40, len(pack) // 3, len(pack) - 30, len(pack) - 1):
        assert check(pack[:cut]), cut
    assert "behind its end" in check(pack + b"\0")
    assert "no ZIP that WallWatch wrote" in check(b"#!/bin/sh\n" + pack)


@pytest.mark.parametrize(
    "name",
    ["../evil.sh", "/etc/passwd", "a/../../evil", "C:evil", "a\\evil", "a/b/c", ".ssh", "\u202egpj", "a" * 300, ""],
)
def test_a_name_that_leads_elsewhere_is_refused(pack, check, name):
    data = written(opened(pack) | {name: b"x"})
    assert "which no pack has" in check(data)


def test_links_bombs_and_packs_in_packs_are_refused(pack, check):
    def other(compression=zipfile.ZIP_STORED, mode=None, data=b"x"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as archive:
            made = zipfile.ZipInfo("README.txt", (1980, 1, 1, 0, 0, 0))
            made.compress_type = compression
            made.external_attr = (mode or 0o100444) << 16
            archive.writestr(made, data)
        return out.getvalue()

    assert "compressed" in check(other(zipfile.ZIP_DEFLATED, data=b"\0" * 100_000_000))
    assert "table of contents" in check(
        pack.replace((0o100444).to_bytes(2, "little"), (stat.S_IFLNK | 0o777).to_bytes(2, "little"))
    )
    assert "not as WallWatch writes it" in check(other(mode=stat.S_IFLNK | 0o777))
    assert "pack.zip was added" in check(written(opened(pack) | {"pack.zip": pack}))
    too_many = [(f"x{n}", b"") for n in range(zips.MOST_MEMBERS + 1)]
    assert "more than 50000 files" in check(written(too_many))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"format":"wallwatch-evidence-1","files":[{"path":1}]}',
        b"\xff",
        b'{"files":5}',
    ],
)
def test_a_manifest_or_custody_log_of_any_shape_is_an_answer_and_no_crash(pack, check, said):
    files = opened(pack)
    assert "manifest.json" in check(written(files | {"manifest.json": said}))
    assert "custody.json" in check(written(signed_anew(files | {"custody.json": said})))


def test_somebody_elses_signature_is_genuine_and_not_the_one_that_was_named(pack, check):
    forged = written(signed_anew(opened(pack) | {"README.txt": b"trust me"}))
    assert check(forged) == ""
    ours = told(opened(pack), "manifest.json")["public_key"]
    from hashlib import sha256

    named = sha256(bytes.fromhex(ours)).hexdigest()
    assert check(pack, key=named) == ""
    assert check(pack, key=" ".join(named[at : at + 8] for at in range(0, 64, 8)).upper()) == ""
    assert "another key than the one you named" in check(forged, key=named)
    with pytest.raises(KeyRefused, match="64 hex digits"):
        check(pack, key="abc")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda log: log["entries"][0].update(actor="somebody"), "was changed after it was written"),
        (lambda log: log["entries"].append(log["entries"][0]), "does not come after"),
        (lambda log: log["entries"].pop(), ""),
        (lambda log: log["head"].update(seq=0), "newer than the head"),
        (lambda log: log["entries"][0].update(at="yesterday"), "not laid out"),
    ],
)
def test_a_custody_log_that_was_written_anew_does_not_hold(pack, check, spoil, said):
    files = opened(pack)
    log = told(files, "custody.json")
    spoil(log)
    wrong = check(written(signed_anew(files | {"custody.json": json.dumps(log).encode()})))
    assert said in wrong
    assert bool(said) == ("custody.json" in wrong)  # an entry left out cannot be missed: the log knows


def test_the_command_says_what_holds_without_server_or_database(pack, run, tmp_path):
    path = tmp_path / "pack.zip"
    path.write_bytes(pack)
    (tmp_path / "key.pem").write_bytes(opened(pack)["public-key.pem"])
    elsewhere = {
        "WALLWATCH_DATA_DIR": str(tmp_path / "nothing"),
        "WALLWATCH_DATABASE__URL": "postgresql://nobody@127.0.0.1:1/x",
    }
    done = run("verify", path, "--public-key", tmp_path / "key.pem", **elsewhere)
    assert done.returncode == 0, done.stderr
    assert "ok     The key is the one you named." in done.stdout.decode()
    assert done.stdout.decode().endswith("the pack is whole and unchanged\n")
    path.write_bytes(written(opened(pack) | {"facts.json": b"{}"}))
    done = run("verify", path, **elsewhere)
    assert done.returncode == 1
    assert "WRONG  facts.json was changed" in done.stdout.decode()
    assert not (tmp_path / "nothing").exists()


def test_a_pack_beyond_four_gibibytes_is_written_as_zip64():
    members = [zips.Member(f"x{n}", 5, zips.zlib.crc32(b"12345")) for n in range(4)]
    body = b"".join(zips.head(each) + b"12345" for each in members)
    data = body + b"".join(zips.tail(members, largest=50))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert [archive.read(f"x{n}") for n in range(4)] == [b"12345"] * 4

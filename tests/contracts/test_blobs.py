"""What every blob store must do, whatever it is made of."""

import errno
import hashlib
import os
import threading

import pytest
from moto.server import ThreadedMotoServer

from api.photos.blobs import BlobMissing, BlobsUnavailable, BlobTooLarge
from api.photos.local import INCOMING, LocalBlobs
from api.photos.s3 import S3Blobs
from api.settings import BlobSettings

LIMIT = 1000


@pytest.fixture(scope="module")
def s3_endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


def s3_settings(endpoint, bucket):
    return BlobSettings(
        store="s3", bucket=bucket, prefix="evidence", endpoint=endpoint, access_key="made-up", secret_key="made-up"
    )


@pytest.fixture(params=["local", "s3"])
def blobs(request, tmp_path):
    if request.param == "local":
        return LocalBlobs(tmp_path / "blobs")
    bucket = f"photos-{hashlib.sha256(os.fsencode(tmp_path)).hexdigest()[:20]}"
    store = S3Blobs(s3_settings(request.getfixturevalue("s3_endpoint"), bucket))
    store._client.create_bucket(Bucket=bucket)
    return store


def put(blobs, *chunks, limit_bytes=LIMIT):
    return blobs.put(iter(chunks), limit_bytes=limit_bytes)


def test_bytes_come_back_under_their_sha256(blobs):
    stored = put(blobs, b"first ", b"second")
    assert stored.sha256 == hashlib.sha256(b"first second").hexdigest()
    assert stored.size_bytes == 12
    assert blobs.get(stored.sha256) == b"first second"
    with blobs.open(stored.sha256) as file:
        assert file.read() == b"first second"
    assert blobs.has(stored.sha256)


def test_an_empty_stream_is_bytes_too(blobs):
    assert blobs.get(put(blobs).sha256) == b""


def test_the_same_bytes_again_change_nothing(blobs):
    first = put(blobs, b"the same")
    assert put(blobs, b"the ", b"same").sha256 == first.sha256
    assert list(blobs.each()) == [first.sha256]


def test_many_threads_storing_the_same_bytes_store_them_once(blobs):
    failed = []

    def store():
        try:
            put(blobs, b"one of many")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failed.append(error)

    threads = [threading.Thread(target=store) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(list(blobs.each())) == 1


def test_a_stream_of_exactly_the_limit_is_kept_and_one_byte_more_is_not(blobs):
    assert put(blobs, b"x" * LIMIT).size_bytes == LIMIT
    with pytest.raises(BlobTooLarge):
        put(blobs, b"x" * LIMIT, b"x")
    assert len(list(blobs.each())) == 1


def test_an_endless_stream_is_given_up_at_the_limit(blobs):
    def endless():
        while True:
            yield b"y" * 100

    with pytest.raises(BlobTooLarge):
        blobs.put(endless(), limit_bytes=LIMIT)
    assert list(blobs.each()) == []


def test_a_stream_that_breaks_off_keeps_nothing(blobs):
    def broken():
        yield b"half of"
        raise ConnectionResetError(errno.ECONNRESET, "gone")

    with pytest.raises((ConnectionResetError, BlobsUnavailable)):
        blobs.put(broken(), limit_bytes=LIMIT)
    assert list(blobs.each()) == []


def test_what_was_never_stored_is_missing(blobs):
    absent = "0" * 64
    assert not blobs.has(absent)
    with pytest.raises(BlobMissing):
        blobs.get(absent)
    with pytest.raises(BlobMissing):
        blobs.open(absent)


def test_every_stored_sha256_is_listed_in_order(blobs):
    wanted = sorted(put(blobs, bytes([number])).sha256 for number in range(20))
    assert list(blobs.each()) == wanted


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "A" * 64, "ab/" + "0" * 61])
def test_a_name_that_is_no_sha256_leads_nowhere(tmp_path, name):
    with pytest.raises(BlobMissing):
        LocalBlobs(tmp_path).get(name)


def test_a_local_original_is_read_only_and_lies_in_a_folder_of_its_first_two_digits(tmp_path):
    stored = put(LocalBlobs(tmp_path), b"evidence")
    path = tmp_path / stored.sha256[:2] / stored.sha256
    assert path.stat().st_mode & 0o777 == 0o440
    assert path.read_bytes() == b"evidence"


def test_half_written_files_of_a_crash_are_cleared_once_they_are_old(tmp_path):
    blobs = LocalBlobs(tmp_path)
    stored = put(blobs, b"whole")
    left = tmp_path / INCOMING / "tmpleftover"
    left.write_bytes(b"half")
    assert blobs.clear_incoming() == 0
    os.utime(left, (0, 0))
    assert blobs.clear_incoming() == 1
    assert list(blobs.each()) == [stored.sha256]
    assert list((tmp_path / INCOMING).iterdir()) == []


def test_looking_into_a_folder_that_is_not_there_makes_nothing(tmp_path):
    blobs = LocalBlobs(tmp_path / "nowhere")
    assert list(blobs.each()) == []
    assert not blobs.has("0" * 64)
    assert not (tmp_path / "nowhere").exists()


def test_a_disk_that_refuses_is_said_to_be_unavailable(tmp_path):
    (tmp_path / "blobs").write_text("a file where the folder should be")
    with pytest.raises(BlobsUnavailable):
        put(LocalBlobs(tmp_path / "blobs"), b"x")


def test_a_bucket_that_is_not_there_is_not_an_original_that_is_missing(s3_endpoint):
    blobs = S3Blobs(s3_settings(s3_endpoint, "no-such-bucket-here"))
    with pytest.raises(BlobsUnavailable):
        blobs.get("0" * 64)
    with pytest.raises(BlobsUnavailable):
        list(blobs.each())


def test_a_bucket_that_does_not_answer_is_said_to_be_unavailable():
    with pytest.raises(BlobsUnavailable):
        put(S3Blobs(s3_settings("http://127.0.0.1:9", "anything")), b"x")

"""Bad files are refused with a word that a person can act on, cheaply, and the next photo is read."""

import os
import signal
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from photo_corpus import (
    animated,
    chunk,
    gif_with_script,
    huge_png,
    jpeg,
    mpo,
    picture,
    saved,
    scan_bomb,
)

from vision import errors
from vision.decode_child import count_scans
from vision.decoders import Decoders
from vision.photo import PhotoLimits, format_of, open_photo, photo_facts, read_file

HEIC_BROKEN = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\xff" * 500


@pytest.fixture
def decoders():
    """Children of the test's own."""
    mine = Decoders(size=1)
    yield mine
    mine.close()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", errors.PhotoEmpty),
        (b"just some text in a file called photo.jpg", errors.PhotoTypeUnknown),
        (gif_with_script(), errors.PhotoTypeUnknown),
        (b"<svg onload='qq()'/>" * 20, errors.PhotoTypeUnknown),
        (saved(picture(), "BMP"), errors.PhotoTypeUnknown),
        (saved(picture(), "TIFF"), errors.PhotoTypeUnknown),
        (huge_png(), errors.PhotoTooManyPixels),
        (scan_bomb(), errors.PhotoTooManyScans),
        (animated("WEBP"), errors.PhotoAnimated),
        (animated("PNG"), errors.PhotoAnimated),
        (jpeg(20, 200), errors.PhotoTooSmall),
        (jpeg(1600, 1200)[:9000], errors.PhotoDamaged),
        (jpeg()[:40], errors.PhotoDamaged),
        (b"\xff\xd8\xff\xe0" + bytes(500), errors.PhotoDamaged),
        (saved(picture(), "PNG")[:-60], errors.PhotoDamaged),
        (saved(picture(), "WEBP")[:-60], errors.PhotoDamaged),
        (b"\xff\xd8\xff" + saved(picture(), "PNG"), errors.PhotoDamaged),
        (HEIC_BROKEN, errors.PhotoDamaged),
        (saved(picture(), "HEIF")[:-90], errors.PhotoDamaged),
    ],
)
def test_a_bad_file_is_refused_by_name(data, error):
    with pytest.raises(error) as refused:
        open_photo(data)
    assert type(refused.value) is error
    assert str(refused.value)


def test_a_pixel_bomb_is_small_and_refused_without_being_decoded():
    bomb = huge_png()
    assert len(bomb) < 12_000
    started = time.process_time()
    with pytest.raises(errors.PhotoTooManyPixels):
        open_photo(bomb, limits=PhotoLimits(cpu_s=1, memory_bytes=2**28))
    assert time.process_time() - started < 1


def test_a_compressed_bomb_in_a_comment_is_refused():
    png = saved(picture(), "PNG")
    comment = chunk(b"zTXt", b"qq\0\0" + zlib.compress(bytes(200_000_000), 9))
    with pytest.raises(errors.PhotoDamaged):
        open_photo(png[:33] + comment + png[33:], limits=PhotoLimits(memory_bytes=2**28))


def test_no_reason_promises_what_becomes_of_the_bytes():
    """On the command line nothing is kept."""
    messages = {kind.__name__: str(kind()) for kind in errors.PhotoError.__subclasses__()}
    assert len(messages) > 10
    assert [name for name, message in messages.items() if "kept" in message] == []


def test_files_larger_than_the_limit_are_refused():
    with pytest.raises(errors.PhotoTooLarge, match="1 MiB"):
        open_photo(jpeg() + bytes(2**20), limits=PhotoLimits(size_bytes=2**20))


def test_facts_are_refused_for_the_same_reasons():
    for data, error in ((scan_bomb(), errors.PhotoTooManyScans), (huge_png(), errors.PhotoTooManyPixels)):
        with pytest.raises(error):
            photo_facts(data)


def test_only_scans_that_a_decoder_goes_through_are_counted():
    plain = jpeg()
    inside = plain[:2] + b"\xff\xe9\x03\xea" + b"\xff\xda" * 500 + plain[2:]
    assert count_scans(plain) == 1
    assert count_scans(inside) == 1
    assert count_scans(plain + b"\xff\xda" * 500) == 1
    assert count_scans(mpo()) == 1
    assert count_scans(scan_bomb(200, 64)) == 200
    assert open_photo(inside).facts.width == 160


@pytest.mark.parametrize("repeated", [b"\xff\xe0\0\0", b"\xff", b"\xff\xda\0\2", b"\0\xff"], ids=repr)
def test_counting_scans_is_linear_and_never_ends_in_a_loop(repeated):
    def seconds(times):
        started = time.process_time()
        count_scans(b"\xff\xd8" + repeated * times)
        return time.process_time() - started

    small, large = (min(seconds(times) for _ in range(3)) for times in (20_000, 320_000))
    assert large < 16 * 4 * max(small, 0.002)  # what grows with the square would take 256 times as long


def test_a_photo_that_takes_too_long_is_stopped_and_the_next_is_read(decoders):
    slow = scan_bomb(3000)
    started = time.monotonic()
    with pytest.raises(errors.PhotoTookTooLong):
        open_photo(slow, limits=PhotoLimits(scans=10**6, wall_s=0.5), decoders=decoders)
    assert time.monotonic() - started < 15
    assert open_photo(jpeg(), decoders=decoders).facts.width == 160


def test_a_photo_that_uses_up_its_processor_time_is_stopped(decoders):
    with pytest.raises(errors.PhotoTookTooLong):
        open_photo(scan_bomb(3000), limits=PhotoLimits(scans=10**6, wall_s=60, cpu_s=1), decoders=decoders)
    assert open_photo(jpeg(), decoders=decoders).facts.width == 160


# Only Pillow's own allocations say that memory ran out; libjpeg and libwebp just fail, which looks like damage.
@pytest.mark.parametrize(
    ("file_format", "error"),
    [("PNG", errors.PhotoTookTooLong), ("JPEG", errors.PhotoError), ("WEBP", errors.PhotoError)],
)
def test_a_photo_that_needs_too_much_memory_is_stopped(file_format, error, decoders):
    large = saved(picture(6000, 5000), file_format, **({"progressive": True} if file_format == "JPEG" else {}))
    with pytest.raises(error):
        open_photo(large, limits=PhotoLimits(memory_bytes=90 * 2**20), decoders=decoders)
    assert open_photo(large, decoders=decoders).facts.width == 6000


def test_a_decoder_killed_between_photos_is_replaced(decoders):
    with decoders.borrow() as decoder:
        victim = decoder.pid
    os.kill(victim, signal.SIGKILL)
    assert open_photo(jpeg(), decoders=decoders).facts.width == 160
    with decoders.borrow() as decoder:
        assert decoder.pid != victim


def test_a_decoder_killed_in_the_middle_of_a_photo_is_replaced_and_the_photo_read_again(decoders):
    photo_facts(jpeg(), decoders=decoders)
    with decoders.borrow() as decoder:
        victim = decoder.pid
    killer = threading.Timer(0.05, os.kill, (victim, signal.SIGKILL))
    killer.start()
    photo = open_photo(scan_bomb(150), limits=PhotoLimits(scans=10**6, wall_s=60, cpu_s=60), decoders=decoders)
    killer.join()
    assert photo.facts.width == 1600
    with pytest.raises(ProcessLookupError):
        os.kill(victim, 0)


def test_a_closed_set_of_decoders_leaves_no_process_behind(decoders):
    with decoders.borrow() as decoder:
        pid = decoder.pid
    decoders.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


ASK_AND_WAIT = """
import time
from vision.decoders import Decoders
with Decoders(1).borrow() as decoder:
    print(decoder.pid, flush=True)
    time.sleep(60)
"""


def test_a_decoder_ends_when_its_parent_is_killed():
    root = Path(errors.__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", ASK_AND_WAIT], cwd=root, stdout=subprocess.PIPE) as parent:
        decoder = int(parent.stdout.readline())
        parent.kill()
    until = time.monotonic() + 20
    while Path(f"/proc/{decoder}").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{decoder}").exists()


def test_many_threads_each_get_their_own_photo():
    sizes = [(100 + 8 * number, 80 + number) for number in range(24)]
    with ThreadPoolExecutor(6) as pool:
        photos = list(pool.map(lambda size: open_photo(jpeg(*size)), sizes))
    assert [(photo.facts.width, photo.facts.height) for photo in photos] == sizes


def test_a_fresh_process_of_a_pool_decodes_for_itself():
    with get_context("spawn").Pool(1) as pool:
        answers = pool.map_async(photo_facts, [jpeg(64, 64), jpeg(96, 64)]).get(timeout=60)
        assert [facts.width for facts in answers] == [64, 96]
        pool.close()
        pool.join()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_does_not_use_its_parents_decoder(decoders):
    with decoders.borrow() as decoder:
        parents = decoder.pid
    child = os.fork()
    if child == 0:
        try:
            same = open_photo(jpeg(), decoders=decoders).facts.width == 160
            with decoders.borrow() as decoder:
                os._exit(0 if same and decoder.pid != parents else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    with decoders.borrow() as decoder:
        assert decoder.pid == parents


def test_the_format_is_told_by_the_first_bytes():
    for name in ("JPEG", "PNG", "WEBP", "HEIF"):
        assert format_of(saved(picture(), name)) == name
    assert format_of(b"\0\0\0\x18ftypavif" + bytes(20)) is None


def test_an_ordinary_file_is_read_through_a_link_too(tmp_path):
    (tmp_path / "p.jpg").write_bytes(jpeg())
    (tmp_path / "link.jpg").symlink_to(tmp_path / "p.jpg")
    assert read_file(tmp_path / "link.jpg") == jpeg()


def test_what_is_no_ordinary_file_is_refused_by_name(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path, error in (
        (tmp_path, errors.PhotoNotAFile),
        ("/dev/null", errors.PhotoNotAFile),
        ("/dev/zero", errors.PhotoNotAFile),
        (tmp_path / "pipe", errors.PhotoNotAFile),
        (tmp_path / "none.jpg", errors.PhotoMissing),
        (tmp_path / "empty.jpg" / "x.jpg", errors.PhotoMissing),
        (tmp_path / ("x" * 5000), errors.PhotoMissing),
        (tmp_path / "loop", errors.PhotoMissing),
        ("nul\0byte.jpg", errors.PhotoMissing),
        (tmp_path / "empty.jpg", errors.PhotoEmpty),
    ):
        with pytest.raises(error):
            read_file(path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read_whole(tmp_path):
    with (tmp_path / "large.jpg").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(errors.PhotoTooLarge):
        read_file(tmp_path / "large.jpg")

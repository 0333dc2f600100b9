"""Names of files, texts of notes, sizes and copies of pictures, without a database."""

import io

import pytest

from api.errors import PhotoRefused
from api.intake.text import LONGEST_FILE_NAME, clean_file_name, clean_note
from api.photos.copies import CopyCache, side_within
from api.photos.local import LocalBlobs
from api.photos.service import PhotoChanged, examine, keep_bytes
from tests.api.pictures import jpeg


@pytest.mark.parametrize(
    "sent", ["a\nb.jpg", "a\0b.jpg", "tab\there.jpg", "\x1b[31mred.jpg", "x" * 5000, "e\u0301.png"]
)
def test_a_cleaned_file_name_is_one_short_printable_line(sent):
    kept = clean_file_name(sent)
    assert len(kept) <= LONGEST_FILE_NAME
    assert kept.isprintable()
    assert clean_file_name(kept) == kept


def test_a_note_of_nothing_visible_is_empty():
    assert clean_note("\n \u200b") == ""


def test_a_wish_for_a_size_is_met_with_the_next_smaller_one():
    assert [side_within(side) for side in (320, 639, 640, 1999, 4000)] == [320, 320, 640, 1280, 4000]


def test_a_copy_is_made_once_and_a_failed_one_is_not_kept(tmp_path):
    cache, made = CopyCache(tmp_path / "copies"), []

    def fail():
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        cache.get("ab", fail)
    assert [cache.get("ab", lambda: made.append(1) or b"x"), cache.get("ab", fail)] == [b"x", b"x"]
    assert made == [1]
    assert [path.name for path in (tmp_path / "copies" / "ab").iterdir()] == ["ab"]


def test_no_more_of_a_file_is_read_than_a_photo_may_have():
    class Endless(io.RawIOBase):
        asked = []

        def read(self, size=-1):
            self.asked.append(size)
            return b"\xff\xd8\xff" + bytes(size - 3)

        def seek(self, at, whence=0):
            return at

    file = Endless()
    with pytest.raises(PhotoRefused) as refused:
        examine(file, limit_bytes=1000, name="wall.jpg")
    assert (refused.value.code, refused.value.photo, file.asked) == ("photo_too_large", "wall.jpg", [1001])


def test_a_file_that_changes_while_it_is_taken_in_is_not_taken_for_what_it_was(tmp_path):
    blobs, file = LocalBlobs(tmp_path), io.BytesIO(jpeg(1))
    original = examine(file, limit_bytes=2**20)
    file.getbuffer()[-1] ^= 1
    with pytest.raises(PhotoChanged):
        keep_bytes(blobs, file, original, limit_bytes=2**20)

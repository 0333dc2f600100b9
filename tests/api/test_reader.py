"""The reader that a worker builds is the one that the settings ask for."""

import pytest

from api.jobs.worker import _build_reader
from tests.api.pictures import jpeg
from vision.errors import PhotoTooLarge


@pytest.fixture
def database_url():
    return ""  # nothing is asked of it


def test_a_worker_reads_a_photo_as_large_as_the_settings_let_in(make_services):
    reader = _build_reader(make_services(limits={"photo_bytes": 48 * 2**20}), concurrency=2)
    assert reader.read(jpeg() + bytes(33 * 2**20)).photo.width == 320


def test_a_worker_refuses_a_photo_larger_than_the_settings_let_in(make_services):
    reader = _build_reader(make_services(limits={"photo_bytes": 2**20}), concurrency=1)
    with pytest.raises(PhotoTooLarge, match="1 MiB"):
        reader.read(jpeg() + bytes(2**20))

"""Pictures for looking at, and originals for keeping."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from api.readings.service import store_reading
from models import AuditEntry
from tests.api.pictures import WALL, jpeg
from tests.api.walls import finding, reading

# The database has no part in what is tested here: one kind is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AT = {"lat": "54.87", "lon": "69.15"}
CAMERA = ("Qzcam", "<script>alert(1)</script>")


@pytest.fixture
def picture():
    return jpeg(1, size=(1600, 1200), gps=WALL, camera=CAMERA)


@pytest.fixture
def sha256(client, picture):
    answer = client("officer").post("/v1/reports", data=AT, files=[("photo", ("wall.jpg", picture, "image/jpeg"))])
    return answer.json()["photos"][0]["sha256"]


def test_the_copy_has_the_pixels_and_none_of_the_rest(client, sha256, picture):
    answer = client("officer").get(f"/v1/photos/{sha256}/copy", params={"max_side_px": 700})
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert b"Qzcam" in picture
    assert b"Qzcam" not in answer.content
    assert b"Exif" not in answer.content
    image = Image.open(io.BytesIO(answer.content))
    assert image.size == (640, 480)
    original = np.asarray(Image.open(io.BytesIO(picture)).resize((640, 480)), float)
    assert np.abs(np.asarray(image, float) - original).mean() < 12


def test_a_browser_that_has_the_copy_is_told_so(client, sha256):
    officer = client("officer")
    first = officer.get(f"/v1/photos/{sha256}/copy")
    again = officer.get(f"/v1/photos/{sha256}/copy", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "private" in first.headers["Cache-Control"]
    assert officer.get(f"/v1/photos/{sha256}/copy", headers={"If-None-Match": '"x"'}).content == first.content


def test_the_annotated_copy_shows_the_reading_and_a_new_reading_shows_anew(client, services, sha256, clock):
    with services.unit() as unit:
        store_reading(unit, sha256, reading(sha256, finding()))
    officer = client("officer")
    plain = officer.get(f"/v1/photos/{sha256}/copy", params={"max_side_px": 1280})
    drawn = officer.get(f"/v1/photos/{sha256}/annotated", params={"max_side_px": 1280})
    assert drawn.status_code == 200, drawn.text
    one, two = (np.asarray(Image.open(io.BytesIO(answer.content)), float) for answer in (plain, drawn))
    assert one.shape == two.shape
    assert np.abs(one - two).max() > 100
    assert drawn.headers["ETag"] != plain.headers["ETag"]


def test_a_damaged_photo_has_no_copy_and_says_why(client):
    cut = jpeg(2, size=(640, 480))[:5000]
    answer = client("officer").post("/v1/reports", data=AT, files=[("photo", ("wall.jpg", cut, "image/jpeg"))])
    sha256 = answer.json()["photos"][0]["sha256"]
    shown = client("officer").get(f"/v1/photos/{sha256}/copy")
    assert (shown.status_code, shown.json()["code"]) == (422, "photo_damaged")


@pytest.mark.parametrize("side", ["0", "-1", "319", "4001", "wide"])
def test_a_size_that_cannot_be_is_refused(client, sha256, side):
    assert client("officer").get(f"/v1/photos/{sha256}/copy", params={"max_side_px": side}).status_code == 422


def test_the_original_is_a_download_and_who_took_it_is_written_down(client, services, sha256, picture):
    answer = client("investigator").get(f"/v1/photos/{sha256}/original")
    assert answer.content == picture
    assert hashlib.sha256(answer.content).hexdigest() == sha256
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{sha256}.jpg"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Content-Type"] == "application/octet-stream"
    with services.reading_unit() as unit:
        (entry,) = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "photo.original"))
        assert (entry.actor, entry.subject) == ("investigator", sha256)


@pytest.mark.parametrize("role", ["officer", "supervisor", "admin"])
def test_only_investigators_get_originals(client, services, sha256, role):
    assert client(role).get(f"/v1/photos/{sha256}/original").status_code == 403
    with services.reading_unit() as unit:
        assert unit.session.scalar(select(AuditEntry).where(AuditEntry.action == "photo.original")) is None


def test_a_lost_original_is_named_and_nothing_is_written_down(client, services, sha256):
    path = services.settings.data_dir / "blobs" / sha256[:2] / sha256
    path.rename(path.with_name("moved"))
    answer = client("investigator").get(f"/v1/photos/{sha256}/original")
    assert (answer.status_code, answer.json()["code"]) == (500, "original_missing")
    assert client("investigator").get(f"/v1/photos/{sha256}/copy").json()["code"] == "original_missing"


def test_what_a_photo_says_of_itself_is_shown_as_data(client, sha256):
    photo = client("officer").get(f"/v1/photos/{sha256}").json()
    assert photo["exif"]["camera"] == "Qzcam <script>alert(1)</script>"
    assert (photo["exif"]["lat"], photo["exif"]["lon"]) == pytest.approx(WALL)
    assert (photo["width"], photo["height"], photo["state"]) == (1600, 1200, "owed")

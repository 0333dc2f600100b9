"""Strange reports that are evidence all the same."""

import pytest

from models import Photo
from tests.api import pictures
from tests.api.pictures import jpeg

# The database has no part in what is tested here: one kind is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

AT = {"lat": "54.87", "lon": "69.15"}


def send(client, data, name="wall.jpg", **fields):
    answer = client.post("/v1/reports", data=AT | fields, files=[("photo", (name, data, "image/jpeg"))])
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_truncated_jpeg_is_kept_as_evidence(client, services):
    whole = jpeg(size=(640, 480), gps=pictures.WALL)
    receipt = send(client("officer"), whole[: len(whole) // 2])
    with services.reading_unit() as unit:
        photo = unit.session.get_one(Photo, receipt["photos"][0]["sha256"])
        assert photo.state == "owed"
        assert photo.exif_lat == pytest.approx(pictures.WALL[0])
    assert services.blobs.get(photo.sha256) == whole[: len(whole) // 2]


def test_a_jpeg_that_is_only_its_first_bytes_is_kept_as_evidence(client, services):
    receipt = send(client("officer"), jpeg()[:30])
    assert services.blobs.has(receipt["photos"][0]["sha256"])


def test_an_mpo_is_the_jpeg_that_it_begins_with(client, services):
    receipt = send(client("officer"), pictures.mpo())
    with services.reading_unit() as unit:
        photo = unit.session.get_one(Photo, receipt["photos"][0]["sha256"])
        assert (photo.media_type, photo.width) == ("image/jpeg", 320)


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (pictures.encoded("PNG"), "image/png"),
        (pictures.encoded("WEBP"), "image/webp"),
        (jpeg() + b"PK\x03\x04" + bytes(100), "image/jpeg"),
    ],
    ids=["png", "webp", "jpeg-zip"],
)
def test_the_type_is_what_the_bytes_say_not_what_the_sender_says(client, services, data, media_type):
    receipt = send(client("officer"), data, name="wall.exe")
    with services.reading_unit() as unit:
        assert unit.session.get_one(Photo, receipt["photos"][0]["sha256"]).media_type == media_type


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("wall.jpg", "wall.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\wall.jpg", "wall.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\u200bb\u2066c\u2069.jpg", "abc.jpg"),
        ("стена у гаражей.jpg", "стена у гаражей.jpg"),
        ("..", None),
        ("/", None),
        ("\u202e\u202c", None),
        ("а" * 400 + ".jpeg", "а" * 250 + ".jpeg"),
        ("<img src=x onerror=alert(1)>.jpg", "<img src=x onerror=alert(1)>.jpg"),
    ],
)
def test_a_file_name_is_kept_without_paths_and_trickery(client, sent, kept):
    receipt = send(client("officer"), jpeg(), name=sent)
    assert receipt["photos"][0]["file_name"] == kept


def test_a_note_keeps_its_lines_and_loses_its_tricks(client):
    receipt = send(client("officer"), jpeg(), note="  за домом\r\n\u202eпервый\x00 этаж  \n\n")
    report = client("officer").get(f"/v1/reports/{receipt['id']}").json()
    assert report["note"] == "за домом\nпервый этаж"

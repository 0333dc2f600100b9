"""Files to an address: what is taken, what is not, and that none is ever shown in place."""

import hashlib
import io
import zipfile

import pytest

from api.attachments.kinds import DOCX
from api.audit.verify import verify
from api.exchange.backup import backup, open_backup
from models import Photo
from tests.api.pictures import jpeg, many_scans, pixel_bomb
from tests.api.seen import see, wall
from tests.api.words import refused

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def office(parts=None, *, part="word/document.xml", compression=zipfile.ZIP_DEFLATED):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", compression) as archive:
        for name, data in {"[Content_Types].xml": b"<Types/>", part: b"<w/>", **(parts or {})}.items():
            archive.writestr(name, data)
    return made.getvalue()


@pytest.fixture
def path(client, services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    (row,) = client("investigator").get("/v1/watchlist").json()["addresses"]
    return f"/v1/watchlist/{row['id']}/attachments"


def send(client, path, data, name="letter.pdf", media_type="application/pdf"):
    return client("investigator").post(path, files={"file": (name, data, media_type)})


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PDF, "application/pdf"),
        (jpeg(), "image/jpeg"),
        (office(), DOCX),
        ("Ответ получен: әкімдік".encode(), "text/plain"),
    ],
)
def test_a_file_is_kept_and_comes_back_as_a_download(client, services, path, data, media_type):
    sent = send(client, path, data, name="../../пись\u202eмо 7.exe", media_type="text/html")
    assert sent.status_code == 201, sent.text
    said = sent.json()
    assert (said["media_type"], said["size_bytes"]) == (media_type, len(data))
    assert said["file_name"] == "письмо 7.exe"
    assert said["sha256"] == hashlib.sha256(data).hexdigest()
    got = client("supervisor").get(said["link"])
    assert got.content == data
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%D0")
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["x-content-type-options"] == "nosniff"
    audit = client("supervisor").get("/v1/audit", params={"action": "address.attachment"}).json()["entries"]
    assert [entry["actor"] for entry in audit] == ["supervisor"]


def test_the_same_file_twice_is_one_attachment(client, path):
    assert send(client, path, PDF).json()["id"] == send(client, path, PDF, name="again.pdf").json()["id"]
    assert [each["file_name"] for each in client("investigator").get(path).json()["attachments"]] == ["letter.pdf"]


BOMB = office({f"word/media/{n}.xml": b"\0" * 4 * 2**20 for n in range(8)})


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "attachment_empty"),
        (b"MZ\x90\0" + bytes(200), 415, "attachment_type_refused"),
        (b"\x1f\x8b" + bytes(20), 415, "attachment_type_refused"),
        (b"GIF89a" + bytes(20), 415, "attachment_type_refused"),
        (office(part="evil/document.xml"), 415, "attachment_type_refused"),
        (PDF[:-8], 422, "attachment_refused"),
        (PDF.replace(b"<<>>", b"<</JavaScript (x)>>"), 422, "attachment_refused"),
        (BOMB, 422, "attachment_refused"),
        (office({"word/vbaProject.bin": b"x"}), 422, "attachment_refused"),
        (office({"../../etc/passwd": b"x"}), 422, "attachment_refused"),
        (office({"word/inner.zip": office()}), 422, "attachment_refused"),
        (office({f"word/{n}.xml": b"x" for n in range(2001)}), 422, "attachment_refused"),
        (office()[:-30], 422, "attachment_refused"),
        (pixel_bomb(), 422, "attachment_refused"),
        (many_scans(), 422, "attachment_refused"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_none_of_these_or_dangerous_is_refused_and_leaves_nothing(
    client, services, path, *, data, status, code
):
    refused(send(client, path, data), status, code)
    assert client("investigator").get(path).json()["attachments"] == []
    assert list(services.blobs.each()) == []


def test_a_file_over_the_limit_is_refused_while_it_comes(client, services, path):
    limit = services.settings.limits.attachment_bytes
    said = refused(send(client, path, PDF + bytes(limit)), 413, "attachment_too_large")
    assert said["limit_bytes"] == limit


def test_a_form_of_another_shape_is_refused(client, path):
    http = client("investigator")
    refused(http.post(path, json={}), 415, "form_expected")
    refused(http.post(path, files={"photo": ("a", PDF)}), 422, "part_unknown")
    refused(http.post(path, files=[("file", ("a", PDF)), ("file", ("b", PDF))]), 422, "one_file_expected")
    refused(http.post(f"/v1/watchlist/{'0' * 32}/attachments", files={"file": ("a", PDF)}), 404, "not_found")


def test_an_address_has_so_many_files_and_no_more(services, path):
    from api.attachments.service import TooManyAttachments, attach, examine

    address_id = path.split("/")[3]
    for number in range(3):
        file = examine(io.BytesIO(PDF.replace(b"1 0", b"%d 0" % number)), name="x.pdf", limit_bytes=1000)
        if number < 2:
            with services.unit() as unit:
                attach(unit, address_id, file, most=2)
        else:
            with pytest.raises(TooManyAttachments), services.unit() as unit:
                attach(unit, address_id, file, most=2)


def test_a_file_of_another_address_is_not_found(client, services, accounts, path):
    link = send(client, path, PDF).json()["link"]
    see(services, accounts["officer"], wall("qz_taza_ai_99"), photo="b")
    (other,) = client("investigator").get("/v1/watchlist", params={"value": "qz_taza_ai_99"}).json()["addresses"]
    refused(client("investigator").get(link.replace(path.split("/")[3], other["id"])), 404, "not_found")


def test_files_are_verified_and_backed_up_like_originals(client, services, accounts, path, tmp_path):
    sha256 = send(client, path, PDF).json()["sha256"]
    with services.unit() as unit:
        photo = unit.session.query(Photo).one()
        photo.sha256  # noqa: B018 - `see` keeps no bytes for it: verify misses them, and only them
        missing = photo.sha256
    assert {(each.code, each.subject) for each in verify(services)} == {("original_missing", missing)}
    with pytest.raises(Exception, match="originals are missing"):
        backup(services, tmp_path / "backup")
    copy = open_backup(tmp_path / "backup")
    assert copy.blobs.get(sha256) == PDF
    copy.close()


def test_an_empty_form_and_nobody_get_nothing(client, path):
    assert client().post(path, files={"file": ("a", PDF)}).status_code == 401
    assert client("supervisor").post(path, files={"file": ("a", PDF)}).status_code == 403

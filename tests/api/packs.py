"""Evidence packs as tests make, open and spoil them."""

import io
import json
import zipfile
import zlib

from api.evidence import zips
from tests.api.photographed import photographed
from tests.api.pictures import jpeg
from tests.api.seen import wall
from vision.types import Kind

SHOP = "qz_tuman_lis_Il1O0"
SITE = "соль-туман-24.рф"


def three_walls(services, accounts):
    """A name on two walls, the second of which shows a site as well; answers the photos' SHA-256."""
    first = photographed(services, accounts["officer"], wall(SHOP), data=jpeg(1), file_name="қабырға ә.jpg")
    both = wall(SHOP), wall(SITE, kind=Kind.DOMAIN)
    second = photographed(services, accounts["officer"], *both, data=jpeg(2), lat=54.88, hours=30)
    third = photographed(services, accounts["investigator"], wall(SHOP), data=jpeg(3), lat=54.881, hours=50)
    return first, second, third


def id_of(http, value):
    (row,) = http.get("/v1/watchlist", params={"value": value}).json()["addresses"]
    return row["id"]


def fetched(http, about, subject_id, **params):
    got = http.get(f"/v1/evidence/{about}/{subject_id}", params=params)
    assert got.status_code == 200, got.text
    assert int(got.headers["content-length"]) == len(got.content)
    return got.content


def opened(data):
    """The files of a pack by name, read by the standard library."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def told(files, name):
    return json.loads(files[name])


def written(files):
    """A ZIP of our own form with any files in it."""
    files = list(files.items()) if isinstance(files, dict) else files
    members = [zips.Member(name, len(data), zlib.crc32(data)) for name, data in files]
    body = b"".join(zips.head(member) + data for member, (_, data) in zip(members, files, strict=True))
    return body + b"".join(zips.tail(members))

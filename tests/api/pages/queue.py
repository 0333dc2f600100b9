"""Findings that wait, with pictures of the walls that they are on."""

import hashlib
import io

from PIL import Image, ImageDraw

from models import Photo
from tests.api.seen import see, wall
from tests.api.walls import BOX
from vision.types import Line

SIDES = (640, 480)


def photo(text, size=SIDES):
    """A wall with a name on it, as a JPEG; another one for every name."""
    shade = 150 + hashlib.sha256(text.encode()).digest()[0] % 60
    picture = Image.new("RGB", size, (shade, shade - 8, shade - 20))
    pen = ImageDraw.Draw(picture)
    pen.text((14, 24), text[:40], fill=(30, 20, 20), font_size=26)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()


def wait(services, account, name, *, also=(), listed=False, is_read=True, **values):
    """One finding that nobody has decided about, on a photo that is there; `also` are others on the same photo.

    Without `is_read` it is only a line that looks like an address.
    """
    data = photo(values.pop("painted", name))
    sha256 = hashlib.sha256(data).hexdigest()
    services.blobs.put(iter([data]), limit_bytes=2**24)
    values.setdefault("accepted", listed)
    if is_read:
        found = see(services, account, wall(name, **values), *also, photo=data)
    else:
        found = see(services, account, photo=data, unread=(Line(name, 0.6, BOX),))
    with services.unit() as unit:
        row = unit.session.get_one(Photo, sha256)
        row.width, row.height = SIDES
    return found[0]

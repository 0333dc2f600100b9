"""Drawn walls as photos that come in and are read: bytes, reports, and a reader that knows what stands on each."""

import hashlib
from datetime import timedelta
from pathlib import Path

import cv2
import numpy as np

from api.jobs.reading import PhotoReading
from models import InscriptionPhoto, Photo, PhotoState, Report, ReportPhoto
from tests.api.walls import CARD, reading
from vision.lab.synth.fonts import find_faces
from vision.lab.synth.series import draw_series

FONTS = Path("vision/fonts")
LAT, LON = 54.87, 69.15
METRE = 1 / 111_195  # of latitude


def series():
    """Three photos of one wall, of which each pair matches."""
    return [jpeg(np.ascontiguousarray(shot.picture[:, :, ::-1])) for shot in draw_series(1_507, find_faces(FONTS), 3)]


def plaster(seed, *, stencil=None, side=640):
    """A wall with stains all over, and a name on it."""
    rng = np.random.default_rng(seed)
    stains = sum(
        cv2.resize(rng.normal(0, 30, (side // n, side // n)).astype(np.float32), (side, side)) for n in (8, 16, 40)
    )
    wall = np.repeat(np.clip(150 + stains, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)
    if stencil:
        cv2.putText(wall, stencil, (150, 330), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (20, 20, 20), 5)
    return wall


def bare(seed, side=640):
    """A wall that looks like any other."""
    noise = np.random.default_rng(seed).normal(0, 1, (side, side, 3))
    return np.clip(170 + noise, 0, 255).astype(np.uint8)


def seen_from(wall, number):
    """The wall from another place, in other light."""
    side = wall.shape[0]
    rng = np.random.default_rng(number)
    corners = np.float32([(0, 0), (side, 0), (side, side), (0, side)])
    moved = corners + rng.uniform(-0.06, 0.06, (4, 2)).astype(np.float32) * side
    there = cv2.warpPerspective(wall, cv2.getPerspectiveTransform(corners, moved), (side, side))
    return np.clip(there.astype(np.float32) * (0.8 + 0.1 * number) + 3 * number, 0, 255).astype(np.uint8)


def jpeg(picture):
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def receive(services, account, data, *, north_m=0.0, hours=0, accuracy_m=None, also=()):
    """Keep a photo with one report; its SHA-256."""
    sha256 = hashlib.sha256(data).hexdigest()
    services.blobs.put(iter([data]), limit_bytes=2**24)
    with services.unit() as unit:
        at = unit.clock.now() + timedelta(hours=hours)
        if unit.session.get(Photo, sha256) is None:
            unit.session.add(
                Photo(sha256=sha256, size_bytes=len(data), media_type="image/jpeg", received_at=at, want=1,
                      state=PhotoState.OWED, failures=0, losses=0)
            )  # fmt: skip
        report = Report(account_id=account.id, channel="test", received_at=at, seen_at=at, place_source="typed",
                        lat=LAT + north_m * METRE, lon=LON, accuracy_m=accuracy_m)  # fmt: skip
        report.photos = [ReportPhoto(position=0, photo_sha256=sha256)]
        unit.session.add(report)
    return sha256


class KnowingReader:
    """Reads on every photo what it was told; `wait` is called before each."""

    def __init__(self, found, card=CARD, wait=lambda: None):
        self._found, self._card, self._wait = found, card, wait

    def read(self, data):
        self._wait()
        sha256 = hashlib.sha256(data).hexdigest()
        return reading(sha256, *self._found, card=self._card)


def work(services, *found, **options):
    """A worker whose reader finds this on every photo."""
    return PhotoReading(services, KnowingReader(found, **options), worker="test", at_once=2)


def take(services, account, picture, *found, **where):
    """Receive a photo and read it as a worker does; its SHA-256."""
    sha256 = receive(services, account, picture if isinstance(picture, bytes) else jpeg(picture), **where)
    assert work(services, *found).attempt(sha256) == "read"
    return sha256


def walls(services, *photos):
    """The inscription of each photo."""
    with services.reading_unit() as unit:
        return [unit.session.get_one(InscriptionPhoto, sha256).inscription_id for sha256 in photos]

"""Comparing a new photo among 20,000, reading inscriptions beside a million sightings: `make bench-inscriptions`."""

import hashlib
import random
import time
from datetime import timedelta

import cv2
import numpy as np

from api.inscriptions import repository
from api.inscriptions.pictures import look_around
from api.inscriptions.timeline import timeline
from api.readings.service import store_reading
from api.unit import SYSTEM
from api.watchlist.filters import box, circle
from benchmarks.databases import fresh, options_of
from benchmarks.watchlist import (
    DAYS,
    PLACES,
    START,
    PostgresRows,
    SqliteRows,
    fill,
    say,
    show,
    stamp,
    timed,
)
from models import Account, Inscription, InscriptionPhoto, Photo, PhotoState, Report, ReportPhoto
from models.cells import cell_of
from tests.api.wall_pictures import jpeg, plaster, seen_from
from tests.api.walls import finding, reading
from vision.fuse import features_of, packed

LIMIT, HEAVY = 50, 2_000
POOL = 24  # walls that are really drawn; their features are those of every photo of the town


def crowd(services, photos):
    """Let photos with features stand all over the towns, and many of one wall."""
    rng = np.random.default_rng(8)
    pool = [packed(features_of(seen_from(plaster(seed, side=720), 1))) for seed in range(POOL)]
    say(f"features of a photo: {np.mean([len(data) for data in pool]) / 1000:.0f} kB")
    rows = (SqliteRows if services.engine.dialect.name == "sqlite" else PostgresRows)(services)
    with services.reading_unit() as unit:
        shas = list(unit.session.scalars(Photo.__table__.select().with_only_columns(Photo.sha256).limit(photos)))
        ids = list(unit.session.scalars(Inscription.__table__.select().with_only_columns(Inscription.id).limit(photos)))
    places = np.array(PLACES[:1])[0] + rng.normal(0, [0.012, 0.02], (len(shas), 2))
    rows.write(
        "inscription_photos", "photo_sha256,inscription_id,lat,lon,cell,seen_at,features,how,is_by_person",
        ((sha, ids[0] if n < HEAVY else ids[n % len(ids)], *where, cell_of(*where),
          stamp(rng.random() * DAYS * 86_400), 1400, "first", False)
         for n, (sha, where) in enumerate(zip(shas, places.tolist(), strict=True))),
    )  # fmt: skip
    rows.write("photo_features", "photo_sha256,data", ((sha, pool[n % POOL]) for n, sha in enumerate(shas)))
    rows.close()
    return ids[0], places


def arrive(services, places, count):
    """New photos of walls that are not there yet: the dearest, because every comparison fails."""
    draw, looked, stored, near = random.Random(9), [], [], []
    for number in range(count):
        data = jpeg(seen_from(plaster(1000 + number, side=1400), 1))
        sha256 = hashlib.sha256(data).hexdigest()
        lat, lon = places[draw.randrange(len(places))].tolist()
        with services.unit() as unit:
            at = START + timedelta(days=DAYS)
            account = unit.session.query(Account).first()
            unit.session.add(Photo(sha256=sha256, size_bytes=len(data), media_type="image/jpeg", received_at=at,
                                   state=PhotoState.OWED, want=1, failures=0, losses=0))  # fmt: skip
            report = Report(account_id=account.id, channel="web", received_at=at, seen_at=at, lat=lat, lon=lon,
                            place_source="typed")  # fmt: skip
            report.photos = [ReportPhoto(position=0, photo_sha256=sha256)]
            unit.session.add(report)
        start = time.perf_counter()
        look_around(services, SYSTEM, sha256, data)
        looked.append((time.perf_counter() - start) * 1000)
        start = time.perf_counter()
        with services.unit() as unit:
            waits = finding("qz_wall_sample", accepted=False)
            store_reading(unit, sha256, reading(sha256, finding(f"qz_tuman_new_{number}"), waits))
        stored.append((time.perf_counter() - start) * 1000)
        with services.reading_unit() as unit:
            row = unit.session.get_one(InscriptionPhoto, sha256)
            assert row.inscription_id, "it has an inscription now"
            near.append(row.features)
    say("\n| a new photo | p50 ms | p95 ms |\n|---|---|---|")
    show("features, comparing, keeping what matched", looked)
    show("storing its reading: inscription, watchlist, fusion", stored)


def reads(services, heavy, repeats):
    draw = random.Random(7)

    def region(half):
        lat, lon = draw.choice(PLACES)
        return box(lat - half, lon - half, lat + half, lon + half)

    def near():
        lat, lon = draw.choice(PLACES)
        return circle(lat + draw.gauss(0, 0.02), lon + draw.gauss(0, 0.03), draw.uniform(50, 3000))

    def moment():
        return START + timedelta(days=draw.uniform(0, DAYS))

    asked = {
        "all": repository.Asked,
        "circle": lambda: repository.Asked(near()),
        "tiny box": lambda: repository.Asked(region(0.003)),
        "town box": lambda: repository.Asked(region(0.08)),
        "town box, painted": lambda: repository.Asked(region(0.08), state="painted"),
        "reappeared": lambda: repository.Asked(state="reappeared"),
        "since": lambda: repository.Asked(since=moment()),
        "until": lambda: repository.Asked(until=moment()),
        "town box, until": lambda: repository.Asked(region(0.08), until=moment()),
        "whole region": lambda: repository.Asked(box(52.5, 66, 55.6, 74)),
    }
    say("\n| inscriptions | p50 ms | p95 ms |\n|---|---|---|")
    for name, make in asked.items():
        pages = (make() for _ in range(repeats))
        show(name, [timed(services, lambda u, a=a: repository.page(u, a, before=None, limit=LIMIT))[0] for a in pages])
    one = lambda u: repository.addresses(u, heavy)  # noqa: E731
    show("one with its addresses", [timed(services, one)[0] for _ in range(repeats)])
    photos = lambda u: repository.photos(u, heavy, beyond=None, limit=LIMIT)  # noqa: E731
    show(f"photos of one with {HEAVY:,}", [timed(services, photos)[0] for _ in range(repeats)])
    told = lambda u: timeline(u, repository.inscription(u, heavy), after=None, limit=LIMIT)  # noqa: E731
    show("its time line", [timed(services, told)[0] for _ in range(repeats)])


def bench(kind, options):
    with fresh(kind) as services:
        say(f"\n### {kind}: {options.sightings:,} sightings, {options.photos:,} photos with features\n")
        fill(services, options.addresses, options.sightings)
        heavy, places = crowd(services, options.photos)
        reads(services, heavy, options.repeats)
        arrive(services, places, options.new)


if __name__ == "__main__":
    options = options_of(__doc__, addresses=100_000, sightings=1_000_000, photos=20_000, new=40, repeats=20)
    cv2.setNumThreads(1)
    for kind in options.database:
        bench(kind, options)

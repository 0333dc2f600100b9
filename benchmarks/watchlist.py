"""How fast the watchlist answers over 100,000 addresses and 1,000,000 sightings: `make bench-watchlist`."""

import contextlib
import math
import random
import sqlite3
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import psycopg

from api.db import upgrade
from api.exchange.service import Format, export
from api.watchlist import repository, review
from api.watchlist.filters import Filters, Sort, box, circle
from api.watchlist.queue import key_of
from benchmarks.databases import fresh, options_of
from models import Account, Sighting
from models.cells import cell_of

PHOTOS, PER_REPORT, MOST_SEEN, LIMIT = 20_000, 20, 50_000, 50
WAITING_PER_PHOTO = 5  # findings that wait for a person
TARGET_MS = 100
START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 700
TOWNS = {  # latitude, longitude, share of the sightings
    "Petropavl": (54.87, 69.15, 0.6),
    "Bulayevo": (54.91, 70.44, 0.1),
    "Mamlyutka": (54.94, 68.54, 0.1),
    "Sergeyevka": (53.88, 67.42, 0.08),
    "Tayynsha": (53.85, 69.76, 0.08),
    "Saumalkol": (53.29, 68.10, 0.04),
}
PLACES = [place[:2] for place in TOWNS.values()]
KINDS = ("telegram", "domain", "phone")
STATUSES = ("new", "confirmed", "sent", "blocked", "reappeared", "rejected", "benign")


def say(text):
    print(text, flush=True)


def ids(rng, count):
    digits = rng.bytes(16 * count).hex()
    return [digits[i : i + 32] for i in range(0, len(digits), 32)]


def stamp(seconds):
    return (START + timedelta(seconds=float(seconds))).strftime("%Y-%m-%d %H:%M:%S.%f")


class SqliteRows:
    """Bulk insert into a SQLite file."""

    def __init__(self, services):
        self._connection = sqlite3.connect(services.engine.url.database)

    def write(self, table, columns, rows):
        marks = ",".join("?" * len(columns.split(",")))
        self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        self._connection.commit()

    def close(self):
        self._connection.close()  # without ANALYZE: nothing in the product runs it on SQLite


class PostgresRows:
    """COPY into PostgreSQL; foreign keys are right by construction and not checked a million times."""

    def __init__(self, services):
        url = services.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SET session_replication_role = replica")
        self._connection.execute("SET timezone = 'UTC'")

    def write(self, table, columns, rows):
        with self._connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def close(self):
        self._connection.execute("VACUUM ANALYZE")  # what autovacuum does within a minute of such a load
        self._connection.close()


def skewed(rng, addresses, sightings):
    """The address number of each sighting: every address once, one on 50,000 walls at full size, the rest by Zipf."""
    most = MOST_SEEN * sightings // 1_000_000
    share = 1 / np.arange(2, addresses + 1) ** 0.9
    rest = rng.choice(np.arange(1, addresses), sightings - addresses - most + 1, p=share / share.sum())
    return rng.permutation(np.concatenate([np.arange(addresses), np.zeros(most - 1, int), rest]))


def fill(services, addresses, sightings):
    """Write everything; the id of the address seen most."""
    rng = np.random.default_rng(7)
    upgrade(services.engine)
    with services.unit() as unit:
        officer = Account(name="bench", role="officer", password_hash="-", created_at=START, password_changed_at=START)
        unit.session.add(officer)
        unit.session.flush()
        account_id = officer.id
    indexes = list(Sighting.__table__.indexes)
    for index in indexes:  # made again afterwards: much faster than keeping them up row by row
        index.drop(services.engine)
    rows = (SqliteRows if services.engine.dialect.name == "sqlite" else PostgresRows)(services)
    findings, reports = ids(rng, PHOTOS), ids(rng, sightings // PER_REPORT + 1)
    photos = _write_sources(rows, rng, account_id, findings, reports)
    names = _write_seen(rows, rng, addresses, sightings, (photos, findings, reports))
    with contextlib.closing(rows):
        for index in indexes:
            index.create(services.engine)
    return names[0]


def _write_sources(rows, rng, account_id, findings, reports):
    photos = [a + b for a, b in zip(ids(rng, PHOTOS), ids(rng, PHOTOS), strict=True)]
    readings, now, card = ids(rng, PHOTOS), stamp(0), "c" * 64
    rows.write(
        "photos", "sha256,size_bytes,media_type,received_at,state,want,failures,losses",
        [(photo, 2_000_000, "image/jpeg", now, "read", 1, 0, 0) for photo in photos],
    )  # fmt: skip
    rows.write(
        "readings", "id,photo_sha256,card_sha256,card,read_at,seconds,stages,lines,quarter_turns",
        [(i, photo, card, "{}", now, 1.5, "{}", "[]", 0) for i, photo in zip(readings, photos, strict=True)],
    )  # fmt: skip
    rows.write(
        "findings", "id,reading_id,photo_sha256,position,created_at,kind,value,text,confidence,accepted,box,"
        "alternatives,trail,facts,source,review,version,queue_rank,is_listed",
        [(i, r, p, position, stamp(n), "telegram", "qz_wall_sample", "@qz_wall_sample", 0.9, position == 0,
          "[[1,1],[9,1],[9,9],[1,9]]", "[]", "[]", "{}", "ocr", "unreviewed", 1,
           n % 3 * 1000 + 999 - n % 7 * 10, position == 0)
         for position in range(WAITING_PER_PHOTO + 1)
         for n, (i, r, p) in enumerate(
             zip(ids(rng, PHOTOS) if position else findings, readings, photos, strict=True))],
    )  # fmt: skip
    rows.write(
        "reports", "id,account_id,channel,received_at,seen_at,lat,lon,place_source,is_demo",
        [(report, account_id, "web", now, now, 54.87, 69.15, "typed", False) for report in reports],
    )  # fmt: skip
    return photos


def _write_seen(rows, rng, addresses, sightings, sources):
    photos, findings, reports = sources
    whose = skewed(rng, addresses, sightings)
    town = rng.choice(len(PLACES), addresses, p=[place[2] for place in TOWNS.values()])[whose]
    abroad = rng.random(sightings) < 0.2
    town = np.where(abroad, rng.integers(0, len(PLACES), sightings), town)
    place = np.round(np.array(PLACES)[town] + rng.normal(0, [0.02, 0.035], (sightings, 2)), 6)
    seconds = rng.random(sightings) * DAYS * 86_400
    confidence = np.round(0.5 + 0.5 * rng.random(sightings), 4)
    state = rng.choice(["unreviewed", "confirmed", "rejected"], sightings, p=[0.72, 0.25, 0.03])
    names = ids(rng, addresses)
    counted = state != "rejected"
    summed = _summed(whose, seconds, confidence, counted, addresses)
    rows.write(
        "addresses",
        "id,kind,value,status,first_seen_at,last_seen_at,sighting_count,photo_count,best_confidence,created_at,version,"
        "status_at,is_decided,photographed_at,tlp",
        _addresses(rng, names, summed),
    )
    rows.write("warning_states", "address_id,is_warned,is_lowered", [(name, True, True) for name in names[::4]])
    rows.write("address_tags", "address_id,tag", [(name, "common") for name in names[::3]])
    rows.write("address_tags", "address_id,tag", [(name, "rare") for name in names[::999]])
    walls = ids(rng, sightings // 4 + 1)
    rows.write(
        "inscriptions", "id,lat,lon,created_at,cell,first_seen_at,last_seen_at,photo_count,state,version",
        ((wall, *place[i * 4 % sightings].tolist(), stamp(0), cell_of(*place[i * 4 % sightings].tolist()),
          *sorted(stamp(seconds[(i * 4 + k) % sightings]) for k in (0, 3)), 1,
          "painted" if i % 20 == 0 else "reappeared" if i % 200 == 1 else "open", 1) for i, wall in enumerate(walls)),
    )  # fmt: skip
    rows.write(
        "sightings", "id,address_id,inscription_id,report_id,photo_sha256,finding_id,lat,lon,cell,seen_at,"
        "confidence,state",
        ((name, names[whose[i]], walls[i // 4], reports[i // PER_REPORT], photos[i % PHOTOS], findings[i % PHOTOS],
          lat, lon, cell_of(lat, lon), stamp(seconds[i]), float(confidence[i]), str(state[i]))
         for i, (name, (lat, lon)) in enumerate(zip(ids(rng, sightings), place.tolist(), strict=True))),
    )  # fmt: skip
    return names


def _summed(whose, seconds, confidence, counted, addresses):
    first, last, best = np.full(addresses, np.inf), np.full(addresses, -np.inf), np.zeros(addresses)
    np.minimum.at(first, whose[counted], seconds[counted])
    np.maximum.at(last, whose[counted], seconds[counted])
    np.maximum.at(best, whose[counted], confidence[counted])
    count = np.bincount(whose[counted], minlength=addresses)
    return count, np.where(count, first, 0), np.where(count, last, 0), best


def _addresses(rng, names, summed):
    for i, (name, count, first, last, best) in enumerate(zip(names, *summed, strict=True)):
        kind = KINDS[i % 3]
        tail = f"{i * 7919 % 1_000_003:07d}"
        value = {"telegram": f"{'qzxw'[i % 4]}z_tuman_{tail}", "domain": f"qz-{tail}.biz", "phone": f"+7707{tail}"}[
            kind
        ]
        status = "rejected" if not count else rng.choice(STATUSES, p=[0.8, 0.1, 0.03, 0.03, 0.01, 0.02, 0.01])
        yield (name, kind, value, str(status), stamp(first), stamp(last), int(count), int(count), float(best),
               stamp(first), 1, stamp(first), False, stamp(last), "red" if i % 500 == 0 else "amber")  # fmt: skip


def queries(draw):
    """Each query by name: a function that makes its filters anew."""

    def region(half):
        lat, lon = draw.choice(PLACES)
        lat, lon = lat + draw.gauss(0, 0.02), lon + draw.gauss(0, 0.03)
        return box(lat - half, lon - half, lat + half, lon + half)

    def near():
        lat, lon = draw.choice(PLACES)
        return circle(lat + draw.gauss(0, 0.02), lon + draw.gauss(0, 0.03), draw.uniform(300, 3000))

    def moment():
        return START + timedelta(days=draw.uniform(0, DAYS))

    def span():
        since = moment()
        return {"since": since, "until": since + timedelta(days=draw.uniform(1, 60))}

    made = {
        "everything": Filters,
        "kind": lambda: Filters(kind=draw.choice(KINDS)),
        "exact value": lambda: Filters(text=f"+7707{draw.randrange(1_000_003):07d}"),
        "prefix": lambda: Filters(
            text=draw.choice(["qz", "qz_tuman_0", "+77", "qz-12", "wz_tuman_55"]), is_prefix=True
        ),
        "status": lambda: Filters(status=draw.choice(STATUSES)),
        "min score": lambda: Filters(min_score=draw.choice([0.001, 0.5, 0.9])),
        "tlp red": lambda: Filters(tlp="red"),
        "tag": lambda: Filters(tag=draw.choice(["common", "rare", "none"])),
        "assignee": lambda: Filters(assignee="bench"),
        "nobody's": lambda: Filters(assignee=""),
        "warned": lambda: Filters(is_warned=True),
        "not warned": lambda: Filters(is_warned=False),
        "town box, warned": lambda: Filters(region=region(0.08), is_warned=True),
        "tiny box": lambda: Filters(region=region(0.003)),
        "town box": lambda: Filters(region=region(0.08)),
        "whole region": lambda: Filters(region=box(52.5, 66, 55.6, 74)),
        "empty box": lambda: Filters(region=box(10, 10, 14, 14)),
        "box, kind, since": lambda: Filters(region=region(0.05), kind=draw.choice(KINDS), since=moment()),
        "circle": lambda: Filters(region=near()),
        "since": lambda: Filters(since=moment()),
        "until": lambda: Filters(until=moment()),
        "since and until": lambda: Filters(**span()),
        "min confidence": lambda: Filters(min_confidence=round(draw.uniform(0.5, 1), 3)),
        "min confidence 0.9999": lambda: Filters(min_confidence=0.9999),
    }
    for sort in Sort:
        for down in (True, False):
            made[f"sort {sort} {'desc' if down else 'asc'}"] = lambda s=sort, d=down: Filters(sort=s, is_descending=d)
            made[f"town box, sort {sort} {'desc' if down else 'asc'}"] = lambda s=sort, d=down: Filters(
                region=region(0.08), sort=s, is_descending=d
            )
    return made


def timed(services, ask):
    start = time.perf_counter()
    with services.reading_unit() as unit:
        answer = ask(unit)
    return (time.perf_counter() - start) * 1000, answer


def show(name, times_ms, target_ms=TARGET_MS):
    p50, p95 = statistics.median(times_ms), sorted(times_ms)[math.ceil(len(times_ms) * 0.95) - 1]
    say(f"| {name} | {p50:.1f} | {p95:.1f} |{'' if p95 <= target_ms else ' **over**'}")


def measure(services, most_seen, repeats):
    draw = random.Random(7)
    say("| query | p50 ms | p95 ms |\n|---|---|---|")
    for name, make in queries(draw).items():
        asked = (make() for _ in range(repeats))
        times = [timed(services, lambda u, f=f: repository.page(u, f, cursor=None, limit=LIMIT))[0] for f in asked]
        show(name, times)
    detail = lambda unit: repository.sightings(unit, most_seen, before=None, limit=LIMIT)  # noqa: E731
    show("detail of the most-seen address", [timed(services, detail)[0] for _ in range(repeats)])
    _review(services, repeats)
    _deep(services, repeats)
    _export(services)


def _review(services, repeats):
    after, pages = None, []
    for _ in range(100):
        took, found = timed(services, lambda u, a=after: review.waiting(u, after=a, limit=LIMIT))
        pages.append(took)
        after = key_of(found[LIMIT - 1])
    first = [timed(services, lambda u: review.waiting(u, after=None, limit=LIMIT))[0] for _ in range(repeats)]
    show("review, first page", first)
    show("review, pages 61 to 100", pages[60:])


def _deep(services, repeats):
    cursors = [None]
    while len(cursors) < 100:
        cursors.append(timed(services, lambda u: repository.page(u, Filters(), cursor=cursors[-1], limit=LIMIT))[1][1])
    first, deep = (
        [timed(services, lambda u, c=c: repository.page(u, Filters(), cursor=c, limit=LIMIT))[0]
         for _ in range(repeats)]
        for c in (cursors[0], cursors[99])
    )  # fmt: skip
    show("page 100 by cursor", deep)
    say(f"\npage 100 / page 1 (medians): {statistics.median(deep) / statistics.median(first):.2f}")


def _export(services):
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before, start = _kib("VmRSS"), time.perf_counter()
    size = sum(len(piece) for piece in export(services, Format.CSV, Filters()))
    took_s = time.perf_counter() - start
    growth_mib = (_kib("VmHWM") - before) / 1024
    say(f"CSV export: {size / 1e6:.1f} MB in {took_s:.1f} s, peak RSS growth {growth_mib:.1f} MiB\n")


def _kib(name):
    return next(int(line.split()[1]) for line in Path("/proc/self/status").open() if line.startswith(f"{name}:"))


def bench(kind, options):
    with fresh(kind) as services:
        start = time.perf_counter()
        most_seen = fill(services, options.addresses, options.sightings)
        say(f"\n### {kind}: {options.addresses:,} addresses, {options.sightings:,} sightings\n")
        say(f"filled in {time.perf_counter() - start:.0f} s\n")
        measure(services, most_seen, options.repeats)


if __name__ == "__main__":
    options = options_of(__doc__, addresses=100_000, sightings=1_000_000, repeats=40)
    for kind in options.database:
        bench(kind, options)

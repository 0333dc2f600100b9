"""A small watchlist full of chance: every state, review and status, days at the edges of time zones, shared walls."""

import hashlib
import random
from datetime import UTC, datetime, timedelta

from models import (
    Address,
    AddressStep,
    Case,
    CaseAddress,
    Finding,
    Inscription,
    Photo,
    Reading,
    Report,
    Sighting,
)
from models.cells import cell_of

FIRST = datetime(2024, 2, 20, tzinfo=UTC)  # ten days later Kazakhstan moved its clocks
DAYS = 120
KINDS = ("telegram", "domain", "phone")
STATUSES = ("new", "confirmed", "sent", "blocked", "reappeared", "rejected", "benign")
REVIEWS = ("unreviewed", "unreviewed", "confirmed", "corrected", "rejected")


def some_world(services, account, *, seed=7, addresses=25, reports=60):
    """Rows of all kinds from a seed, committed."""
    rng = random.Random(seed)
    with services.unit() as unit:
        add = unit.session.add_all
        listed = [_address(rng, seed, n) for n in range(addresses)]
        walls = [
            Inscription(lat=round(54.8 + rng.random() / 5, 6), lon=round(69.0 + rng.random() / 3, 6), created_at=FIRST)
            for _ in range(reports // 3)
        ]
        cases = [Case(book="kui", number=f"{seed * 100 + n}/2024", created_at=FIRST) for n in range(3)]
        add([*listed, *walls, *cases])
        unit.session.flush()
        add(_steps(rng, listed))
        add([CaseAddress(case_id=rng.choice(cases).id, address_id=each.id, added_at=FIRST) for each in listed[::4]])
        for number in range(reports):
            _report(rng, unit.session, account, (listed, walls), f"{seed}-{number}")


def _address(rng, seed, n):
    kind = KINDS[n % 3]
    stem = rng.choice(["qz_tuman", "wz_zaysan"])
    value = {"telegram": f"{stem}_{seed}{n}", "domain": f"qz-tuman-{seed}{n}.biz", "phone": f"+77075{seed}{n:05d}"}[
        kind
    ]
    return Address(
        kind=kind, value=value, status=rng.choice(STATUSES), status_at=FIRST, first_seen_at=FIRST, last_seen_at=FIRST,
        created_at=FIRST, photographed_at=FIRST,
    )  # fmt: skip


def _steps(rng, listed):
    """Blocked, come back, taken back by the program or by a person, in any order that may be."""
    for each in listed:
        ways = [[], [("sent", "blocked", False)]]
        ways.append([*ways[1], ("blocked", "reappeared", True)])
        ways += [[*ways[2], ("reappeared", "blocked", automatic)] for automatic in (True, False)]
        for number, (before, after, is_automatic) in enumerate(rng.choice(ways), 1):
            yield AddressStep(
                address_id=each.id, number=number, at=FIRST, is_automatic=is_automatic, from_status=before,
                to_status=after, reason="x",
            )  # fmt: skip


def _report(rng, session, account, of, name):
    listed, walls = of
    wall = rng.choice(walls)
    seconds = rng.choice([rng.random() * 86_400, 0, 18 * 3600, 19 * 3600 - 1, 19 * 3600, 86_399])
    seen_at = FIRST + timedelta(days=rng.randrange(DAYS), seconds=seconds)
    received_at = seen_at + timedelta(hours=rng.random() * 3)
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    session.add(Photo(sha256=sha256, size_bytes=1, media_type="image/jpeg", received_at=received_at, state="read"))
    session.flush()
    report = Report(
        account_id=account.id, channel="test", received_at=received_at, seen_at=seen_at, lat=wall.lat, lon=wall.lon,
        place_source="typed",
    )  # fmt: skip
    reading = Reading(
        photo_sha256=sha256, card_sha256="c" * 64, card={}, read_at=received_at, seconds=1.0, stages={}, lines=[],
    )  # fmt: skip
    session.add_all([report, reading])
    session.flush()
    for position in range(rng.choice([0, 1, 1, 2, 3])):
        _seen(rng, session, rng.choice(listed), wall, (report, reading, position))


def _seen(rng, session, address, wall, of):
    report, reading, position = of
    review = rng.choice(REVIEWS)
    read_at = report.received_at + timedelta(seconds=rng.randrange(-60, 7000))
    finding = Finding(
        reading_id=reading.id, photo_sha256=reading.photo_sha256, position=position, created_at=read_at,
        kind=address.kind, value=address.value, text=address.value, confidence=0.8, accepted=rng.random() < 0.6,
        box=[[1, 1], [9, 1], [9, 9], [1, 9]], alternatives=[], uncertain=[], trail=[], facts={}, review=review,
        reviewed_at=None if review == "unreviewed" else read_at + timedelta(hours=rng.randrange(1, 90)),
    )  # fmt: skip
    session.add(finding)
    session.flush()
    session.add(
        Sighting(
            address_id=address.id, inscription_id=wall.id, report_id=report.id, photo_sha256=reading.photo_sha256,
            finding_id=finding.id, lat=wall.lat, lon=wall.lon, cell=cell_of(wall.lat, wall.lon), seen_at=report.seen_at,
            confidence=0.8,
            state={"rejected": "rejected", "unreviewed": "unreviewed"}.get(review, "confirmed"),
        )
    )  # fmt: skip
    session.flush()

"""The figures of a month, against a count by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import h3

from api.stats.month import PLACE_LEVEL, Counts, month_and_before
from api.stats.pages import CELL_LEVEL
from models import Address, AddressStatus, AddressStep
from tests.api.seen import see, wall
from tests.api.test_statistics import all_rows
from tests.api.world import some_world

ZONE = ZoneInfo("Asia/Almaty")


def asked(services, first):
    with services.reading_unit() as unit:
        return month_and_before(unit, services.shelf, first, ZONE)


def counted(rows, of):
    """(sightings, walls, addresses) by what a row is gathered under."""
    names = {of(row) for row in rows}
    return {
        name: Counts(
            sum(of(row) == name for row in rows),
            len({row[0].inscription_id for row in rows if of(row) == name}),
            len({row[0].address_id for row in rows if of(row) == name}),
        )
        for name in names
    }


def cell_of(sighting):
    """As hotspots gather them: the parent of the fine cell, which may not be the large cell that a place lies in."""
    return h3.cell_to_parent(h3.latlng_to_cell(sighting.lat, sighting.lon, CELL_LEVEL), PLACE_LEVEL)


def test_kinds_and_places_are_those_of_each_month(services, accounts):
    some_world(services, accounts["officer"])
    now, before = asked(services, date(2024, 4, 1))
    for month, (since, until) in {
        "now": (datetime(2024, 4, 1, tzinfo=ZONE), datetime(2024, 5, 1, tzinfo=ZONE)),
        "before": (datetime(2024, 3, 1, tzinfo=ZONE), datetime(2024, 4, 1, tzinfo=ZONE)),
    }.items():
        found = now if month == "now" else before
        rows = [row for row in all_rows(services)[0] if since <= row[0].seen_at < until]
        rows = [row for row in rows if row[0].state != "rejected"]
        assert found.kinds == counted(rows, lambda row: row[3].kind)
        assert found.places == counted(rows, lambda row: cell_of(row[0]))
        assert found.figures.sightings == len(rows) == sum(each.sightings for each in found.kinds.values())


def test_steps_count_each_address_once_and_none_that_was_taken_back(services, accounts):
    see(services, accounts["officer"], *(wall(f"qz_tuman_lis_{n}") for n in range(5)), photo="a", lat=54.8, lon=69.1)
    at = datetime(2026, 3, 10, tzinfo=UTC)
    ways = [
        [("confirmed", "sent", False), ("sent", "blocked", False)],
        [("confirmed", "sent", False), ("sent", "confirmed", False), ("confirmed", "sent", False)],
        [("sent", "blocked", False), ("blocked", "reappeared", True)],
        [("sent", "blocked", False), ("blocked", "reappeared", True), ("reappeared", "blocked", True)],
        [],
    ]
    with services.unit() as unit:
        rows = unit.session.query(Address).order_by(Address.value).all()
        for row, way in zip(rows, ways, strict=True):
            for number, (old, new, is_automatic) in enumerate(way, 1):
                moment = at - timedelta(days=60) if way is ways[2] and number == 1 else at
                unit.session.add(
                    AddressStep(
                        address_id=row.id, number=number, at=moment, is_automatic=is_automatic, from_status=old,
                        to_status=new, reason="x",
                    )
                )  # fmt: skip
    now, before = asked(services, date(2026, 3, 1))
    assert now.steps == {
        AddressStatus.NEW: 5, AddressStatus.SENT: 2, AddressStatus.BLOCKED: 2, AddressStatus.REAPPEARED: 1,
    }  # fmt: skip
    assert set(before.steps.values()) == {0}
    assert asked(services, date(2026, 4, 1))[1].steps == now.steps

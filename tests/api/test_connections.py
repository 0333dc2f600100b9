"""Time line, spread and hotspots against a count by hand, and as maps that programs can read; on both databases."""

from collections import Counter
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import h3
import numpy as np
import pytest
from sqlalchemy import select

from api.connections.hotspots import parents
from api.stats.upkeep import remake_pages
from models import Address, Sighting
from tests.api.seen import see, wall
from tests.api.words import refused
from tests.api.world import some_world

ZONE = ZoneInfo("Asia/Almaty")
ALL = {"since": "2024-02-19", "until": "2024-06-25"}


@pytest.fixture
def world(services, accounts):
    some_world(services, accounts["officer"], addresses=9, reports=45)
    return services


def busiest(services):
    """The id of the address with most counting sightings, and those sightings."""
    with services.reading_unit() as unit:
        rows = list(unit.session.scalars(select(Sighting).where(Sighting.state != "rejected")))
    address_id = Counter(row.address_id for row in rows).most_common(1)[0][0]
    return address_id, sorted((row for row in rows if row.address_id == address_id), key=lambda row: row.seen_at)


def asked(client, path, **params):
    answer = client("investigator").get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def local(moment):
    return moment.astimezone(ZONE).date()


@pytest.mark.parametrize("by", ["day", "week", "month"])
def test_a_time_line_counts_sightings_and_new_walls(client, world, by):
    address_id, seen = busiest(world)
    told = asked(client, f"/v1/watchlist/{address_id}/timeline", by=by, **ALL)
    first = {}
    for row in seen:
        first.setdefault(row.inscription_id, row.seen_at)
    for period in told["periods"]:
        since, until = (datetime.fromisoformat(period[name]) for name in ("since", "until"))
        assert period["sightings"] == sum(since <= row.seen_at < until for row in seen)
        assert period["new_walls"] == sum(since <= at < until for at in first.values())
    assert sum(period["sightings"] for period in told["periods"]) == len(seen)
    assert told["timezone"] == "Asia/Almaty"


def test_a_time_line_without_dates_goes_from_the_first_sighting_to_the_last(client, services, accounts):
    for hours in (0, 24 * 70):
        see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo=f"p{hours}", hours=hours)
    (row,) = asked(client, "/v1/watchlist")["addresses"]
    told = asked(client, f"/v1/watchlist/{row['id']}/timeline")
    assert [(each["start"], each["sightings"], each["new_walls"]) for each in told["periods"]] == [
        ("2026-03-01", 1, 1), ("2026-04-01", 0, 0), ("2026-05-01", 1, 1),
    ]  # fmt: skip  # after more than 30 days, and with pictures that cannot tell, it is another wall
    later = asked(client, f"/v1/watchlist/{row['id']}/timeline", since="2027-01-01")
    assert [each["sightings"] for each in later["periods"]] == [0]
    before = asked(client, f"/v1/watchlist/{row['id']}/timeline", until="2020-01-01")
    assert [each["sightings"] for each in before["periods"]] == [0]


def test_single_sightings_come_page_by_page_without_a_gap_or_a_repeat(client, world):
    address_id, _ = busiest(world)
    with world.reading_unit() as unit:
        rows = list(unit.session.scalars(select(Sighting).where(Sighting.address_id == address_id)))
    since, until = date(2024, 3, 1), date(2024, 5, 31)
    expected = [
        row.id for row in sorted(rows, key=lambda row: (row.seen_at, row.id), reverse=True)
        if since <= local(row.seen_at) <= until
    ]  # fmt: skip
    got, cursor = [], None
    while True:
        params = {"since": str(since), "until": str(until), "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = asked(client, f"/v1/watchlist/{address_id}/sightings", **params)
        got += [row["id"] for row in page["sightings"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert got == expected
    assert len(got) > 3


def test_the_spread_has_a_point_for_each_wall_with_its_first_and_last_sighting(client, world):
    address_id, seen = busiest(world)
    told = asked(client, f"/v1/watchlist/{address_id}/spread", **ALL)
    is_geojson(told, "Point")
    on = {}
    for row in seen:
        on.setdefault(row.inscription_id, []).append(row)
    assert len(told["features"]) == told["walls"] == len(on)
    for feature in told["features"]:
        place, rows = feature["properties"], on[feature["properties"]["wall"]]
        assert feature["geometry"]["coordinates"] == [pytest.approx(rows[0].lon), pytest.approx(rows[0].lat)]
        assert (place["sightings"], place["walls"]) == (len(rows), 1)
        assert datetime.fromisoformat(place["first_seen_at"]) == rows[0].seen_at
        assert datetime.fromisoformat(place["last_seen_at"]) == rows[-1].seen_at
    firsts = [feature["properties"]["first_seen_at"] for feature in told["features"]]
    assert firsts == sorted(firsts)
    assert told["gathered"] is False


def test_more_walls_than_asked_for_are_gathered_and_none_is_lost(client, world):
    address_id, seen = busiest(world)
    whole = asked(client, f"/v1/watchlist/{address_id}/spread")
    for limit in (1, 2, len(whole["features"]) - 1):
        told = asked(client, f"/v1/watchlist/{address_id}/spread", limit=limit)
        assert told["gathered"] is True
        assert 1 <= len(told["features"]) <= limit
        assert (told["walls"], told["sightings"]) == (whole["walls"], len(seen))
        assert {feature["properties"]["wall"] for feature in told["features"]} == {None}
        assert min(feature["properties"]["first_seen_at"] for feature in told["features"]) == min(
            feature["properties"]["first_seen_at"] for feature in whole["features"]
        )
    middle = [sum(f["geometry"]["coordinates"][n] for f in whole["features"]) / whole["walls"] for n in (0, 1)]
    (one,) = asked(client, f"/v1/watchlist/{address_id}/spread", limit=1)["features"]
    assert one["geometry"]["coordinates"] == [pytest.approx(each, abs=1e-6) for each in middle]


def is_geojson(told, shape):
    """What RFC 7946 says of a collection of features of this shape."""
    assert told["type"] == "FeatureCollection"
    for feature in told["features"]:
        assert feature["type"] == "Feature"
        assert feature["geometry"]["type"] == shape
        rings = [[feature["geometry"]["coordinates"]]] if shape == "Point" else feature["geometry"]["coordinates"]
        for ring in rings:
            assert all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in ring)
            if shape == "Polygon":
                assert ring[0] == ring[-1]
                assert len(ring) >= 4
                assert sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring)) > 0  # outer rings


@pytest.mark.parametrize("params", [{}, {"level": 6, "kind": "telegram"}, {"box": "54.85,69.05,54.95,69.25"}])
def test_hotspots_count_sightings_walls_and_addresses_of_each_cell(client, world, params):
    remake_pages(world, most=20)  # some days from pages, the others from the tables
    told = asked(client, "/v1/hotspots", **ALL, **params)
    is_geojson(told, "Polygon")
    with world.reading_unit() as unit:
        joined = select(Sighting, Address.kind).join(Address, Address.id == Sighting.address_id)
        rows = [(s, kind) for s, kind in unit.session.execute(joined) if s.state != "rejected"]
    cells = {}
    for row, kind in rows:
        in_box = 54.85 <= row.lat <= 54.95 and 69.05 <= row.lon <= 69.25
        if params.get("kind", kind) == kind and (in_box or "box" not in params):
            fine = h3.latlng_to_cell(row.lat, row.lon, 9)
            cells.setdefault(h3.cell_to_parent(fine, params.get("level", 8)), []).append(row)
    assert len(told["features"]) == told["cells"] == len(cells)
    for feature in told["features"]:
        rows = cells[feature["properties"]["cell"]]
        assert feature["properties"] == {
            "cell": feature["properties"]["cell"],
            "sightings": len(rows),
            "walls": len({row.inscription_id for row in rows}),
            "addresses": len({row.address_id for row in rows}),
        }
    counts = [feature["properties"]["sightings"] for feature in told["features"]]
    assert counts == sorted(counts, reverse=True)
    cut = asked(client, "/v1/hotspots", limit=1, **ALL, **params)
    assert (cut["features"], cut["truncated"]) == (told["features"][:1], len(counts) > 1)


def test_parents_of_cells_are_those_that_h3_itself_gives():
    rng = np.random.default_rng(7)
    cells = [h3.latlng_to_cell(lat, lon, 9) for lat, lon in rng.uniform((-90, -180), (90, 180), (200, 2))]
    numbers = np.array([h3.str_to_int(cell) for cell in cells], np.uint64)
    for level in range(3, 10):
        assert [h3.int_to_str(int(one)) for one in parents(numbers, level)] == [
            h3.cell_to_parent(cell, level) for cell in cells
        ]


def test_the_finest_level_that_a_region_can_have_is_in_the_refusal(client):
    box = "40,46,56,88"
    told = refused(client("supervisor").get("/v1/hotspots", params={"level": 9, "box": box}), 422, "region_too_large")
    assert client("supervisor").get("/v1/hotspots", params={"level": told["level"], "box": box}).status_code == 200


def test_an_address_on_very_many_walls_is_counted_from_pages_and_the_same(client, world, monkeypatch):
    address_id, seen = busiest(world)

    def told():
        found = []
        for dates in ({}, {"since": "2024-03-01", "until": "2024-04-15"}):
            path = f"/v1/watchlist/{address_id}/timeline"
            found += [asked(client, path, by=by, **dates)["periods"] for by in ("day", "week", "month")]
            for limit in (1, 3, 1000):
                spread = asked(client, f"/v1/watchlist/{address_id}/spread", limit=limit, **dates)
                found.append((spread["walls"], spread["sightings"], sorted(map(rounded, spread["features"]))))
        return found

    from_tables = told()
    monkeypatch.setattr("api.connections.packed.MANY", 1)
    assert told() == from_tables
    while remake_pages(world, most=200):
        pass
    assert told() == from_tables
    assert from_tables[3][1] == len(seen)


def rounded(feature):
    """Pages keep whole seconds, and places to a centimetre."""
    facts = feature["properties"]
    times = [facts[name][:19] for name in ("first_seen_at", "last_seen_at")]
    return ([round(degrees, 6) for degrees in feature["geometry"]["coordinates"]], facts["walls"], times)

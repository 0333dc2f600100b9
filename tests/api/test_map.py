"""What a map shows: single walls and cells against a count by hand, narrowed, refused, and when it was seen."""

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import h3
import pytest
from sqlalchemy import select

from api.connections.atlas import level_at
from api.stats.upkeep import remake_pages
from models import Address, Sighting
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.seen import see, wall
from tests.api.words import refused
from tests.api.world import some_world

ALL = {"since": "2024-02-19", "until": "2024-06-25"}
ZONE = ZoneInfo("Asia/Almaty")


@pytest.fixture
def world(services, accounts):
    some_world(services, accounts["officer"], addresses=9, reports=45)
    return services


def rows(services):
    """The sightings that count, each with its address."""
    with services.reading_unit() as unit:
        asked = select(Sighting, Address).join(Address, Address.id == Sighting.address_id)
        return [tuple(row) for row in unit.session.execute(asked.where(Sighting.state != "rejected"))]


def on(row):
    return row.seen_at.astimezone(ZONE).date()


def shown(client, **params):
    answer = client("investigator").get("/v1/map", params=ALL | params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("are_packed", [False, True])
def test_few_walls_are_shown_one_by_one_with_the_addresses_seen_there_last(client, world, are_packed):
    if are_packed:
        while remake_pages(world, most=200):
            pass
    walls = defaultdict(list)
    for sighting, address in rows(world):
        walls[sighting.inscription_id].append((sighting, address))
    told = shown(client)
    assert (told["level"], told["walls"], told["truncated"]) == (None, len(walls), False)
    assert told["sightings"] == sum(map(len, walls.values()))
    counts = [feature["properties"]["sightings"] for feature in told["features"]]
    assert counts == sorted(counts, reverse=True)
    for feature in told["features"]:
        place = feature["properties"]
        here = sorted(walls.pop(place["wall"]), key=lambda each: each[0].seen_at)
        assert feature["geometry"]["coordinates"] == [pytest.approx(here[0][0].lon), pytest.approx(here[0][0].lat)]
        west, south, east, north = feature["bbox"]
        assert (west, south) == (pytest.approx(east), pytest.approx(north))
        assert (place["sightings"], place["walls"], place["cell"]) == (len(here), 1, None)
        assert place["addresses"] == len({address.id for _, address in here})
        assert place["state"] in {"open", "painted", "reappeared"}
        for name, end in (("first_seen_at", here[0][0]), ("last_seen_at", here[-1][0])):
            assert abs(datetime.fromisoformat(place[name]) - end.seen_at) < timedelta(seconds=1)
        last = {each.value: sighting.seen_at for sighting, each in here}
        named = [each["value"] for each in place["named"]]
        assert len(named) == min(3, len(last))
        assert min(last[value] for value in named) >= max(
            (at for value, at in last.items() if value not in named), default=datetime.min.replace(tzinfo=ZONE)
        )
    assert not walls


def test_more_walls_than_asked_for_are_gathered_in_cells_by_zoom_and_none_is_lost(client, world):
    seen = [sighting for sighting, _ in rows(world)]
    for zoom in (5, 10, 13, 18):
        told = shown(client, zoom=zoom, limit=1)
        fine = [h3.latlng_to_cell(row.lat, row.lon, 9) for row in seen]
        by_hand = Counter(h3.cell_to_parent(cell, level_at(zoom)) for cell in fine)
        assert told["level"] == level_at(zoom)
        assert {each["properties"]["cell"]: each["properties"]["sightings"] for each in told["features"]} == by_hand
        assert told["sightings"] == len(seen)
        assert told["walls"] == len({row.inscription_id for row in seen})
        assert all(each["properties"]["wall"] is None for each in told["features"])
        for each in told["features"]:
            places = [row for row, cell in zip(seen, fine, strict=True)
                      if h3.cell_to_parent(cell, told["level"]) == each["properties"]["cell"]]  # fmt: skip
            lats, lons = [row.lat for row in places], [row.lon for row in places]
            assert each["bbox"] == pytest.approx([min(lons), min(lats), max(lons), max(lats)])


def test_it_is_narrowed_to_an_address_a_kind_a_status_a_box_and_dates(client, world):
    seen = rows(world)
    address = Counter(row.address_id for row, _ in seen).most_common(1)[0][0]
    middle = sorted(row.lat for row, _ in seen)[len(seen) // 2]
    day = date(2024, 4, 20)
    narrowings = [
        ({"address": address}, lambda row, _: row.address_id == address),
        ({"kind": "phone"}, lambda _, one: one.kind == "phone"),
        ({"status": "blocked"}, lambda _, one: one.status == "blocked"),
        ({"box": f"54,68,{middle},70"}, lambda row, _: row.lat <= middle),
        ({"until": str(day)}, lambda row, _: on(row) <= day),
        ({"address": address, "since": str(day)}, lambda row, _: row.address_id == address and on(row) >= day),
    ]  # fmt: skip
    for params, holds in narrowings:
        assert shown(client, **params)["sightings"] == sum(holds(*each) for each in seen), params
        if "box" not in params:
            cells = client("investigator").get("/v1/hotspots", params=ALL | params).json()["features"]
            assert sum(each["properties"]["sightings"] for each in cells) == shown(client, **params)["sightings"]
    assert shown(client, since="2030-01-01", until="2030-02-01")["features"] == []


def test_the_times_reach_from_the_first_sighting_to_the_last_and_say_where(client, world):
    seen = [sighting for sighting, _ in rows(world)]
    told = client("investigator").get("/v1/map/times").json()
    days = Counter(map(on, seen))
    assert told["by"] == "day"
    bars = {each["start"]: each["sightings"] for each in told["periods"] if each["sightings"]}
    assert bars == {str(day): count for day, count in days.items()}
    assert told["box"] == pytest.approx([min(row.lon for row in seen), min(row.lat for row in seen),
                                         max(row.lon for row in seen), max(row.lat for row in seen)])  # fmt: skip
    phones = client("investigator").get("/v1/map/times", params={"kind": "phone"}).json()
    assert sum(each["sightings"] for each in phones["periods"]) == sum(one.kind == "phone" for _, one in rows(world))


def test_years_are_told_by_longer_periods_and_nothing_by_none(client, services, accounts):
    told = client("investigator").get("/v1/map/times").json()
    assert (told["box"], [each["sightings"] for each in told["periods"]]) == (None, [0])
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="b", hours=-24 * 365 * 8)
    told = client("investigator").get("/v1/map/times").json()
    assert told["by"] == "month"
    assert (told["periods"][0]["start"], told["periods"][-1]["start"]) == ("2018-03-03", "2026-03-01")
    assert [told["periods"][n]["sightings"] for n in (0, -1)] == [1, 1]


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"zoom": 23}, 422, "request_not_understood"),
        ({"limit": 0}, 422, "request_not_understood"),
        ({"box": "1,2,3"}, 422, "region_not_understood"),
        ({"address": "f" * 32}, 404, "not_found"),
        ({"colour": "red"}, 422, "parameter_unknown"),
    ],
)
def test_what_no_map_can_show_is_refused(client, services, params, status, code):
    refused(client("investigator").get("/v1/map", params=params), status, code)

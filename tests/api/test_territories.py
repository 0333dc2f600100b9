"""Territories: what a GeoJSON file may hold, which territory a wall goes to, imports that are repeated, contacts."""

import json
import math

import pytest
import shapely
from shapely.geometry import shape
from sqlalchemy import select

from api.cleanup.areas import metres2
from api.cleanup.geojson import CrsRefused, GeojsonRefused, NoTerritories, TooManyPoints, read_areas
from api.cleanup.places import Areas, assigned
from api.cleanup.territories import import_areas
from api.intake.geo import Region, distance_m
from models import Territory
from tests.api.cleanup import LAT, LON, City, collection, feature, read, square
from tests.api.telling import ONE_DATABASE
from tests.api.words import refused

KAZAKHSTAN = Region(40.5, 46.4, 55.5, 87.4)
YARD = [[69.0, 54.0], [69.01, 54.0], [69.01, 54.01], [69.0, 54.01], [69.0, 54.0]]
POND = [[69.002, 54.002], [69.004, 54.002], [69.004, 54.004], [69.002, 54.004], [69.002, 54.002]]
BOW = [[69.0, 54.0], [69.01, 54.01], [69.01, 54.0], [69.0, 54.01], [69.0, 54.0]]


def polygon(*rings):
    return {"type": "Polygon", "coordinates": list(rings)}


def one(geometry, **more):
    (area,) = read(collection(feature(geometry)), region=KAZAKHSTAN, **more).areas
    return area


def why(geometry, **more):
    with pytest.raises(NoTerritories) as refusal:
        read(collection(feature(geometry, **more)), region=KAZAKHSTAN)
    (told,) = refusal.value.facts["refused"]
    assert (told["number"], refusal.value.status) == (1, 422)
    return told["code"]


def test_winding_is_put_right_and_heights_are_dropped():
    area = one(polygon([[lon, lat, 350.5] for lon, lat in YARD[::-1]], POND))
    (part,) = area.shape.geoms
    assert part.exterior.is_ccw
    assert not part.interiors[0].is_ccw
    assert not area.shape.has_z
    assert area.mended == ""
    # 0.01° by 0.01° at 54° north, without 0.002° by 0.002°.
    side_m = math.radians(0.01) * 6_371_007.2
    assert area.area_m2 == pytest.approx(side_m**2 * math.cos(math.radians(54.005)) * (1 - 0.04), rel=1e-4)


def test_a_ring_that_crosses_itself_is_mended_and_said_to_be():
    area = one(polygon(BOW))
    assert area.shape.is_valid
    assert len(area.shape.geoms) == 2
    assert "Self-intersection" in area.mended
    assert area.area_m2 == pytest.approx(metres2(shape(polygon(YARD))) / 2, rel=1e-3)


def test_an_open_ring_is_closed_and_a_feature_or_a_bare_geometry_is_a_file_too():
    assert one(polygon(YARD[:-1])).shape.equals(one(polygon(YARD)).shape)
    assert [each.name_ru for each in read(feature(polygon(YARD), name="КСК 9")).areas] == ["КСК 9"]
    assert [each.name_ru for each in read(polygon(YARD), name="north").areas] == ["north"]
    both = one({"type": "MultiPolygon", "coordinates": [[YARD], [[[x + 1, y] for x, y in YARD]]]})
    assert len(both.shape.geoms) == 2


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Point", "coordinates": [69.0, 54.0]}, "not_an_area"),
        ({"type": "LineString", "coordinates": YARD}, "not_an_area"),
        ({"type": "GeometryCollection", "geometries": []}, "not_an_area"),
        (None, "not_an_area"),
        (polygon([[lat, lon] for lon, lat in YARD]), "coordinates_swapped"),
        (polygon([[lon + 300, lat] for lon, lat in YARD]), "coordinates_out_of_range"),
        (polygon([[500_000 + x * 1000, 6_000_000 + y] for x, y in YARD]), "coordinates_out_of_range"),
        (polygon([[69, 54], [69.01, 54], [69.02, 54], [69, 54]]), "area_empty"),
        (polygon([[69, 54], [69.01, 54], [69, 54]]), "ring_too_short"),
        (polygon(["x"]), "coordinates_not_numbers"),
        (polygon([[69, "54"]] * 4), "coordinates_not_numbers"),
        (polygon([[True, False]] * 4), "coordinates_not_numbers"),
        (polygon([[69, 1e308]] * 4), "coordinates_out_of_range"),
        (polygon(), "coordinates_missing"),
        ({"type": "MultiPolygon", "coordinates": [[]]}, "coordinates_missing"),
        ({"type": "Polygon"}, "coordinates_missing"),
    ],
)
def test_what_is_no_area_is_refused_by_a_code_of_its_own(geometry, code):
    assert why(geometry) == code


def test_names_and_ids_come_from_where_files_have_them():
    found = read(
        collection(
            feature(polygon(YARD), name="a", id=7),
            feature(polygon(YARD), name=None, properties={"name:ru": "Двор", "name:kk": "Аула", "@id": "way/5"}),
            feature(polygon(YARD), name=None, properties={"name_kk": "  Аула\u202e 2 "}),
            feature(polygon(YARD), name="a", id="7"),
            feature(polygon(YARD), name=None),
        )
    )
    assert [(each.external_id, each.name_ru, each.name_kk) for each in found.areas] == [
        ("7", "a", "a"),
        ("way/5", "Двор", "Аула"),
        ("name:Аула 2", "Аула 2", "Аула 2"),
    ]
    assert [(each.number, each.code) for each in found.refused] == [(4, "id_twice"), (5, "name_missing")]


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{", b'{"type":"FeatureCollection"}', b"\xff\xfe{}", b'{"type":"Topology"}', b"<kml/>",
     b'{"type":"FeatureCollection","features":' + b"[" * 100 + b"]" * 100 + b"}",
     b'{"type":"Polygon","coordinates":[[[NaN,1],[2,3],[4,5]]]}',
     b'{"type":"Polygon","coordinates":[[[1' + b"0" * 400 + b",1],[2,3],[4,5]]]}"],
)  # fmt: skip
def test_what_is_no_geojson_is_refused_as_a_whole(content):
    with pytest.raises((GeojsonRefused, NoTerritories)):
        read(content)


def test_another_coordinate_system_is_refused_by_name_and_degrees_are_not():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32642"}}
    with pytest.raises(CrsRefused, match="EPSG::32642"):
        read(collection(feature(polygon(YARD)), crs=crs))
    crs["properties"]["name"] = "urn:ogc:def:crs:OGC:1.3:CRS84"
    assert len(read(collection(feature(polygon(YARD)), crs=crs)).areas) == 1


def test_a_million_points_are_refused_before_they_are_held():
    class Endless:
        """A file of a gigabyte, made while it is read."""

        taken = 0

        def seek(self, *_where):
            Endless.taken = 0

        def tell(self):
            return 2**30

        def read(self, size=-1):
            if size == 0:  # the parser asks what kind of file this is
                return b""
            Endless.taken += 1
            return b"[69.0,54.0]," * 5000 if Endless.taken > 1 else b'{"type":"Polygon","coordinates":[['

    with pytest.raises(TooManyPoints):
        read_areas(Endless(), limit_bytes=2**30, limit_points=200_000)
    assert Endless.taken < 60


def test_a_place_goes_to_the_smallest_area_that_holds_it_and_else_to_the_nearest_in_true_metres():
    yard = shapely.box(69.0, 54.0, 69.02, 54.02)
    inner = shapely.box(69.0, 54.0, 69.005, 54.005)
    ring = shape(polygon(YARD, POND))
    areas = Areas(["big", "small", "ring"], [9.0, 1.0, 5.0], [yard, inner, shapely.affinity.translate(ring, 1)])
    assert areas.find(54.002, 69.002, nearest_m=0).territory_id == "small"
    assert areas.find(54.0, 69.0, nearest_m=0).territory_id == "small"
    assert areas.find(54.015, 69.015, nearest_m=0).territory_id == "big"
    hole = areas.find(54.003, 70.003, nearest_m=500)
    assert (hole.territory_id, hole.how) == ("ring", "nearest")
    east = areas.find(54.01, 69.022, nearest_m=200)
    true_m = distance_m(54.01, 69.02, 54.01, 69.022)
    assert (east.territory_id, east.how, east.distance_m) == ("big", "nearest", pytest.approx(true_m, rel=0.003))
    assert areas.find(54.01, 69.022, nearest_m=true_m - 1).territory_id is None
    assert Areas([], [], []).find(54.0, 69.0, nearest_m=500).how == "none"


def put(http, content, **params):
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return http.post("/v1/territories/import", files={"file": ("yards.geojson", data)}, params=params)


def test_an_import_is_repeated_changed_tried_dry_and_given_back(client, services):
    http = client("supervisor")
    yards = collection(feature(square(), id="1"), feature(square(lat=LAT + 0.001), name="Двор 8", id="2"))
    dry = put(http, yards, dry_run=True).json()
    assert (dry["dry_run"], dry["added"], dry["overlap_count"]) == (True, 2, 1)
    assert http.get("/v1/territories").json()["territories"] == []
    made = put(http, yards).json()
    assert (made["added"], made["overlaps"]) == (2, dry["overlaps"])
    assert made["overlaps"][0]["area_m2"] == pytest.approx(metres2(shape(square())) * 0.75, rel=0.01)
    assert put(http, yards).json()["same"] == 2
    exported = http.get("/v1/territories/export")
    assert put(http, exported.content).json()["same"] == 2
    less = collection(feature(square(size=0.001), id="1", name="Двор 7а"), feature({"type": "Point"}, id="3"))
    changed = put(http, less).json()
    assert (changed["changed"], changed["kept"], changed["refused_count"]) == (1, ["Двор 8"], 1)
    assert put(http, less, remove_missing=True).json()["removed"] == ["Двор 8"]
    (row,) = http.get("/v1/territories").json()["territories"]
    assert (row["name_ru"], row["version"]) == ("Двор 7а", 2)
    assert put(http, yards).json() == made | {"added": 0, "changed": 2}  # and the removed one is back
    with services.reading_unit() as unit:
        assert len(unit.session.scalars(select(Territory)).all()) == 2


@ONE_DATABASE
def test_a_wall_finds_its_territory_again_after_every_import(services):
    def put_at(lat):
        with services.unit() as unit:
            import_areas(unit, read(collection(feature(square(lat=lat), id="1"))))

    def found():
        with services.reading_unit() as unit:
            return assigned(unit, LAT, LON, nearest_m=300).how

    assert found() == "none"
    put_at(LAT)
    assert found() == "inside"
    put_at(LAT + 0.003)
    assert found() == "nearest"
    put_at(LAT + 1)
    assert found() == "none"


@ONE_DATABASE
def test_contacts_are_checked_changed_and_removed(client, services, accounts):
    city = City(services, accounts["investigator"])
    http, path = client("investigator"), f"/v1/territories/{city.territory_id}/contacts"

    def add(**body):
        return http.post(path, json={"name": "Айгүл"} | body)

    group = add(channel="telegram", language="kk").json()
    assert group["bind"].startswith("/bind ")
    assert add(channel="whatsapp", chat="+7 (700) 000-11-22").json()["chat"] == "77000001122"
    assert add(channel="mail", chat="Yard@QZ-tuman-77.KZ").json()["chat"] == "yard@qz-tuman-77.kz"
    for channel, chat in (("telegram", "@name"), ("whatsapp", "12"), ("mail", "no mail"), ("mail", None)):
        refused(add(channel=channel, chat=chat), 422, "chat_not_understood")
    refused(add(channel="mail", chat="x@qz-tuman-77.kz", name="\u200b"), 422, "contact_name_empty")
    one = f"{path}/{group['id']}"
    assert http.patch(one, json={"version": 1, "chat": "-100777000111"}).json()["bind"] is None
    refused(http.patch(one, json={"version": 1, "name": "x"}), 409, "contact_changed")
    anew = http.patch(one, json={"version": 2, "bind_anew": True}).json()
    assert (anew["chat"], anew["bind"] != group["bind"]) == (None, True)
    assert http.delete(one, params={"version": 3}).status_code == 204
    refused(http.delete(one, params={"version": 4}), 404, "not_found")
    shown = http.get(f"/v1/territories/{city.territory_id}").json()
    assert sorted(each["channel"] for each in shown["contacts"]) == ["mail", "telegram", "whatsapp"]
    assert shown["area"]["type"] == "MultiPolygon"


@ONE_DATABASE
def test_a_territory_with_open_orders_stays(client, services, accounts):
    city = City(services, accounts["investigator"])
    order_id = city.order()
    http, path = client("investigator"), f"/v1/territories/{city.territory_id}"
    refused(http.delete(path, params={"version": 2}), 409, "territory_changed")
    assert refused(http.delete(path, params={"version": 1}), 409, "territory_in_use")["orders"] == 1
    assert put(http, collection(feature(square(lat=50), name="x")), remove_missing=True).json()["kept"] == ["Двор 7"]
    city.act(order_id, "cancel")
    assert http.delete(path, params={"version": 1}).status_code == 204


@ONE_DATABASE
def test_the_command_says_what_it_did_and_what_it_left_out(run, tmp_path, database_url):
    path = tmp_path / "yards.geojson"
    path.write_text(json.dumps(collection(feature(polygon(BOW)), feature({"type": "Point"}, name="x"))), "utf-8")
    dry = run("territories", path, "--dry-run")
    assert (dry.returncode, dry.stdout.decode().splitlines()[0]) == (
        1,
        "1 would be added, 0 would be changed, 0 the same, 0 would be removed, 1 refused",
    )
    assert b"refused: feature 2 x" in dry.stderr

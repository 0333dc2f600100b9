"""Where somebody says a photo was taken."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import Problem
from api.intake.coordinates import LONGEST_PLACE, parse_place
from api.intake.geo import (
    CoordinatesOutOfRange,
    CoordinatesSwapped,
    CoordinatesZero,
    Region,
    check_point,
    distance_m,
)

KAZAKHSTAN = Region(40.5, 46.4, 55.5, 87.4)
HERE = Path(__file__).parent


def rows(name):
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


LATS = st.floats(-89.9, 89.9).filter(lambda lat: abs(lat) > 0.001)
LONS = st.floats(-179.9, 179.9).filter(lambda lon: abs(lon) > 0.001)


@pytest.mark.parametrize(("text", "lat", "lon", "source"), rows("places_read.jsonl"))
def test_a_place_is_read_in_the_forms_that_people_and_maps_write(text, lat, lon, source):
    place = parse_place(text, region=KAZAKHSTAN)
    assert (place.lat, place.lon) == pytest.approx((lat, lon), abs=1e-6)
    assert place.source == source


@pytest.mark.parametrize(("text", "code"), rows("places_refused.jsonl"))
def test_a_place_that_is_no_point_is_refused_with_what_to_do_instead(text, code):
    with pytest.raises(Problem) as refused:
        parse_place(text, region=KAZAKHSTAN)
    assert refused.value.code == code
    assert refused.value.status == 422
    assert len(refused.value.message) > 30


def test_a_swapped_pair_comes_back_with_what_was_probably_meant():
    with pytest.raises(CoordinatesSwapped) as refused:
        parse_place("69.15, 54.87", region=KAZAKHSTAN)
    assert (refused.value.lat, refused.value.lon) == (54.87, 69.15)
    assert "54.87" in refused.value.message


def test_without_a_region_only_the_impossible_counts_as_swapped():
    assert parse_place("69.15, 54.87").lat == 69.15
    with pytest.raises(CoordinatesSwapped):
        parse_place("151.21, -33.86")


def test_a_pair_that_names_its_axes_is_never_taken_for_swapped():
    assert parse_place("69.15N 54.87E", region=KAZAKHSTAN).lat == 69.15


@pytest.mark.parametrize("lat", [math.nan, math.inf, -math.inf, 90.0001, -91])
def test_numbers_that_are_no_latitude_are_out_of_range(lat):
    with pytest.raises(CoordinatesOutOfRange):
        check_point(lat, 169.15)


def test_the_poles_and_the_date_line_are_places():
    for lat, lon in ((90, 0), (-90, 0), (10, 180), (10, -180), (0, 10), (10, 0)):
        check_point(lat, lon)


def test_zero_zero_is_refused_as_a_missing_fix():
    with pytest.raises(CoordinatesZero):
        check_point(0.0, -0.0)


@given(LATS, LONS)
def test_what_is_written_as_decimal_degrees_is_read_back(lat, lon):
    for text in (f"{lat:.7f}, {lon:.7f}", f"{lat:.7f} {lon:.7f}".replace(".", ","), f"geo:{lat:.7f},{lon:.7f}"):
        place = parse_place(text)
        assert (place.lat, place.lon) == pytest.approx((lat, lon), abs=1e-6)


@given(LATS, LONS)
def test_what_is_written_as_degrees_minutes_seconds_is_read_back(lat, lon):
    def dms(angle, marks):
        hundredths = round(abs(angle) * 360_000)
        degrees, minutes, seconds = hundredths // 360_000, hundredths // 6000 % 60, hundredths % 6000 / 100
        return f"{degrees}°{minutes:02}'{seconds:05.2f}\"{marks[angle < 0]}"

    for marks in (("N", "S", "E", "W"), (" с.ш.", " ю.ш.", " в.д.", " з.д.")):
        place = parse_place(f"{dms(lat, marks[:2])} {dms(lon, marks[2:])}")
        assert (place.lat, place.lon) == pytest.approx((lat, lon), abs=2e-6)


@given(LATS, LONS)
def test_every_maps_link_gives_back_the_point_it_was_made_from(lat, lon):
    a, o = f"{lat:.6f}", f"{lon:.6f}"
    for link in (
        f"https://www.google.com/maps/@{a},{o},17z",
        f"https://maps.google.com/maps?q={a}%2C{o}",
        f"https://yandex.kz/maps/?pt={o},{a}&z=18",
        f"https://2gis.kz/petropavlovsk/geo/7000000/{o}%2C{a}",
        f"https://www.openstreetmap.org/?mlat={a}&mlon={o}",
        f"https://maps.apple.com/?ll={a},{o}",
    ):
        place = parse_place(link, region=KAZAKHSTAN)
        assert (place.lat, place.lon) == pytest.approx((lat, lon), abs=1e-5)


@given(st.floats(-84, 84), st.floats(-179, 179), st.integers(14, 18))
def test_an_openstreetmap_short_link_holds_its_point_in_itself(lat, lon, zoom):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~"
    x, y = int((lon + 180) / 360 * 2**32), int((lat + 90) / 180 * 2**32)
    woven = sum((x >> bit & 1) << (2 * bit + 1) | (y >> bit & 1) << (2 * bit) for bit in range(32))
    count = math.ceil((zoom + 8) / 3)
    code = "".join(letters[woven >> (58 - 6 * at) & 63] for at in range(count)) + "-" * ((zoom + 8) % 3)
    place = parse_place(f"https://osm.org/go/{code}")
    assert distance_m(lat, lon, place.lat, place.lon) < 30_000_000 / 2 ** (zoom + 8) * 2


@given(st.text(max_size=LONGEST_PLACE + 10))
def test_any_text_gives_a_point_on_the_earth_or_a_problem(text):
    try:
        place = parse_place(text, region=KAZAKHSTAN)
    except Problem as problem:
        assert problem.status == 422  # noqa: PT017 - either outcome is right, others are not
    else:
        check_point(place.lat, place.lon)


@given(st.text(alphabet="0123456789.,-+°'\"NSEWсшвд ;/~=&?%!@#", max_size=80))
def test_any_near_miss_gives_a_point_on_the_earth_or_a_problem(text):
    for prefix in ("", "geo:", "https://yandex.kz/maps/?ll=", "https://google.com/maps/", "https://2gis.kz/"):
        try:
            place = parse_place(prefix + text, region=KAZAKHSTAN)
        except Problem:
            continue
        check_point(place.lat, place.lon)


@given(LATS, LONS, LATS, LONS)
def test_a_distance_is_the_same_both_ways_and_zero_only_at_home(lat, lon, other_lat, other_lon):
    there = distance_m(lat, lon, other_lat, other_lon)
    assert there == pytest.approx(distance_m(other_lat, other_lon, lat, lon))
    assert 0 <= there <= 20_015_200
    assert distance_m(lat, lon, lat, lon) == 0


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres():
    assert distance_m(54, 69, 55, 69) == pytest.approx(111_195, abs=1)
    assert distance_m(10, 179.5, 10, -179.5) == pytest.approx(distance_m(10, 0, 10, 1))

"""Squares of the earth hold what they should."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from models.cells import MOST_SQUARES, SIDE, cell_of, cover

lats, lons = st.floats(-90, 90), st.floats(-180, 180)
fractions = st.floats(0, 1)


def between(low, high, fraction):
    return min(high, low + (high - low) * fraction)


@given(st.tuples(lats, lats), st.tuples(lons, lons), fractions, fractions)
def test_every_place_of_a_box_lies_in_its_cover(lat_pair, lon_pair, up, along):
    south, north = sorted(lat_pair)
    west, east = sorted(lon_pair)
    cell = cell_of(between(south, north, up), between(west, east, along))
    assert any(first <= cell <= last for first, last in cover(south, west, north, east))


@given(st.tuples(lats, lats), st.tuples(lons, lons))
def test_ranges_are_few_ordered_and_apart(lat_pair, lon_pair):
    (south, north), (west, east) = sorted(lat_pair), sorted(lon_pair)
    ranges = cover(south, west, north, east)
    assert 1 <= len(ranges) <= MOST_SQUARES
    assert all(0 <= first <= last < SIDE * SIDE for first, last in ranges)
    assert all(before[1] + 1 < after[0] for before, after in pairwise(ranges))


@given(st.floats(-80, 80), st.floats(-170, 170), st.floats(0.001, 5))
def test_a_cover_is_not_much_larger_than_its_box(lat, lon, side):
    ranges = cover(lat, lon, lat + side, lon + side)
    squares = sum(last - first + 1 for first, last in ranges)
    across, up = side / 360 * SIDE + 2, side / 180 * SIDE + 2  # its squares, those it only touches included
    assert squares <= 4 * across * up


def test_neighbours_share_a_square_and_strangers_do_not():
    assert cell_of(54.87001, 69.15001) == cell_of(54.87002, 69.15002)
    assert cell_of(54.87, 69.15) != cell_of(54.88, 69.15)
    assert cell_of(90, 180) == SIDE * SIDE - 1

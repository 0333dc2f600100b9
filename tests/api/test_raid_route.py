"""The order of a raid list: every wall once, and never further than going to the nearest next."""

import math
import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from api.cleanup.route import length_m, ordered
from api.intake.geo import distance_m

points = st.tuples(st.floats(54.8, 54.9), st.floats(69.1, 69.2))


def nearest_next_m(places, start):
    """Metres of the way that always goes to the nearest wall that is left."""
    here, left, metres = start, list(places), 0.0
    while left:
        following = min(left, key=lambda place: distance_m(*here, *place))
        metres += distance_m(*here, *following)
        left.remove(following)
        here = following
    return metres


@settings(max_examples=60)
@given(st.lists(points, max_size=40), points)
def test_all_walls_once_and_never_longer_than_going_to_the_nearest_next(places, start):
    way = ordered(places, start=start)
    assert sorted(way) == list(range(len(places)))
    walked = length_m([places[one] for one in way], start=start)
    assert walked <= nearest_next_m(places, start) + 1e-3
    legs = [start, *(places[one] for one in way)]
    assert math.isclose(walked, sum(distance_m(*one, *two) for one, two in pairwise(legs)), abs_tol=1e-3)


@settings(max_examples=30)
@given(st.lists(points, min_size=1, max_size=25))
def test_without_a_start_the_way_begins_at_an_outermost_wall(places):
    way = ordered(places)
    assert sorted(way) == list(range(len(places)))
    first = places[way[0]]
    assert first[0] in (min(place[0] for place in places), max(place[0] for place in places)) or first[1] in (
        min(place[1] for place in places),
        max(place[1] for place in places),
    )


def test_walls_along_a_street_are_walked_from_end_to_end():
    street = [(54.87, 69.15 + step / 1000) for step in range(12)]
    mixed = random.Random(4).sample(street, len(street))
    way = [mixed[one] for one in ordered(mixed)]
    assert way in (street, street[::-1])
    from_the_middle = [mixed[one] for one in ordered(mixed, start=(54.87, 69.1499))]
    assert from_the_middle == street


def test_two_hundred_walls_are_shorter_by_a_tenth_than_the_nearest_next():
    draw = random.Random(9)
    places = [(54.8 + draw.random() / 10, 69.1 + draw.random() / 10) for _each in range(200)]
    way = ordered(places, start=(54.8, 69.1))
    assert length_m([places[one] for one in way], start=(54.8, 69.1)) < 0.92 * nearest_next_m(places, (54.8, 69.1))


def test_nothing_has_no_way():
    assert ordered([]) == []
    assert ordered([], start=(54.8, 69.1)) == []
    assert length_m([]) == 0
    assert ordered([(54.8, 69.1)]) == [0]

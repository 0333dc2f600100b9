"""Where somebody says that a wall is, in what they wrote or shared. No link is opened."""

from __future__ import annotations

from dataclasses import dataclass

from api.errors import Problem
from api.intake.channels.base import Spot
from api.intake.coordinates import LONGEST_PLACE, MinutesOutOfRange, Place, PlaceNotUnderstood, parse_place
from api.intake.geo import Region, check_point
from api.intake.links import LinkUnknown

MOST_LINES = 200
EXAMPLE = (54.87, 69.15)
"""The point that our own messages show as an example: a quoted message names no place."""
NO_PLACE = (PlaceNotUnderstood, LinkUnknown, MinutesOutOfRange)
"""Refusals of what may well be no place at all: an address, a telephone number, a greeting."""


class OutsideOfRegion(Exception):
    """A point on the earth where no report is expected."""

    def __init__(self, place: Place) -> None:
        super().__init__(f"{place.lat}, {place.lon} is outside of the region")
        self.place = place


@dataclass(frozen=True, slots=True)
class Named:
    """A place, and the words that named it."""

    place: Place
    text: str | None = None
    accuracy_m: float | None = None


def named_in(text: str, region: Region | None) -> Named | None:
    """The one place that a text names, in all of it or in one of its lines; None where it names none.

    Raises:
        Problem: it names one that cannot be; the refusal says what to do.
        OutsideOfRegion: it names one far from here.
    """
    whole = [text.strip()] if len(text) <= LONGEST_PLACE else []
    lines = [line.strip() for line in text.splitlines()[:MOST_LINES] if line.strip()]
    refusal: Problem | None = None
    for piece in dict.fromkeys([*whole, *lines]):
        if not piece or len(piece) > LONGEST_PLACE or piece.startswith(">"):
            continue
        try:
            place = parse_place(piece, region=region)
        except NO_PLACE:
            continue
        except Problem as problem:
            refusal = refusal or problem
            continue
        if (place.lat, place.lon) != EXAMPLE or not any(letter.isalpha() for letter in piece):
            return Named(within(place, region), piece)
    if refusal is not None:
        raise refusal
    return None


def shared(spot: Spot, region: Region | None) -> Named:
    """A place that was shared as such. Problem, OutsideOfRegion."""
    check_point(spot.lat, spot.lon, order_known=True)
    known = spot.accuracy_m if spot.accuracy_m is not None and 0 <= spot.accuracy_m <= 100_000 else None
    return Named(within(Place(spot.lat, spot.lon, "shared"), region), accuracy_m=known)


def within(place: Place, region: Region | None) -> Place:
    """The place itself; OutsideOfRegion when no report is expected there."""
    if region is not None and not region.holds(place.lat, place.lon):
        raise OutsideOfRegion(place)
    return place

"""What somebody sends before it is a report: photos, and fields as text, turned into checked values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import IO

from api.errors import Problem
from api.intake.coordinates import Place, parse_place
from api.intake.geo import Region, check_point
from api.intake.text import clean_line, clean_note

FIELDS = ("lat", "lon", "place", "accuracy_m", "note", "seen_at")
LONGEST_NOTE = 4000
LARGEST_ACCURACY_M = 100_000
CLOCKS_DIFFER = timedelta(minutes=10)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

_NUMBER = re.compile(r"[-+]?[0-9]{1,9}(?:[.,][0-9]{1,20})?")
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


class FieldNotUnderstood(Problem):
    """A field whose text is not what the field is for."""

    status = 422

    def __init__(self, name: str, *, expected: str) -> None:
        super().__init__(f"{name} must be {expected}.")
        self.field = name


class HalfAPoint(Problem):
    """Only one of latitude and longitude."""

    status = 422

    def __init__(self, *, missing: str) -> None:
        super().__init__(f"{missing} is missing: send lat and lon together, or both in place.")
        self.field = missing


class PlaceGivenTwice(Problem):
    """Both lat/lon and place."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Send either lat and lon, or place: with both it is not clear which one counts.")


class SeenAtImpossible(Problem):
    """A time before there were such photos, or after now."""

    status = 422

    def __init__(self) -> None:
        super().__init__("seen_at must lie between the year 2000 and now: check the date and the time zone.")


@dataclass(frozen=True, slots=True)
class SentPhoto:
    """One photo as it came: a file at its start, the sender's name for it, and what to call it in a refusal."""

    file: IO[bytes]
    name: str = ""
    label: str = "photo"


@dataclass(frozen=True, slots=True)
class Draft:
    """A report as somebody sends it, its fields checked.

    Attributes:
        place: where it was sent from; None leaves it to the photos' EXIF.
        place_text: what was typed or pasted, cleaned, when the place came as text.
        key: the sender's name for this report; sending it again is sending it once.
        fields: as they came, to recognise the same report under the same key.
    """

    photos: Sequence[SentPhoto]
    place: Place | None = None
    place_text: str | None = None
    accuracy_m: float | None = None
    note: str | None = None
    seen_at: datetime | None = None
    key: str | None = None
    channel: str = "upload"
    is_demo: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


def draft_from(
    photos: Sequence[SentPhoto], fields: Mapping[str, str], *, key: str | None, region: Region | None, now: datetime
) -> Draft:
    """The draft in a form's fields; empty fields count as absent.

    Raises:
        Problem: which field is wrong and what it should be.
    """
    given = {name: text.strip() for name, text in fields.items() if text.strip()}
    if key is not None and not _KEY.fullmatch(key):
        raise FieldNotUnderstood("Idempotency-Key", expected="1 to 128 printable ASCII characters without spaces")
    note = clean_note(given.get("note", "")) or None
    if note and len(note) > LONGEST_NOTE:
        raise FieldNotUnderstood("note", expected=f"at most {LONGEST_NOTE} characters")
    return Draft(
        photos=photos,
        place=_place(given, region),
        place_text=clean_line(given["place"]) if "place" in given else None,
        accuracy_m=_accuracy_m(given.get("accuracy_m")),
        note=note,
        seen_at=_seen_at(given.get("seen_at"), now),
        key=key,
        fields=given,
    )


def _place(given: Mapping[str, str], region: Region | None) -> Place | None:
    point = [name for name in ("lat", "lon") if name in given]
    if point and "place" in given:
        raise PlaceGivenTwice
    if "place" in given:
        return parse_place(given["place"], region=region)
    if not point:
        return None
    if len(point) == 1:
        raise HalfAPoint(missing="lon" if point == ["lat"] else "lat")
    lat, lon = (_number(name, given[name], expected="degrees as a number, such as 54.8700") for name in point)
    check_point(lat, lon, region=region)
    return Place(lat, lon, "typed")


def _accuracy_m(text: str | None) -> float | None:
    if text is None:
        return None
    expected = f"metres from 0 to {LARGEST_ACCURACY_M}"
    metres = _number("accuracy_m", text, expected=expected)
    if not 0 <= metres <= LARGEST_ACCURACY_M:
        raise FieldNotUnderstood("accuracy_m", expected=expected)
    return metres


def _number(name: str, text: str, *, expected: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise FieldNotUnderstood(name, expected=expected)
    return float(text.replace(",", "."))


def _seen_at(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        seen_at = datetime.fromisoformat(text)
    except ValueError:
        seen_at = None
    if seen_at is None or seen_at.tzinfo is None:
        raise FieldNotUnderstood("seen_at", expected="a time with its zone, such as 2026-05-04T18:30:00+05:00")
    if not is_possible(seen_at, now=now):
        raise SeenAtImpossible
    return seen_at


def is_possible(seen_at: datetime, *, now: datetime) -> bool:
    """Whether somebody can have seen something then."""
    return EARLIEST <= seen_at <= now + CLOCKS_DIFFER

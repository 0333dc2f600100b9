"""What EXIF says of place, time and camera, believed only as far as it can be true.

The child that decodes hands over short texts and numbers; whether they make sense is decided here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_CAMERA_LENGTH = 80


def place(said: Mapping[str, Any]) -> tuple[float, float] | None:
    """Latitude and longitude in WGS 84 degrees, or None: absent, broken, out of range, or exactly (0, 0).

    (0, 0) lies in the ocean; it is what cameras write before they have a fix.

    Args:
        said: `lat` and `lon`, each a pair of the hemisphere's letter and up to three numbers (degrees, minutes,
            seconds) of which each may be None.
    """
    lat, lon = _degrees(said.get("lat"), "NS", 90), _degrees(said.get("lon"), "EW", 180)
    if lat is None or lon is None or (lat == 0 and lon == 0):
        return None
    return lat, lon


def _degrees(said: Any, letters: str, limit: int) -> float | None:
    if not isinstance(said, list) or len(said) != 2:
        return None
    letter, numbers = said
    letter = letter.strip("\0 ").upper() if isinstance(letter, str) else ""
    if letter not in letters or len(letter) != 1 or not isinstance(numbers, list) or not 1 <= len(numbers) <= 3:
        return None
    if not all(isinstance(number, int | float) and number >= 0 for number in numbers):
        return None  # NaN is not at least 0 either
    degrees, minutes, seconds = (*numbers, 0, 0)[:3]
    value = float(degrees + minutes / 60 + seconds / 3600)
    if minutes >= 60 or seconds >= 60 or value > limit:
        return None
    return round(value if letter == letters[0] else -value, 7) + 0.0  # never a negative zero


def taken_at(said: Mapping[str, Any]) -> datetime | None:
    """When the shutter was released: aware if the offset is written beside it, naive local time otherwise."""
    for moment, offset in (
        ("taken_at", "taken_offset"),
        ("digitized_at", "digitized_offset"),
        ("changed_at", "changed_offset"),
    ):
        if (when := _moment(said.get(moment))) is not None:
            return when.replace(tzinfo=_zone(said.get(offset)))
    return None


def _moment(said: Any) -> datetime | None:
    try:
        return datetime.strptime(str(said).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  # EXIF's is local
    except ValueError:
        return None


def _zone(said: Any) -> timezone | None:
    found = _OFFSET.fullmatch(str(said).strip("\0 "))
    if not found:
        return None
    away = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if away > timedelta(hours=14) or int(found[3]) > 59:
        return None
    return timezone(-away if found[1] == "-" else away) if away else UTC


def camera(said: Mapping[str, Any]) -> str | None:
    """Make and model as one short printable line, the make not said twice; None when EXIF names neither."""
    make, model = _printable(said.get("make")), _printable(said.get("model"))
    name = model if model.lower().startswith(make.lower()) else f"{make} {model}"
    return name.strip()[:_CAMERA_LENGTH].strip() or None


def _printable(said: Any) -> str:
    if not isinstance(said, str):
        return ""
    # Categories C* are control, bidi and private characters, which could disturb whoever shows the name.
    shown = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in said)
    return " ".join(unicodedata.normalize("NFC", shown).split())

"""What the reader saw in a photo."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ReadingUnit, needs
from api.errors import Problem
from api.photos.visible import visible_photo
from api.readings.repository import newest_reading, readings_of
from api.readings.schemas import ReadingOut, reading_out

router = APIRouter(prefix="/v1/photos", tags=["readings"], dependencies=[needs("reports:read")])


class PhotoNotReadYet(Problem):
    """A photo without a reading, so far or for good; `state` says which."""

    status = 409

    def __init__(self, *, state: str, reason: str | None) -> None:
        super().__init__(
            f"This photo cannot be read: {reason}" if reason else "This photo is not read yet: ask again in a moment."
        )
        self.state = state


@router.get("/{sha256}/reading")
def get_reading(sha256: str, unit: ReadingUnit) -> ReadingOut:
    """The photo's newest reading: lines, findings, which reader it was and how long it took."""
    photo = visible_photo(unit, sha256)
    reading = newest_reading(unit.session, sha256)
    if reading is None:
        raise PhotoNotReadYet(state=photo.state, reason=photo.error_message)
    return reading_out(reading)


@router.get("/{sha256}/readings")
def get_readings(sha256: str, unit: ReadingUnit) -> list[ReadingOut]:
    """Every reading of the photo, the newest first; each engine version reads a photo once."""
    visible_photo(unit, sha256)
    return [reading_out(reading) for reading in readings_of(unit.session, sha256)]

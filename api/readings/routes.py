"""What the reader saw in a photo."""

from __future__ import annotations

from fastapi import APIRouter

from api.deps import ReadingUnit, needs
from api.errors import Problem
from api.near.known import raised
from api.photos.visible import visible_photo
from api.readings.repository import newest_reading, readings_of
from api.readings.schemas import ReadingOut, reading_out
from models import Photo, PhotoState

router = APIRouter(prefix="/v1/photos", tags=["readings"], dependencies=[needs("reports:read")])


class PhotoNotReadYet(Problem):
    """A photo that waits for its reading."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This photo is not read yet: ask again in a moment.")
        self.state = PhotoState.OWED


class PhotoUnreadable(Problem):
    """A photo that has no reading and gets none unless somebody asks for another try; `reason` is a code."""

    status = 409

    def __init__(self, *, reason: str | None, message: str | None) -> None:
        super().__init__(f"This photo cannot be read: {message or 'no reason was written down'}")
        self.state, self.reason = PhotoState.UNREADABLE, reason


def without_reading(photo: Photo) -> Problem:
    """Why there is no reading of this photo."""
    if photo.state == PhotoState.UNREADABLE:
        return PhotoUnreadable(reason=photo.error_code, message=photo.error_message)
    return PhotoNotReadYet()


@router.get("/{sha256}/reading")
def get_reading(sha256: str, unit: ReadingUnit) -> ReadingOut:
    """The photo's newest reading: lines, findings, which reader it was and how long it took."""
    photo = visible_photo(unit, sha256)
    reading = newest_reading(unit.session, sha256)
    if reading is None:
        raise without_reading(photo)
    return reading_out(reading, raised(unit, reading.findings))


@router.get("/{sha256}/readings")
def get_readings(sha256: str, unit: ReadingUnit) -> list[ReadingOut]:
    """Every reading of the photo, the newest first; each engine version reads a photo once."""
    visible_photo(unit, sha256)
    readings = readings_of(unit.session, sha256)
    alternatives = raised(unit, [finding for reading in readings for finding in reading.findings])
    return [reading_out(reading, alternatives) for reading in readings]

"""Photos as the API shows them."""

from __future__ import annotations

from datetime import datetime

from api.intake.schemas import ExifOut, PhotoProblemOut
from api.readings.schemas import Shown


class PhotoOut(Shown):
    """A photo's facts and where it stands with its reading."""

    sha256: str
    size_bytes: int
    media_type: str
    received_at: datetime
    width: int | None
    height: int | None
    state: str
    problem: PhotoProblemOut | None
    failures: int
    exif: ExifOut
    reports: list[str]

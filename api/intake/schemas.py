"""Reports as the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.intake.coordinates import LONGEST_PLACE
from api.readings.schemas import FindingOut, Shown
from api.suggested.schemas import SuggestionOut


class PlaceOut(Shown):
    """Where a report was sent from, and who says so."""

    lat: float
    lon: float
    accuracy_m: float | None
    source: str = Field(description="typed, text, link or exif")
    text: str | None = Field(description="what was typed or pasted, when the place came as text")


class PlaceIn(BaseModel):
    """A text that somebody typed or pasted."""

    model_config = ConfigDict(extra="forbid")

    place: Annotated[str, Field(min_length=1, max_length=LONGEST_PLACE)]


class PointOut(Shown):
    """What was understood of a text that names a place."""

    lat: float
    lon: float
    source: str = Field(description="text or link")


class ExifOut(Shown):
    """What the photo says of itself. Nothing here overrules what a person typed."""

    lat: float | None
    lon: float | None
    taken_at: str | None
    camera: str | None
    distance_m: float | None = Field(description="from the report's place to the photo's own")
    is_place_doubtful: bool = Field(description="the two places are further apart than can be believed")


class SentPhotoOut(Shown):
    """One photo of a receipt: its SHA-256 proves which bytes were kept."""

    sha256: str
    size_bytes: int
    file_name: str | None


class ReceiptOut(Shown):
    """The promise that a report is kept; the same for the same report sent again."""

    id: str
    received_at: datetime
    seen_at: datetime
    place: PlaceOut
    photos: list[SentPhotoOut]
    has_doubtful_place: bool


class PhotoProblemOut(Shown):
    """Why a photo could not be read."""

    code: str
    message: str


class SentBeforeOut(Shown):
    """When the same photo was sent before, and whether the asker sent it."""

    at: datetime
    by_you: bool


class ReportFindingOut(FindingOut):
    """A finding, and what the asker suggested that it is."""

    suggestion: SuggestionOut | None = None


class ReportPhotoOut(Shown):
    """One photo of a report, where it stands, and what was found in it so far."""

    sha256: str
    size_bytes: int
    media_type: str
    file_name: str | None
    width: int | None
    height: int | None
    state: str = Field(description="owed, read or unreadable")
    problem: PhotoProblemOut | None
    exif: ExifOut
    before: SentBeforeOut | None = Field(description="the same bytes were in an earlier report")
    findings: list[ReportFindingOut]


class ReportRowOut(Shown):
    """One report in a list."""

    id: str
    channel: str
    account_id: str
    sender: str
    received_at: datetime
    seen_at: datetime
    place: PlaceOut
    note: str | None
    photos: int
    states: dict[str, int] = Field(description="how many photos are owed, read and unreadable")


class ReportPageOut(Shown):
    """Some reports, the newest first; `next` is the cursor of the next page, absent on the last."""

    reports: list[ReportRowOut]
    next: str | None


class ReportOut(Shown):
    """A report with everything that is known of it so far."""

    id: str
    channel: str
    account_id: str
    sender: str
    received_at: datetime
    seen_at: datetime
    place: PlaceOut
    note: str | None
    is_settled: bool = Field(description="no photo waits to be read")
    photos: list[ReportPhotoOut]

"""Settings of clean-up; a group of `api.settings`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class CleanupSettings(BaseModel):
    """Work orders: when they are due, how far a territory may be, how long links live, who knows street addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    due_days: float = Field(default=7.0, gt=0, description="a work order that is not painted by then is overdue")
    remind_every_days: float = Field(default=2.0, gt=0)
    most_reminders: int = Field(default=3, ge=0)
    nearest_m: float = Field(default=300.0, ge=0, description="a wall outside of all territories goes to one so near")
    link_days: float = Field(default=30.0, gt=0, description="a signed link to a work order is good for so long")
    geocoder: str = Field(
        default="",
        pattern=r"^(https?://[^\s'\";,]+)?$",
        description="a Nominatim server's /reverse address; empty: places are coordinates, nothing is asked",
    )
    geocoder_timeout_s: float = Field(default=5.0, gt=0, le=60)
    geojson_bytes: int = Field(default=64 * 2**20, ge=1024, description="one file of territories")
    points: int = Field(default=200_000, ge=100, description="corners of all areas of one file of territories")

"""What the routes of run-time settings take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class SettingChange(BaseModel):
    """Another value for a setting."""

    model_config = ConfigDict(extra="forbid")

    value: Any = Field(description="as JSON: a number, a text, a list or an object, as the setting has it")
    version: int = Field(ge=0, le=2**31 - 1, description="the setting's version that you saw; 0: it never was changed")


class SettingOut(BaseModel):
    """A setting that may be changed while the program runs."""

    model_config = ConfigDict(from_attributes=True)

    name: str
    value: Any = Field(description="what holds")
    default: Any = Field(description="what holds when it is not set here: from the environment, or the program's own")
    is_set: bool
    is_usable: bool = Field(description="false: the kept value is no longer taken, and the default holds")
    version: int
    changed_at: datetime | None
    changed_by: str | None
    least: float | None
    most: float | None
    choices: list[str]

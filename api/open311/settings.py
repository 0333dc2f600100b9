"""Settings of Open311; a group of `api.settings`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Open311Settings(BaseModel):
    """What city systems are told of this installation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    jurisdiction: str = Field(
        default="", max_length=100, description="the only jurisdiction_id that is answered; empty: any"
    )
    contact: str = Field(default="", max_length=300, description="whom discovery tells a city to ask for help and keys")

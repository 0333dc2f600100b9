"""Settings of the press room; a group of `api.settings`."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class PressSettings(BaseModel):
    """The monthly text: whose templates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    templates: Path | None = Field(
        default=None, description="a folder with press-ru.txt, press-kk.txt, press-en.txt; else ours"
    )

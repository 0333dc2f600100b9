"""Suggestions as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models import FindingSuggestion
from vision.types import Kind


class SuggestionIn(BaseModel):
    """What is really painted there; without `kind` it is of the finding's own."""

    model_config = ConfigDict(extra="forbid")

    value: Annotated[str, Field(min_length=1, max_length=300, examples=["@zhuldyz_kot_7319"])]
    kind: Kind | None = None


class SuggestionOut(BaseModel):
    """What somebody says that a finding really is; `by` is the account's name."""

    kind: str
    value: str
    by: str
    at: datetime


def suggestion_out(row: FindingSuggestion) -> SuggestionOut:
    """A suggestion as it is shown."""
    return SuggestionOut(kind=row.kind, value=row.value, by=row.account.name, at=row.made_at)

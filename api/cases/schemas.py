"""What the routes of cases take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models import Case, CaseBook


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CaseIn(_Body):
    """A new case: its register and number, as it is written on paper."""

    book: CaseBook
    number: Annotated[str, Field(min_length=1, max_length=80, examples=["4711/2026", "261234567890123"])]
    title: Annotated[str, Field(max_length=200)] = ""
    note: Annotated[str, Field(max_length=10_000)] = ""


class CaseEditIn(_Body):
    """What changes; what is not given stays."""

    version: Annotated[int, Field(ge=1)]
    title: Annotated[str | None, Field(max_length=200)] = None
    note: Annotated[str | None, Field(max_length=10_000)] = None


class CaseAddressesIn(_Body):
    """Addresses to put into a case."""

    addresses: Annotated[list[Annotated[str, Field(min_length=1, max_length=32)]], Field(min_length=1, max_length=200)]


class CaseOut(BaseModel):
    """A case; its addresses are `GET /v1/watchlist?case=` with its id."""

    id: str
    book: str
    number: str
    title: str
    note: str
    created_at: datetime
    version: int
    addresses: int


class CasePageOut(BaseModel):
    """One page, the newest first; `next` goes into `cursor`."""

    cases: list[CaseOut]
    next: str | None


def case_out(case: Case, addresses: int) -> CaseOut:
    """A case as it is shown."""
    return CaseOut(
        id=case.id,
        book=case.book,
        number=case.number,
        title=case.title,
        note=case.note,
        created_at=case.created_at,
        version=case.version,
        addresses=addresses,
    )

"""Warnings as the API shows and takes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.warninglists.files import WarningList
from api.warninglists.lists import Hit
from api.warninglists.service import Verdict
from models import FindingContext, WarningHit, WarningState
from vision.types import Kind


class WarningOut(BaseModel):
    """A warning list that an address is on: a hint for people, never a verdict."""

    list: str = Field(description="the list's id", examples=["wallwatch/kz-banks"])
    version: int
    match_type: str = Field(description="string, substring, hostname, cidr or regex")
    entry: str = Field(description="the entry that hit, as the list has it")
    meaning: str
    is_lowering: bool = Field(description="probably no shop: looked at later in the review queue")


class OverrideOut(BaseModel):
    """What a person said against the lists."""

    verdict: Verdict
    reason: str
    by: str | None
    at: datetime | None


class WordOut(BaseModel):
    """A word that a score rests on."""

    text: str = Field(description="as it was read")
    meant: str = Field(description="the word or stem that it was taken for")
    sense: str
    weight: float = Field(description="log-odds that it added; below 0: a shop's sign or talk of the street")


class ContextOut(BaseModel):
    """What the words around a finding say: 0 a shop's sign, 0.5 nothing known, 1 a drug advertisement."""

    score: float
    words: list[WordOut]


class ListOut(BaseModel):
    """A warning list that is in use."""

    id: str
    name: str
    description: str
    version: int
    type: str
    category: str = Field(description="false_positive: probably no shop; known: only whose host it is")
    kinds: list[Kind]
    entries: int
    source: str
    sha256: str


class ListsOut(BaseModel):
    """The lists in use, and the digest of all of them."""

    lists: list[ListOut]
    sha256: str


class CheckOut(BaseModel):
    """What an address would be on; nothing is written."""

    kind: Kind
    value: str = Field(description="as it would be kept")
    warnings: list[WarningOut]


class OverrideIn(BaseModel):
    """A person's word against the lists, about the address as they saw it."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1)]
    verdict: Verdict
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


def warnings_out(rows: Iterable[WarningHit]) -> list[WarningOut]:
    """Kept hits as they are shown."""
    return [
        WarningOut(
            list=row.list_id,
            version=row.list_version,
            match_type=row.match_type,
            entry=row.entry,
            meaning=row.meaning,
            is_lowering=row.is_lowering,
        )
        for row in rows
    ]


def hits_out(hits: Iterable[Hit]) -> list[WarningOut]:
    """Hits that were just found as they are shown."""
    return [
        WarningOut(
            list=hit.list_id,
            version=hit.version,
            match_type=hit.match_type,
            entry=hit.entry,
            meaning=hit.meaning,
            is_lowering=hit.is_lowering,
        )
        for hit in hits
    ]


def override_out(state: WarningState | None) -> OverrideOut | None:
    """A person's word as it is shown, None where there is none."""
    if state is None or state.verdict is None:
        return None
    by = state.decider.name if state.decider else None
    return OverrideOut(verdict=Verdict(state.verdict), reason=state.reason or "", by=by, at=state.decided_at)


def context_out(score: float, words: list[Any]) -> ContextOut:
    """A score with its words."""
    return ContextOut(score=score, words=[WordOut.model_validate(word) for word in words])


def kept_context_out(row: FindingContext) -> ContextOut:
    """A kept score with its words."""
    return context_out(row.score, row.words)


def list_out(one: WarningList) -> ListOut:
    """A list as it is shown."""
    return ListOut(
        id=one.id,
        name=one.name,
        description=one.description,
        version=one.version,
        type=one.type,
        category=one.category,
        kinds=sorted(one.kinds),
        entries=len(one.entries),
        source=one.source,
        sha256=one.sha256,
    )

"""How the overlay of a finding is shown."""

from __future__ import annotations

from pydantic import BaseModel, Field

from api.readings.schemas import UncertainOut
from models import Finding


class FusedAlternativeOut(BaseModel):
    """Another value, by all photos; `alternative` is its number among the finding's own, for a correction."""

    value: str
    confidence: float
    alternative: int | None


class FusedOut(BaseModel):
    """What several photos make of a finding together; the finding itself stays as it was read.

    To say that it is this value where it differs from the one read, correct the finding with kind and value.
    """

    kind: str
    value: str
    confidence: float
    accepted: bool = Field(description="sure enough for the watchlist")
    alternatives: list[FusedAlternativeOut] = Field(description="the most probable first")
    uncertain: list[UncertainOut]
    supported_by: list[str] = Field(description="photos that read this very value by themselves")
    seen_in: list[str] = Field(description="all photos that were put together")


def fused_out(finding: Finding) -> FusedOut | None:
    """The overlay as it is shown; None for a finding of one photo alone."""
    fused = finding.fused
    if fused is None:
        return None
    own = {each["value"]: number for number, each in enumerate(finding.alternatives)}
    return FusedOut(
        kind=fused.kind,
        value=fused.value,
        confidence=fused.confidence,
        accepted=fused.accepted,
        alternatives=[
            FusedAlternativeOut(**each, alternative=own.get(each["value"]) if fused.kind == finding.kind else None)
            for each in fused.alternatives
        ],
        uncertain=[UncertainOut.model_validate(doubt) for doubt in fused.uncertain],
        supported_by=fused.supported_by,
        seen_in=fused.seen_in,
    )

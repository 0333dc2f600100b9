"""What the routes of near matches take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from api.near.service import Match
from models import Address, AddressPair, Relation
from vision.addresses import defang
from vision.addresses.likeness import Likeness, Reason

LONGEST_REASON = 1000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


Why = Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
Version = Annotated[int, Field(ge=1)]
Id = Annotated[str, Field(min_length=1, max_length=32)]


class MergeIn(_Body):
    """Into which address, why, and what this one is; without `relation` their likeness says what."""

    version: Version
    into: Id
    into_version: Version
    relation: Relation | None = None
    reason: Why


class UnmergeIn(_Body):
    """Why the merge is taken back."""

    version: Version
    reason: Why


class SeparateIn(_Body):
    """From which address, and why."""

    version: Version
    other: Id
    other_version: Version
    reason: Why


class UnseparateIn(_Body):
    """Which declaration is taken back, and why; `version` is the pair's."""

    version: Version
    other: Id
    reason: Why


class ReasonOut(BaseModel):
    """One thing that makes two addresses near.

    `misreading`: `characters` has what the one has where the other has something else ("" for nothing); `same_name`;
    `other_ending` and `other_platform`: which; `bot` and `other_words`: the words around the same name;
    `other_letters`: a Cyrillic name as it sounds; `same_digits`: the number that both have.
    """

    why: str
    characters: list[tuple[str, str]]


class BriefOut(BaseModel):
    """An address in a few words; `defanged` is what may be pasted into a message."""

    id: str
    kind: str
    value: str
    defanged: str
    status: str
    sightings: int
    photos: int
    last_seen_at: datetime
    version: int


class NearOut(BaseModel):
    """An address near the one asked about.

    `matched` is the value that is near when it belongs to an address that is merged into this one; `of` is that of the
    side asked about, when it is one that is merged there. Characters of a reason: first of the side asked about.
    """

    address: BriefOut
    score: float
    reasons: list[ReasonOut]
    matched: str | None
    of: str | None


class PairOut(BaseModel):
    """Two addresses and what is known of them as a pair."""

    one_id: str
    other_id: str
    verdict: str
    version: int
    judged_at: datetime | None
    reason: str | None


class NearPageOut(BaseModel):
    """What is near an address, the nearest first, and what people declared separate from it."""

    matches: list[NearOut]
    separate: list[PairOut]


class SuggestionOut(BaseModel):
    """Two addresses that are likely one shop and that nobody has judged."""

    one: BriefOut
    other: BriefOut
    score: float
    reasons: list[ReasonOut]


class SuggestionPageOut(BaseModel):
    """One page, the likeliest first; `next` goes into `cursor`."""

    suggestions: list[SuggestionOut]
    next: str | None


def brief_out(row: Address) -> BriefOut:
    """An address as it is shown beside another."""
    return BriefOut(
        id=row.id,
        kind=row.kind,
        value=row.value,
        defanged=defang(row.kind, row.value),
        status=row.status,
        sightings=row.sighting_count,
        photos=row.photo_count,
        last_seen_at=row.last_seen_at,
        version=row.version,
    )


def near_out(match: Match, asked_id: str) -> NearOut:
    """A match as it is shown to those who asked about this address."""
    return NearOut(
        address=brief_out(match.address),
        score=match.likeness.score,
        reasons=_reasons(match.likeness.reasons),
        matched=match.matched.value if match.matched.id != match.address.id else None,
        of=match.of.value if match.of.id != asked_id else None,
    )


def pair_out(pair: AddressPair) -> PairOut:
    """A pair as it is shown."""
    return PairOut(
        one_id=pair.one_id,
        other_id=pair.other_id,
        verdict=pair.verdict,
        version=pair.version,
        judged_at=pair.judged_at,
        reason=pair.reason,
    )


def suggestion_out(one: Address, other: Address, score: float, how: Likeness | None) -> SuggestionOut:
    """A suggestion as it is shown; its reasons are worked out anew."""
    return SuggestionOut(
        one=brief_out(one), other=brief_out(other), score=score, reasons=_reasons(how.reasons if how else ())
    )


def _reasons(reasons: tuple[Reason, ...]) -> list[ReasonOut]:
    return [ReasonOut(why=str(reason.why), characters=list(reason.characters)) for reason in reasons]

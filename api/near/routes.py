"""Near matches, merges and pairs over HTTP."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Annotated

from fastapi import APIRouter, Query

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.intake.cursors import CursorNotUnderstood
from api.near import merging, pairs
from api.near.index import SUGGESTED
from api.near.schemas import (
    MergeIn,
    NearPageOut,
    PairOut,
    SeparateIn,
    SuggestionPageOut,
    UnmergeIn,
    UnseparateIn,
    near_out,
    pair_out,
    suggestion_out,
)
from api.near.service import near_matches
from api.watchlist.listed import ListedOut, listed
from vision.addresses.likeness import LEAST, likeness

router = APIRouter(prefix="/v1", tags=["watchlist"])
READ = [needs(Scope.WATCHLIST_READ)]
WRITE = [needs(Scope.WATCHLIST_WRITE)]


@router.get("/watchlist/{address_id}/near", dependencies=READ, summary="What is near an address")
def get_near(
    address_id: str,
    unit: ReadingUnit,
    min_score: Annotated[float, Query(ge=LEAST, le=1)] = LEAST,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> NearPageOut:
    """Likely misreadings and mirrors, the nearest first, each with why; and what people declared separate."""
    matches, apart = near_matches(unit, address_id, least=min_score, limit=limit)
    return NearPageOut(
        matches=[near_out(match, address_id) for match in matches], separate=[pair_out(pair) for pair in apart]
    )


@router.get("/suggestions", dependencies=READ, summary="Pairs that are likely one shop")
def get_suggestions(
    unit: ReadingUnit,
    min_score: Annotated[float, Query(ge=SUGGESTED, le=1)] = SUGGESTED,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SuggestionPageOut:
    """Pairs that nobody has merged or declared separate, the likeliest first."""
    found = pairs.suggestions(unit, after=_decoded(cursor) if cursor else None, least=min_score, limit=limit)
    shown = found[:limit]
    last = shown[-1][0] if len(found) > limit else None
    return SuggestionPageOut(
        suggestions=[
            suggestion_out(one, other, pair.likeness, likeness((one.kind, one.value), (other.kind, other.value)))
            for pair, one, other in shown
        ],
        next=_encoded((last.likeness, last.one_id, last.other_id)) if last else None,
    )


@router.post("/watchlist/{address_id}/merge", dependencies=WRITE, summary="It is the same shop as another")
def merge(address_id: str, body: MergeIn, unit: WritingUnit, services: Process) -> ListedOut:
    """From now on it is shown as the other one, which is the answer. 409 when one of them has changed meanwhile."""
    kept = merging.merge(
        unit,
        address_id,
        version=body.version,
        into=body.into,
        into_version=body.into_version,
        relation=body.relation,
        reason=body.reason,
    )
    return listed(unit, [kept], services.settings.watchlist.half_lives)[0]


@router.post("/watchlist/{address_id}/unmerge", dependencies=WRITE, summary="Take a merge back")
def unmerge(address_id: str, body: UnmergeIn, unit: WritingUnit, services: Process) -> ListedOut:
    """It stands alone again, with the sightings that read as it. 409 when it has changed meanwhile."""
    row = merging.unmerge(unit, address_id, version=body.version, reason=body.reason)
    return listed(unit, [row], services.settings.watchlist.half_lives)[0]


@router.post("/watchlist/{address_id}/separate", dependencies=WRITE, summary="It is not the same shop as another")
def separate(address_id: str, body: SeparateIn, unit: WritingUnit) -> PairOut:
    """The two are never suggested or offered again. 409 when one of them has changed meanwhile."""
    pair = pairs.separate(
        unit,
        address_id,
        version=body.version,
        other=body.other,
        other_version=body.other_version,
        reason=body.reason,
    )
    return pair_out(pair)


@router.post("/watchlist/{address_id}/unseparate", dependencies=WRITE, summary="Take back that two are separate")
def unseparate(address_id: str, body: UnseparateIn, unit: WritingUnit) -> PairOut:
    """They may be suggested and merged again. 409 when somebody judged them meanwhile."""
    return pair_out(pairs.unseparate(unit, address_id, other=body.other, version=body.version, reason=body.reason))


def _encoded(place: pairs.Place) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _decoded(cursor: str) -> pairs.Place:
    """What `_encoded` was given; CursorNotUnderstood."""
    try:
        score, one_id, other_id = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise CursorNotUnderstood from error
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise CursorNotUnderstood
    if not all(isinstance(each, str) and each.isalnum() and len(each) <= 32 for each in (one_id, other_id)):
        raise CursorNotUnderstood
    return float(score), one_id, other_id

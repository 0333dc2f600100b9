"""The order of the review queue: what a look is worth most for comes first.

`queue_rank` = lowered x 10000 + standing x 1000 + (99 - doubts) x 10 + (9 - context). Lowered is 1 for what a warning
list says is probably no shop, unless a person said otherwise. The standing is 0 for an address that is not on the
watchlist, 1 for one that is on it and that nobody has confirmed, 2 for one that people have settled; doubts count the
characters that may be others; context is the score of the words around, in tenths. Within a rank the oldest comes
first. One number, so that a page is a walk along one index.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum

from rapidfuzz.distance.Levenshtein import editops
from sqlalchemy import ColumnElement, and_, select, tuple_, update
from sqlalchemy.orm import Session

from api.instants import written
from api.intake.cursors import CursorNotUnderstood
from models import Address, AddressStatus, Finding, FusedFinding, Review, WarningState
from vision import types as seen

MOST_DOUBTS = 99
TENTHS = 10
STEP = (MOST_DOUBTS + 1) * TENTHS
LOWERED = 10 * STEP
ASKED_AT_ONCE = 200

Key = tuple[int, datetime, str]
"""Where a finding stands in the queue: rank, time of its reading, id."""


class Standing(IntEnum):
    """What is known of the address that a finding may be."""

    NEW = 0
    LISTED = 1
    SETTLED = 2


def doubts_of(finding: seen.Finding) -> int:
    """How many characters of the value may be others: as the lattice knows, else as the alternatives show."""
    if finding.uncertain:
        return len(finding.uncertain)
    alike = [other.value for other in finding.alternatives if len(other.value) == len(finding.value)]
    # Place by place, a letter that was put in and another that was left out would cast doubt on all between them.
    return len({min(edit.src_pos, len(finding.value) - 1) for other in alike for edit in editops(finding.value, other)})


def rank(standing: Standing, doubts: int, *, context: float = 0.0, is_lowered: bool = False) -> int:
    """The number that the queue is ordered by; `context` is 0..1."""
    known = standing * STEP + (MOST_DOUBTS - min(doubts, MOST_DOUBTS)) * TENTHS
    return placed(known, context=context, is_lowered=is_lowered)


def placed(place: int, *, context: float, is_lowered: bool) -> int:
    """A rank with this context, 0..1, and lowered or not; its standing and doubts stay."""
    tenths = min(int(context * TENTHS), TENTHS - 1)
    return is_lowered * LOWERED + place % LOWERED // TENTHS * TENTHS + TENTHS - 1 - tenths


def doubted(place: int, doubts: int) -> int:
    """A rank with this many doubts; all else in it stays."""
    return place - place % STEP + (MOST_DOUBTS - min(doubts, MOST_DOUBTS)) * TENTHS + place % TENTHS


def standing_in(finding: Finding) -> Standing:
    """The standing in a finding's rank."""
    return Standing(finding.queue_rank % LOWERED // STEP)


def doubts_in(finding: Finding) -> int:
    """The doubts in a finding's rank."""
    return MOST_DOUBTS - finding.queue_rank % STEP // TENTHS


def is_lowered_in(finding: Finding) -> bool:
    """Whether a finding's rank is lowered."""
    return finding.queue_rank >= LOWERED


def standing_of(status: str, *, is_decided: bool) -> Standing:
    """The standing of an address; one whose sightings were all rejected, by nobody's own step, is as good as new."""
    if status == AddressStatus.REJECTED and not is_decided:
        return Standing.NEW
    return Standing.LISTED if status == AddressStatus.NEW else Standing.SETTLED


def rank_waiting(session: Session, address: Address) -> None:
    """Give every finding that may be this address, and that nobody decided about, what holds of the address now.

    That is its standing, and whether it is lowered.
    """
    standing = standing_of(address.status, is_decided=address.is_decided)
    lowered = session.scalar(select(WarningState.is_lowered).where(WarningState.address_id == address.id))
    base = bool(lowered) * LOWERED + standing * STEP
    fused = select(FusedFinding.finding_id).where(
        FusedFinding.kind == address.kind, FusedFinding.value == address.value
    )
    others = select(FusedFinding.finding_id).where(FusedFinding.finding_id == Finding.id).correlate(Finding)
    as_read = and_(Finding.kind == address.kind, Finding.value == address.value, ~others.exists())
    for meant in (as_read, Finding.id.in_(fused)):
        _stand(session, meant, base)


def _stand(session: Session, meant: ColumnElement[bool], base: int) -> None:
    session.execute(
        update(Finding)
        .where(meant, Finding.review == Review.UNREVIEWED)
        .where(~Finding.queue_rank.between(base, base + STEP - 1))
        .values(queue_rank=base + Finding.queue_rank % STEP),
        execution_options={"synchronize_session": False},
    )


def rank_again(session: Session, findings: Iterable[Finding]) -> None:
    """Give these findings what holds of their addresses now. Call it when it is your turn.

    That is the standing, and whether they are lowered; where there is no address, the lists alone say the latter.
    """
    several = list(findings)
    session.flush()
    known: dict[tuple[str, str], int] = {}
    meant = _meant(session, several)
    wanted = sorted(set(meant.values()))
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        asked = (
            select(Address.kind, Address.value, Address.status, Address.is_decided, WarningState.is_lowered)
            .outerjoin(WarningState, WarningState.address_id == Address.id)
            .where(tuple_(Address.kind, Address.value).in_(wanted[start : start + ASKED_AT_ONCE]))
        )
        for kind, value, status, is_decided, is_lowered in session.execute(asked):
            known[kind, value] = bool(is_lowered) * LOWERED + standing_of(status, is_decided=is_decided) * STEP
    for finding in several:
        alone = is_lowered_in(finding) * LOWERED + Standing.NEW * STEP
        finding.queue_rank = known.get(meant[finding.id], alone) + finding.queue_rank % STEP


def _meant(session: Session, findings: Sequence[Finding]) -> dict[str, tuple[str, str]]:
    """The address that each finding may be: by several photos together where they say so, else as it was read."""
    meant = {finding.id: (finding.kind, finding.value) for finding in findings}
    for start in range(0, len(findings), ASKED_AT_ONCE):
        ids = [finding.id for finding in findings[start : start + ASKED_AT_ONCE]]
        asked = select(FusedFinding.finding_id, FusedFinding.kind, FusedFinding.value)
        for row in session.execute(asked.where(FusedFinding.finding_id.in_(ids))):
            meant[row[0]] = row[1], row[2]
    return meant


def key_of(finding: Finding) -> Key:
    """Where the finding stands."""
    return finding.queue_rank, finding.created_at, finding.id


def encode(key: Key) -> str:
    """The cursor of what follows."""
    shown = [key[0], key[1].isoformat(), key[2]]
    return base64.urlsafe_b64encode(json.dumps(shown).encode()).decode().rstrip("=")


def decode(cursor: str) -> Key:
    """What `encode` was given; CursorNotUnderstood."""
    try:
        place, at, row_id = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
        moment = written(at)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise CursorNotUnderstood from error
    if type(place) is not int or not 0 <= place < 2 * LOWERED:
        raise CursorNotUnderstood
    if not isinstance(row_id, str) or len(row_id) > 64 or not row_id.isalnum():
        raise CursorNotUnderstood
    return place, moment, row_id

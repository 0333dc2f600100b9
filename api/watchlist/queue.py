"""The order of the review queue: what a look is worth most for comes first.

`queue_rank` = standing x 1000 + (999 - doubts). The standing is 0 for an address that is not on the watchlist, 1 for
one that is on it and that nobody has confirmed, 2 for one that people have settled; doubts count the characters that
may be others. Within a rank the oldest comes first. One number, so that a page is a walk along one index.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum

from sqlalchemy import ColumnElement, and_, select, tuple_, update
from sqlalchemy.orm import Session

from api.instants import written
from api.intake.cursors import CursorNotUnderstood
from models import Address, AddressStatus, Finding, FusedFinding, Review
from vision import types as seen

MOST_DOUBTS = 999
STEP = MOST_DOUBTS + 1
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
    return sum(any(other[place] != character for other in alike) for place, character in enumerate(finding.value))


def rank(standing: Standing, doubts: int) -> int:
    """The number that the queue is ordered by."""
    return standing * STEP + MOST_DOUBTS - min(doubts, MOST_DOUBTS)


def standing_in(finding: Finding) -> Standing:
    """The standing in a finding's rank."""
    return Standing(finding.queue_rank // STEP)


def doubts_in(finding: Finding) -> int:
    """The doubts in a finding's rank."""
    return MOST_DOUBTS - finding.queue_rank % STEP


def standing_of(status: str, *, is_decided: bool) -> Standing:
    """The standing of an address; one whose sightings were all rejected, by nobody's own step, is as good as new."""
    if status == AddressStatus.REJECTED and not is_decided:
        return Standing.NEW
    return Standing.LISTED if status == AddressStatus.NEW else Standing.SETTLED


def rank_waiting(session: Session, address: Address) -> None:
    """Give every finding that may be this address, and that nobody decided about, the address's standing."""
    standing = standing_of(address.status, is_decided=address.is_decided)
    fused = select(FusedFinding.finding_id).where(
        FusedFinding.kind == address.kind, FusedFinding.value == address.value
    )
    others = select(FusedFinding.finding_id).where(FusedFinding.finding_id == Finding.id).correlate(Finding)
    as_read = and_(Finding.kind == address.kind, Finding.value == address.value, ~others.exists())
    for meant in (as_read, Finding.id.in_(fused)):
        _stand(session, meant, standing)


def _stand(session: Session, meant: ColumnElement[bool], standing: Standing) -> None:
    session.execute(
        update(Finding)
        .where(meant, Finding.review == Review.UNREVIEWED)
        .where(~Finding.queue_rank.between(standing * STEP, standing * STEP + MOST_DOUBTS))
        .values(queue_rank=standing * STEP + Finding.queue_rank % STEP),
        execution_options={"synchronize_session": False},
    )


def rank_again(session: Session, findings: Iterable[Finding]) -> None:
    """Give these findings the standing that their addresses have now. Call it when it is your turn."""
    several = list(findings)
    session.flush()
    known = {}
    meant = _meant(session, several)
    wanted = sorted(set(meant.values()))
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        asked = select(Address.kind, Address.value, Address.status, Address.is_decided).where(
            tuple_(Address.kind, Address.value).in_(wanted[start : start + ASKED_AT_ONCE])
        )
        for kind, value, status, is_decided in session.execute(asked):
            known[kind, value] = standing_of(status, is_decided=is_decided)
    for finding in several:
        finding.queue_rank = rank(known.get(meant[finding.id], Standing.NEW), doubts_in(finding))


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
    if type(place) is not int or not 0 <= place < 3 * STEP:
        raise CursorNotUnderstood
    if not isinstance(row_id, str) or len(row_id) > 64 or not row_id.isalnum():
        raise CursorNotUnderstood
    return place, moment, row_id

"""Which writing is still to be looked at."""

from __future__ import annotations

from sqlalchemy.orm import Session

from models import FindingHand, HandOwed


def owe_hand(session: Session, finding_id: str) -> None:
    """A worker shall look at the writing of this finding, unless that was done or is owed. Call it in your turn."""
    if session.get(FindingHand, finding_id) is None and session.get(HandOwed, finding_id) is None:
        session.add(HandOwed(finding_id=finding_id))

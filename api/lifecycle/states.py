"""Which step may follow which: the whole state machine of an address, as data."""

from __future__ import annotations

from models import AddressStatus as S

BY_PEOPLE: dict[S, frozenset[S]] = {
    S.NEW: frozenset({S.CONFIRMED, S.REJECTED, S.BENIGN}),
    S.CONFIRMED: frozenset({S.SENT, S.REJECTED, S.BENIGN}),
    S.SENT: frozenset({S.SENT, S.BLOCKED, S.CONFIRMED, S.REJECTED, S.BENIGN}),
    S.BLOCKED: frozenset({S.REAPPEARED, S.BENIGN}),
    S.REAPPEARED: frozenset({S.SENT, S.BLOCKED, S.BENIGN}),
    S.REJECTED: frozenset({S.CONFIRMED, S.BENIGN}),
    S.BENIGN: frozenset({S.CONFIRMED, S.REJECTED}),
}
"""From a status to those that a person may step to, with a reason. "sent" again is a request to somebody else; from
"sent" back to "confirmed" it was refused or withdrawn; from "reappeared" back to "blocked" it was no return."""

BY_SIGHTINGS: dict[S, frozenset[S]] = {
    S.NEW: frozenset({S.CONFIRMED, S.REJECTED}),
    S.CONFIRMED: frozenset({S.NEW, S.REJECTED}),
    S.REJECTED: frozenset({S.NEW, S.CONFIRMED}),
    S.BLOCKED: frozenset({S.REAPPEARED}),
    S.REAPPEARED: frozenset({S.BLOCKED}),
}
"""From a status to those that sightings lead to by themselves. Between the first three only while nobody has made a
step with the address itself; a blocked one is opened by a new photo, and closed again if that sighting is rejected."""


def may_follow(before: str, after: str) -> bool:
    """Whether a person may step from one status to the other."""
    return after in BY_PEOPLE[S(before)]


def next_of(before: str) -> list[str]:
    """What a person may step to, in the order of the life-cycle."""
    return [str(status) for status in S if status in BY_PEOPLE[S(before)]]

"""Which step of a work order may follow which: the whole life-cycle, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models import OrderState as S


class Action(StrEnum):
    """What somebody, or the program, does with a work order."""

    ASSIGN = "assign"
    SEND = "send"
    ACCEPT = "accept"
    SAY_PAINTED = "say_painted"
    PAINT = "paint"
    NOT_OURS = "not_ours"
    VERIFY = "verify"
    NOT_PAINTED = "not_painted"
    CLOSE = "close"
    CANCEL = "cancel"
    REOPEN = "reopen"
    REMIND = "remind"
    STAY_PAINTED = "stay_painted"


@dataclass(frozen=True, slots=True)
class Allowed:
    """From which states a step may be made, and where it leads; None: it stays where it is."""

    before: frozenset[S]
    after: S | None


STEPS: dict[Action, Allowed] = {
    Action.ASSIGN: Allowed(frozenset({S.OPEN}), None),
    Action.SEND: Allowed(frozenset({S.OPEN}), S.SENT),
    Action.ACCEPT: Allowed(frozenset({S.SENT}), S.ACCEPTED),
    Action.SAY_PAINTED: Allowed(frozenset({S.SENT, S.ACCEPTED}), None),
    Action.PAINT: Allowed(frozenset({S.SENT, S.ACCEPTED}), S.PAINTED),
    Action.NOT_OURS: Allowed(frozenset({S.SENT, S.ACCEPTED}), S.OPEN),
    Action.VERIFY: Allowed(frozenset({S.PAINTED}), S.VERIFIED),
    Action.NOT_PAINTED: Allowed(frozenset({S.PAINTED}), S.ACCEPTED),
    Action.CLOSE: Allowed(frozenset({S.VERIFIED}), S.CLOSED),
    Action.CANCEL: Allowed(frozenset({S.OPEN, S.SENT, S.ACCEPTED}), S.CLOSED),
    Action.REOPEN: Allowed(frozenset({S.VERIFIED, S.CLOSED}), S.OPEN),
    Action.REMIND: Allowed(frozenset({S.SENT, S.ACCEPTED}), None),
    Action.STAY_PAINTED: Allowed(frozenset({S.OPEN}), S.VERIFIED),
}
"""The after-photo makes it `painted`; "painted" without one only asks for it (`say_painted`). `not_ours` takes the
territory away, `cancel` closes an order that nobody painted for, `reopen` is for a wall that is written on again, or
that was not painted over after all; `stay_painted` takes back what the program opened again by mistake."""

NOT_BY_NAME = frozenset({Action.SAY_PAINTED, Action.REMIND, Action.STAY_PAINTED})
"""Steps of the program and of chats, which nobody asks for by name."""

WITH_REASON = frozenset({Action.PAINT, Action.NOT_OURS, Action.NOT_PAINTED, Action.CANCEL, Action.REOPEN})
"""Steps that a person makes only with a reason; `paint` by name is one without a photo."""

WAITING = frozenset({S.SENT, S.ACCEPTED})
"""Where something is expected of the association."""


def may_follow(state: str, action: Action) -> bool:
    """Whether the step may be made from this state."""
    return S(state) in STEPS[action].before


def leads_to(state: str, action: Action) -> S:
    """The state after a step from this one."""
    return STEPS[action].after or S(state)


def next_of(state: str) -> list[str]:
    """The steps that a person may make from a state, in the order of the table."""
    return [str(action) for action in STEPS if may_follow(state, action) and action not in NOT_BY_NAME]

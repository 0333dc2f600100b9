"""How long walls stay as they are: the one place that asks when an inscription was painted over."""

from __future__ import annotations

from api.stats.scope import Scope
from api.unit import Unit

REASON = "When an inscription was painted over is not kept yet."


def hours_to_painted(unit: Unit, scope: Scope) -> list[float | None] | None:  # noqa: ARG001 - what it will ask with
    """The median hours from a wall's first photo until it was painted over, one for each period and one for all.

    None as long as no date of painting is kept: the answer then says so (`REASON`) instead of a number.
    """
    return None

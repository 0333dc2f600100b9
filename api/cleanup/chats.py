"""What arrives from chats of territories."""

from __future__ import annotations

from api.intake.channels.base import Arrival
from api.settings import Settings
from api.unit import Unit
from models import Arrived


def take(unit: Unit, settings: Settings, arrival: Arrival, row: Arrived) -> bool:  # noqa: ARG001 - of clean-up
    """Whether it was about a work order or a territory's chat."""
    return False

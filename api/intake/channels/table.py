"""Which channels an installation has: one visible table; heavy imports inside the factories."""

from __future__ import annotations

from collections.abc import Mapping

from api.intake.channels.base import Channel
from api.services import Services


def channels(services: Services) -> Mapping[str, Channel]:  # noqa: ARG001 - the adapters' settings
    """The channels that the settings name, by name."""
    return {}

"""Who is shown which picture of a wall: people outside only what the reader has looked at again."""

from __future__ import annotations

from api.photos.blurred import blurred_copy
from api.services import Services


def for_staff(services: Services, sha256: str, *, max_side_px: int = 1280) -> bytes:
    """For people with an account, who may see the wall itself: what was read on it is covered. PictureNotReady."""
    return blurred_copy(services, sha256, max_side_px=max_side_px)

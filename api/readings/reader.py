"""The reader that the settings ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.settings import LimitSettings, VisionSettings

if TYPE_CHECKING:
    from vision import ReaderOptions


def options_from(settings: VisionSettings, limits: LimitSettings | None = None) -> ReaderOptions:
    """Vision's own options; vision knows nothing of settings. Without limits, a photo may cost what vision thinks."""
    from vision import ReaderOptions  # noqa: PLC0415 - the web process never reads a photo itself
    from vision.photo import DEFAULT_LIMITS  # noqa: PLC0415

    photo_limits = replace(DEFAULT_LIMITS, size_bytes=limits.photo_bytes) if limits else DEFAULT_LIMITS

    return ReaderOptions(
        reader=settings.reader,
        detector=settings.detector or None,
        recogniser=settings.recogniser or None,
        gpu=settings.gpu,
        model_dir=settings.model_dir,
        threshold=settings.threshold,
        limits=photo_limits,
    )

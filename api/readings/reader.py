"""The reader that the settings ask for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.settings import LimitSettings, VisionSettings

if TYPE_CHECKING:
    from vision import ReaderOptions


def options_from(settings: VisionSettings, limits: LimitSettings) -> ReaderOptions:
    """Vision's own options; vision knows nothing of settings."""
    from vision import ReaderOptions  # noqa: PLC0415 - the web process never reads a photo itself
    from vision.photo import DEFAULT_LIMITS  # noqa: PLC0415

    return ReaderOptions(
        reader=settings.reader,
        detector=settings.detector or None,
        recogniser=settings.recogniser or None,
        gpu=settings.gpu,
        model_dir=settings.model_dir,
        threshold=settings.threshold,
        limits=replace(DEFAULT_LIMITS, size_bytes=limits.photo_bytes),
    )


def at_threshold(reader: Any, threshold: float) -> Any:
    """The reader with another threshold: engines are shared, so it costs nothing. One that has no options stays."""
    options = getattr(reader, "options", None)
    if options is None or options.threshold == threshold:
        return reader
    return replace(reader, options=replace(options, threshold=threshold))

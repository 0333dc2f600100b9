"""Turns photos of walls into addresses: `read(data)` answers with a `Reading` of findings and lines.

The names below are loaded when they are first used, so that a program which only needs the errors starts fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vision.engines import ReaderOptions
    from vision.pipeline import Reader, build_reader, read
    from vision.types import Finding, Reading

__all__ = ["Finding", "Reader", "ReaderOptions", "Reading", "build_reader", "read"]

_HOMES = {
    "Finding": "vision.types",
    "Reader": "vision.pipeline",
    "ReaderOptions": "vision.engines",
    "Reading": "vision.types",
    "build_reader": "vision.pipeline",
    "read": "vision.pipeline",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)

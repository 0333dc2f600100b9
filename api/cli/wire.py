"""The JSON lines that other programs rely on: one shape for photos and for text."""

from __future__ import annotations

import json
import sys
from typing import Any

from vision.types import Box, Finding, Line, Uncertain


def address(finding: Finding, *, with_box: bool = True) -> dict[str, Any]:
    """A finding as `addresses` has it; text has neither box nor doubts."""
    shape: dict[str, Any] = {
        "kind": str(finding.kind),
        "value": finding.value,
        "confidence": round(finding.confidence, 4),
        "accepted": finding.accepted,
        "text": finding.text,
    }
    if with_box:
        shape["box"] = box(finding.box)
    shape["alternatives"] = [
        {"value": other.value, "confidence": round(other.confidence, 4)} for other in finding.alternatives
    ]
    if with_box:
        shape["uncertain"] = [_doubt(doubt) for doubt in finding.uncertain]
    return shape


def _doubt(doubt: Uncertain) -> dict[str, Any]:
    rivals = [{"char": char, "probability": round(probability, 4)} for char, probability in doubt.rivals]
    return {"position": doubt.position, "char": doubt.char, "rivals": rivals}


def line(read: Line) -> dict[str, Any]:
    """A line as `lines` has it."""
    return {"text": read.text, "confidence": round(read.confidence, 4), "box": box(read.box)}


def box(corners: Box) -> list[list[float]]:
    """Four [x, y] corners in photo pixels, to a tenth of a pixel."""
    return [[round(x, 1), round(y, 1)] for x, y in corners]


def error(code: str, message: str) -> dict[str, dict[str, str]]:
    """What stands in a line instead of an answer."""
    return {"error": {"code": code, "message": message}}


def write(value: dict[str, Any]) -> None:
    """One JSON object on one line of standard output, at once; names that are not Unicode come escaped."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        sys.stdout.buffer.write(text.encode() + b"\n")
    except UnicodeEncodeError:
        sys.stdout.buffer.write(json.dumps(value).encode() + b"\n")
    sys.stdout.buffer.flush()

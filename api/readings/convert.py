"""Between what vision says and what the tables keep, both ways; what went in comes out (lattices are not kept)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import models
from api.watchlist.queue import Standing, doubts_of, rank
from vision import types as seen

MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "HEIF": "image/heic"}
"""Vision's formats as HTTP names them."""

FORMATS = {media_type: name for name, media_type in MEDIA_TYPES.items()}

SOURCE_LENGTH = 16


def card_json(card: seen.Card) -> dict[str, Any]:
    """The card as it is kept."""
    return {"name": card.name, "version": card.version, "weights": dict(sorted(card.weights.items()))}


def card_sha256(card: seen.Card) -> str:
    """The digest of the card's canonical JSON: two readings with the same one came from the same reader."""
    text = json.dumps(card_json(card), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def reading_row(reading: seen.Reading, *, photo_sha256: str, read_at: datetime) -> models.Reading:
    """The reading as new rows, findings included; not yet added to any session."""
    row = models.Reading(
        id=models.new_id(),
        photo_sha256=photo_sha256,
        card_sha256=card_sha256(reading.card),
        card=card_json(reading.card),
        read_at=read_at,
        seconds=reading.seconds,
        # PostgreSQL's JSONB forgets the order of keys, and the order of the stages means something.
        stages={"order": list(reading.stages), "seconds": dict(reading.stages)},
        lines=[
            {"text": keepable(line.text), "confidence": line.confidence, "box": box_json(line.box)}
            for line in reading.lines
        ],
        quarter_turns=reading.quarter_turns,
    )
    row.findings = [
        _finding_row(finding, photo_sha256=photo_sha256, position=position, created_at=read_at)
        for position, finding in enumerate(reading.findings)
    ]
    row.findings += [
        _unread_row(line, photo_sha256=photo_sha256, position=position, created_at=read_at)
        for position, line in enumerate(reading.unread, len(reading.findings))
    ]
    return row


def _finding_row(finding: seen.Finding, *, photo_sha256: str, position: int, created_at: datetime) -> models.Finding:
    return models.Finding(
        id=models.new_id(),
        photo_sha256=photo_sha256,
        position=position,
        created_at=created_at,
        kind=str(finding.kind),
        value=keepable(finding.value),
        text=keepable(finding.text),
        confidence=finding.confidence,
        accepted=finding.accepted,
        is_listed=finding.accepted,
        box=box_json(finding.box),
        alternatives=[{"value": keepable(each.value), "confidence": each.confidence} for each in finding.alternatives],
        uncertain=[
            {"position": doubt.position, "char": keepable(doubt.char), "rivals": _rivals_json(doubt)}
            for doubt in finding.uncertain
        ],
        trail=[
            {"rule": keepable(step.rule), "before": keepable(step.before), "after": keepable(step.after)}
            for step in finding.trail
        ],
        facts={keepable(name): keepable(value) for name, value in finding.facts.items()},
        source=keepable(finding.source)[:SOURCE_LENGTH],
        review=models.Review.UNREVIEWED,
        version=1,
        queue_rank=rank(Standing.NEW, doubts_of(finding)),
        offered=[
            models.OfferedValue(kind=str(finding.kind), value=value)
            for value in ([] if finding.accepted else sorted({keepable(each.value) for each in finding.alternatives}))
        ],
    )


def _unread_row(line: seen.Line, *, photo_sha256: str, position: int, created_at: datetime) -> models.Finding:
    return models.Finding(
        id=models.new_id(),
        photo_sha256=photo_sha256,
        position=position,
        created_at=created_at,
        kind=models.UNREAD,
        value=keepable(line.text),
        text=keepable(line.text),
        confidence=line.confidence,
        accepted=False,
        box=box_json(line.box),
        alternatives=[],
        uncertain=[],
        trail=[],
        facts={},
        source="ocr",
        review=models.Review.UNREVIEWED,
        version=1,
        queue_rank=rank(Standing.NEW, 0),
    )


def reading_from(row: models.Reading, photo: models.Photo) -> seen.Reading:
    """The reading as vision said it; what people decided about its findings is not in it."""
    return seen.Reading(
        photo=facts_from(photo),
        findings=tuple(finding_from(finding) for finding in row.findings if finding.kind != models.UNREAD),
        lines=tuple(
            seen.Line(text=line["text"], confidence=line["confidence"], box=box_from(line["box"])) for line in row.lines
        ),
        card=card_from(row.card),
        stages=stages_from(row.stages),
        quarter_turns=row.quarter_turns,
        unread=tuple(
            seen.Line(finding.text, finding.confidence, box_from(finding.box))
            for finding in row.findings
            if finding.kind == models.UNREAD
        ),
    )


def card_from(kept: Mapping[str, Any]) -> seen.Card:
    """The engine card of a kept reading."""
    return seen.Card(name=kept["name"], version=kept["version"], weights=dict(kept["weights"]))


def stages_from(kept: Mapping[str, Any]) -> dict[str, float]:
    """Seconds by stage, in the order the stages ran."""
    return {name: kept["seconds"][name] for name in kept["order"]}


def finding_from(row: models.Finding) -> seen.Finding:
    """The finding as it was read."""
    return seen.Finding(
        kind=seen.Kind(row.kind),
        value=row.value,
        confidence=row.confidence,
        accepted=row.accepted,
        text=row.text,
        box=box_from(row.box),
        alternatives=tuple(seen.Alternative(each["value"], each["confidence"]) for each in row.alternatives),
        trail=tuple(seen.Repair(step["rule"], step["before"], step["after"]) for step in row.trail),
        facts=dict(row.facts),
        source=row.source,
        uncertain=tuple(
            seen.Uncertain(
                doubt["position"],
                doubt["char"],
                tuple((rival["char"], rival["probability"]) for rival in doubt["rivals"]),
            )
            for doubt in row.uncertain
        ),
    )


def facts_from(photo: models.Photo) -> seen.PhotoFacts:
    """What the photo said of itself; a photo never decoded has no size, and 0 stands for it."""
    return seen.PhotoFacts(
        sha256=photo.sha256,
        format=FORMATS.get(photo.media_type, "JPEG"),
        width=photo.width or 0,
        height=photo.height or 0,
        lat=photo.exif_lat,
        lon=photo.exif_lon,
        taken_at=datetime.fromisoformat(photo.exif_taken_at) if photo.exif_taken_at else None,
        camera=photo.camera,
    )


def _rivals_json(doubt: seen.Uncertain) -> list[dict[str, Any]]:
    return [{"char": keepable(char), "probability": probability} for char, probability in doubt.rivals]


def box_json(box: seen.Box) -> list[list[float]]:
    """Four [x, y] corners in photo pixels."""
    return [[float(x), float(y)] for x, y in box]


def box_from(kept: list[list[float]]) -> seen.Box:
    """Corners TL, TR, BR, BL in photo pixels."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = kept
    return (x0, y0), (x1, y1), (x2, y2), (x3, y3)


def keepable(text: str) -> str:
    """The text with U+FFFD for what PostgreSQL cannot store: NUL and lone surrogates, both possible in a QR code."""
    return text.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")

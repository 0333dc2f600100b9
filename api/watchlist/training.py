"""What people decided about findings, as labelled pictures for the reader's lab.

A folder with a PNG of each painted line, upright with some wall around it; `labels.csv` (file, text; lines with " | "
between them), which `vision.lab.real` scores and whose pictures `vision.lab.rehearse` gathers; `truth.jsonl` with what
was read, what is meant, and which reader read it. Of people nothing is in it.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import select, tuple_

from api.audit.service import record
from api.errors import Problem
from api.photos.blobs import BlobMissing
from api.services import Services
from api.unit import Actor
from models import UNREAD, Decision, Finding, Reading, Review
from vision.errors import PhotoError
from vision.frames import as_box
from vision.photo import PhotoLimits, encode_png, open_photo
from vision.prepare.rectify import crop_line
from vision.types import Kind

LABELS, TRUTH = "labels.csv", "truth.jsonl"
BETWEEN_LINES = " | "
MARGIN = 0.6  # of the line's height on each side: a detector has to find the line again
LOWEST_PX, TALLEST_PX = 64, 320
PAGE = 200
ACTOR = Actor(name="export-training")


class TrainingTargetExists(Problem):
    """An export never writes over anything."""

    status = 409

    def __init__(self, target: Path) -> None:
        super().__init__(f"{target} exists already: give a folder that does not, an export never writes over anything.")


@dataclass(slots=True)
class Written:
    """How many examples are in the folder, and the findings that could not be cut out of their photos."""

    count: int = 0
    skipped: list[str] = field(default_factory=list)


def write_examples(
    services: Services, target: Path, *, kind: Kind | None = None, with_confirmed: bool = False
) -> Written:
    """Write the folder; it has its name only once it is whole.

    Corrections alone, or `with_confirmed` also what was read rightly; only of the decided `kind`, if one is given.

    Raises:
        TrainingTargetExists: nothing was written.
        OSError: the folder cannot be written; nothing was left behind.
    """
    if target.exists():
        raise TrainingTargetExists(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    written = Written()
    try:
        with (
            (folder / LABELS).open("w", encoding="utf-8", newline="") as labels,
            (folder / TRUTH).open("w", encoding="utf-8") as truth,
        ):
            table = csv.writer(labels, lineterminator="\n")
            table.writerow(["file", "text"])
            for finding, decision, card in _decided(services, kind, with_confirmed=with_confirmed):
                png = _crop(services, finding)
                if png is None:
                    written.skipped.append(finding.id)
                    continue
                name = f"{finding.id}.png"
                (folder / name).write_bytes(png)
                lines, is_exact = lines_of(finding, decision)
                table.writerow([name, BETWEEN_LINES.join(lines)])
                row = _truth(name, finding, lines, card, is_exact=is_exact)
                truth.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
                written.count += 1
        with services.unit(ACTOR) as unit:
            record(unit, "training.export", target.name, examples=written.count, skipped=len(written.skipped))
        folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return written


def lines_of(finding: Finding, decision: Decision | None) -> tuple[list[str], bool]:
    """What is painted, line by line, and whether a person said so.

    Otherwise it is the text as read with the value as decided in place of the value as read; where that is not in the
    text as such, the decided value alone, as it is painted most often.
    """
    if decision is not None and decision.painted:
        return [decision.painted], True
    kind, value = str(finding.decided_kind), str(finding.decided_value)
    shown = f"@{value}" if kind == Kind.TELEGRAM else value
    if finding.kind == UNREAD or finding.kind != kind:
        return [shown], False
    replaced, count = re.subn(re.escape(finding.value), lambda _: value, finding.text, flags=re.IGNORECASE)
    lines = replaced.split("\n") if count == 1 else [shown]
    return [line.strip() for line in lines if line.strip()], False


def _decided(
    services: Services, kind: Kind | None, *, with_confirmed: bool
) -> Iterator[tuple[Finding, Decision | None, dict[str, Any]]]:
    """Findings with the decision that holds and the reader's card, photo by photo; transactions are short."""
    wanted = [Review.CORRECTED, Review.CONFIRMED] if with_confirmed else [Review.CORRECTED]
    key = Finding.photo_sha256, Finding.id
    query = select(Finding, Reading.card).join(Reading, Reading.id == Finding.reading_id)
    query = query.where(Finding.review.in_(wanted), Finding.source == "ocr").order_by(*key).limit(PAGE)
    if kind is not None:
        query = query.where(Finding.decided_kind == kind)
    last = ("", "")
    while True:
        with services.reading_unit() as unit:
            page = unit.session.execute(query.where(tuple_(*key) > tuple_(*last))).all()
            holding = select(Decision).where(Decision.finding_id.in_([row[0].id for row in page]))
            holding = holding.where(Decision.undone_at.is_(None)).order_by(Decision.version)
            decisions = {row.finding_id: row for row in unit.session.scalars(holding)}
        if not page:
            return
        yield from ((finding, decisions.get(finding.id), card) for finding, card in page)
        last = (page[-1][0].photo_sha256, page[-1][0].id)


def _crop(services: Services, finding: Finding) -> bytes | None:
    """A PNG of the painted line, made of its pixels alone; None when the photo is gone or cannot be decoded."""
    try:
        limits = PhotoLimits(size_bytes=services.settings.limits.photo_bytes)
        photo = open_photo(services.blobs.get(finding.photo_sha256), limits=limits, working_side_px=None)
    except (BlobMissing, PhotoError):
        return None
    corners = photo.frame.forward(np.asarray(finding.box, dtype=np.float64).reshape(-1, 2))
    tall = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    height_px = int(np.clip(tall * (1 + 2 * MARGIN), LOWEST_PX, TALLEST_PX))
    crop, _ = crop_line(photo.pixels, photo.frame, as_box(corners), height_px=height_px, margin=MARGIN)
    return encode_png(crop)


def _truth(name: str, finding: Finding, lines: list[str], card: dict[str, Any], *, is_exact: bool) -> dict[str, Any]:
    return {
        "file": name,
        "lines": lines,
        "lines_are_exact": is_exact,
        "kind": finding.decided_kind,
        "value": finding.decided_value,
        "review": finding.review,
        "read": {
            "kind": finding.kind,
            "value": finding.value,
            "text": finding.text,
            "confidence": finding.confidence,
            "alternatives": finding.alternatives,
            "card": card,
        },
        "photo": finding.photo_sha256,
        "box": finding.box,
    }

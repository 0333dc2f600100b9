"""Evidence packs: everything about an address, a wall or a case in one signed ZIP.

A pack is made ready first (pictures and papers wait in an unnamed temporary file) and streamed afterwards, so what
cannot be packed is refused in words, and the answer has a length. Originals are read once to be checked and once to be
sent; no more than one of them is in memory.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.audit.service import canonical, record
from api.errors import Problem
from api.evidence import zips
from api.evidence.custody import custody_of
from api.evidence.keys import as_pem, fingerprint, signing_key
from api.evidence.pictures import pictures_of, side_for
from api.evidence.report import MOST_PICTURES, Made, report
from api.evidence.subjects import About, Picture, Subject, subject_of
from api.evidence.words import Language
from api.near.known import as_read
from api.photos.blobs import BlobMissing, BlobsUnavailable
from api.photos.routes import ENDINGS
from api.readings.repository import readings_of
from api.readings.schemas import reading_out
from api.services import Services
from api.unit import Actor, Unit
from vision.photo import PhotoLimits

FORMAT = "wallwatch-evidence-1"
MANIFEST, SIGNATURE, KEY, SUMS = "manifest.json", "manifest.sig", "public-key.pem", "SHA256SUMS"
CUSTODY, FACTS, REPORT, README = "custody.json", "facts.json", "report.pdf", "README.txt"
README_FILE = Path(__file__).with_name("readme.txt")


class OriginalNotWhole(Problem):
    """A photo whose bytes are gone or are no longer those received: no pack can be made of it."""

    status = 409

    def __init__(self, sha256: str) -> None:
        super().__init__(
            f"The original {sha256} is missing or damaged in the photo store, so no pack was made: tell the"
            " administrator to run wallwatch verify and to bring back a backup."
        )
        self.photo = sha256


@dataclass(frozen=True, slots=True)
class Part:
    """A file that waits to be streamed."""

    member: zips.Member
    sha256: str
    pieces: Callable[[], Iterator[bytes]]


class Pack:
    """A pack that is ready: its name, its size, its bytes. Close it when it was sent, or will not be."""

    def __init__(self, name: str, parts: list[Part], manifest_sha256: str, closing: Callable[[], None]) -> None:
        self.name, self.manifest_sha256 = name, manifest_sha256
        self._parts, self.close = parts, closing
        self.size_bytes = zips.size_of([part.member for part in parts])

    def stream(self) -> Iterator[bytes]:
        """The ZIP in pieces; closes the pack at the end. An original that changed meanwhile breaks it off."""
        try:
            for part in self._parts:
                yield zips.head(part.member)
                digest = hashlib.sha256()
                for piece in part.pieces():
                    digest.update(piece)
                    yield piece
                if digest.hexdigest() != part.sha256:
                    raise OriginalNotWhole(part.sha256)
            yield from zips.tail(part.member for part in self._parts)
        finally:
            self.close()


def make_pack(
    services: Services,
    actor: Actor,
    about: About,
    subject_id: str,
    *,
    language: Language,
    request_id: str | None = None,
) -> Pack:
    """A pack that is ready to be streamed, and written down in the audit log: for its object, and for each photo in it.

    Call it in a thread: it opens every photo.

    Raises:
        NotFound, NothingToPack, TooMuchToPack, OriginalNotWhole: each as its name says; nothing was written down.
    """
    scratch = _Scratch()
    try:
        pack, subject = _made_ready(services, actor, about, subject_id, language=language, scratch=scratch)
        with services.unit(actor, request_id=request_id) as unit:
            _write_down(unit, subject, pack, language)
    except BaseException:
        scratch.close()
        raise
    return pack


def _write_down(unit: Unit, subject: Subject, pack: Pack, language: Language) -> None:
    """A custody event of the object and of every photo: the originals leave with the pack."""
    of = {"about": str(subject.about), "of": subject.id, "manifest_sha256": pack.manifest_sha256}
    for photo in subject.photos:
        record(unit, "photo.packed", photo.sha256, **of)
    counts = {"photos": len(subject.photos), "sightings": len(subject.sightings)}
    record(unit, "evidence.pack", subject.id, **of, **counts, language=str(language))


def _made_ready(
    services: Services,
    actor: Actor,
    about: About,
    subject_id: str,
    *,
    language: Language,
    scratch: _Scratch,
) -> tuple[Pack, Subject]:
    key = signing_key(services.settings)
    with services.reading_unit(actor) as unit:
        subject = subject_of(unit, about, subject_id)
        custody = custody_of(unit, subject.objects)
        now = unit.clock.now()
    made = Made(
        at=now,
        by=actor.name,
        program=f"WallWatch {version('wallwatch')}",
        key=fingerprint(key.public_key()),
        zone=services.settings.zone,
        zone_name=services.settings.timezone,
        language=language,
    )
    originals = [_original(services, photo) for photo in subject.photos]
    crops, boxed = _pictures(services, subject, scratch)
    paper = report(
        subject,
        made,
        boxed=lambda sha256: b"".join(boxed[sha256].pieces()) if sha256 in boxed else None,
        crop=lambda name: b"".join(crops[name].pieces()) if name in crops else None,
        crops={name: part.sha256 for name, part in crops.items()},
    )
    files = [
        scratch.part(README, README_FILE.read_bytes()),
        scratch.part(REPORT, paper),
        scratch.part(FACTS, _json(_facts(subject, crops))),
        scratch.part(CUSTODY, _json(custody)),
        scratch.part(KEY, as_pem(key.public_key())),
        *(scratch.part(f"readings/{photo.sha256}.json", _readings(services, photo)) for photo in subject.photos),
        *crops.values(),
        *originals,
    ]
    signed = _signed(subject, made, files, head=custody["head"], scratch=scratch, key=key)
    name = f"wallwatch-{about}-{subject_id[:12]}-{now:%Y%m%dT%H%M%SZ}.zip"
    return Pack(name, [*signed, *files], signed[0].sha256, scratch.close), subject


def _signed(
    subject: Subject,
    made: Made,
    files: list[Part],
    *,
    head: dict[str, Any] | None,
    scratch: _Scratch,
    key: Ed25519PrivateKey,
) -> list[Part]:
    """The manifest, its signature, and the sums for other programs."""
    listed = sorted(files, key=lambda part: part.member.name)
    sums = scratch.part(SUMS, "".join(f"{part.sha256}  {part.member.name}\n" for part in listed).encode())
    manifest = {
        "format": FORMAT,
        "about": str(subject.about),
        "subject": subject.id,
        "name": subject.name,
        "tlp": subject.tlp,
        "made_at": made.at.isoformat(),
        "made_by": made.by,
        "program": made.program,
        "language": str(made.language),
        "audit_head": head,
        "public_key": key.public_key().public_bytes_raw().hex(),
        "files": [
            {"path": part.member.name, "size_bytes": part.member.size_bytes, "sha256": part.sha256}
            for part in sorted([*listed, sums], key=lambda part: part.member.name)
        ],
    }
    data = canonical(manifest).encode()
    return [scratch.part(MANIFEST, data), scratch.part(SIGNATURE, key.sign(data)), sums]


class _Scratch:
    """Finished files in one unnamed file on the disk, gone when it is closed."""

    def __init__(self) -> None:
        self._file, self._end = tempfile.TemporaryFile(), 0  # noqa: SIM115 - closed with the pack
        self.close = self._file.close

    def part(self, name: str, data: bytes) -> Part:
        """Keep the bytes until the pack is streamed."""
        start = self._end
        self._file.seek(start)
        self._file.write(data)
        self._end += len(data)
        member = zips.Member(name, len(data), zlib.crc32(data))
        return Part(member, hashlib.sha256(data).hexdigest(), lambda: self._slice(start, len(data)))

    def _slice(self, start: int, size: int) -> Iterator[bytes]:
        self._file.seek(start)
        left = size
        while left:
            piece = self._file.read(min(left, zips.PIECE_BYTES))
            left -= len(piece)
            yield piece


def _original(services: Services, photo: Picture) -> Part:
    """An original, read once to know that it is whole. OriginalNotWhole."""
    name = f"originals/{photo.sha256}.{ENDINGS.get(photo.media_type, 'bin')}"

    def pieces() -> Iterator[bytes]:
        with services.blobs.open(photo.sha256) as file:
            while piece := file.read(zips.PIECE_BYTES):
                yield piece

    crc32, size, digest = 0, 0, hashlib.sha256()
    try:
        for piece in pieces():
            crc32, size = zlib.crc32(piece, crc32), size + len(piece)
            digest.update(piece)
    except (BlobMissing, BlobsUnavailable) as error:
        raise OriginalNotWhole(photo.sha256) from error
    if digest.hexdigest() != photo.sha256:
        raise OriginalNotWhole(photo.sha256)
    return Part(zips.Member(name, size, crc32), photo.sha256, pieces)


def _pictures(services: Services, subject: Subject, scratch: _Scratch) -> tuple[dict[str, Part], dict[str, Part]]:
    """Crops by sighting, and small pictures by photo, each photo opened once."""
    limits = PhotoLimits(size_bytes=services.settings.limits.photo_bytes)
    side_px = side_for(min(len(subject.photos), MOST_PICTURES))
    crops: dict[str, Part] = {}
    boxed: dict[str, Part] = {}
    for photo in subject.photos:
        on_it = [each for each in subject.sightings if each.photo == photo.sha256]
        made = pictures_of(services.blobs.get(photo.sha256), on_it, side_px=side_px, limits=limits)
        if made is None:
            continue
        boxed[photo.sha256] = scratch.part(photo.sha256, made.boxed)
        for each, jpeg in zip(on_it, made.crops, strict=True):
            crops[each.id] = scratch.part(f"crops/{each.id}.jpg", jpeg)
    return dict(sorted(crops.items())), boxed


def _readings(services: Services, photo: Picture) -> bytes:
    """Every reading of a photo with its engine's card; a transaction each, so that no writer waits for all of them."""
    with services.reading_unit() as unit:
        found = [
            reading_out(row, {each.id: as_read(each) for each in row.findings}).model_dump(mode="json")
            for row in readings_of(unit.session, photo.sha256)
        ]
    return _json({"photo": photo.sha256, "readings": found})


def _facts(subject: Subject, crops: dict[str, Part]) -> dict[str, Any]:
    said = asdict(subject)
    for each in said["sightings"]:
        each["crop"] = crops[each["id"]].member.name if each["id"] in crops else None
    return said


def _json(value: Any) -> bytes:
    """JSON for people and programs: sorted keys, one spelling, a line a key."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=_plain)
    return (text + "\n").encode("utf-8", "backslashreplace")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

"""What a pack is about, as plain values: read in one short transaction, before the first picture is made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from api.errors import NotFound, Problem
from api.exchange.rows import strictest
from api.inscriptions.history import family
from api.lifecycle.desk import cases_of, tags_of
from api.near.aliases import group_of, kept, merges_of
from api.unit import Unit
from api.warninglists.schemas import override_out, warnings_out
from api.warninglists.service import hits_of, overrides_of
from models import (
    Account,
    Address,
    AddressMerge,
    AddressStep,
    Attachment,
    Case,
    CaseAddress,
    Finding,
    Inscription,
    Photo,
    Report,
    ReportPhoto,
    Sighting,
    SightingState,
)

_Scope = tuple[str, ColumnElement[bool], str, dict[str, Any] | None]
"""The subject's id, what its sightings are, its name, and the case if it is one."""

MOST_SIGHTINGS = 500
AT_ONCE = 400


class About(StrEnum):
    """What a pack may be about; a wall is an inscription."""

    ADDRESS = "address"
    WALL = "wall"
    CASE = "case"


class NothingToPack(Problem):
    """An object without a photo."""

    status = 409

    def __init__(self) -> None:
        super().__init__("There is nothing to pack: no photo of this counts. Look whether its sightings were rejected.")


class TooMuchToPack(Problem):
    """More sightings than a pack holds."""

    status = 409

    def __init__(self, sightings: int, *, limit: int) -> None:
        super().__init__(
            f"There are {sightings} sightings, and a pack holds {limit}: make packs of single addresses or walls."
        )
        self.sightings, self.limit = sightings, limit


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting, and the report behind it. `number` counts from 1 in the order of `seen_at`.

    `kind` and `value` are the address's. `read_kind` and `read_value` are what was read on the photo, or what a person
    said it is. `fused`: what several photos made of it together (value, confidence, photos), where no photo alone was
    read surely enough for the list.
    """

    number: int
    id: str
    address_id: str
    kind: str
    value: str
    read_kind: str
    read_value: str
    fused: dict[str, Any] | None
    inscription_id: str
    report_id: str
    photo: str
    finding_id: str
    box: tuple[tuple[float, float], ...]
    text: str
    lat: float
    lon: float
    accuracy_m: float | None
    place_source: str
    seen_at: datetime
    received_at: datetime
    channel: str
    received_from: str
    confidence: float
    state: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A photo as it was received."""

    sha256: str
    size_bytes: int
    media_type: str
    received_at: datetime
    exif: dict[str, Any]
    file_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything that a pack says, but the pictures, the readings and the custody log.

    `merged`: addresses and inscriptions that are shown as those in it, by id.
    """

    about: About
    id: str
    name: str
    tlp: str
    addresses: tuple[dict[str, Any], ...]
    sightings: tuple[Seen, ...]
    photos: tuple[Picture, ...]
    left_out: int
    case: dict[str, Any] | None
    merged: tuple[str, ...] = ()

    @property
    def objects(self) -> set[str]:
        """The ids under which the audit log knows what the pack is of."""
        named = {each.id for each in self.sightings} | {each.report_id for each in self.sightings}
        named |= {each.finding_id for each in self.sightings} | {each.inscription_id for each in self.sightings}
        named |= {self.id, *self.merged}
        return named | {each["id"] for each in self.addresses} | {each.sha256 for each in self.photos}


def subject_of(unit: Unit, about: About, subject_id: str, *, most: int = MOST_SIGHTINGS) -> Subject:
    """What is known of an address, a wall or a case; sightings that somebody rejected are counted and left out.

    A merged address or wall is packed as the one that it is shown as, with all that belongs to it.

    Raises:
        NotFound, NothingToPack, TooMuchToPack: each as its name says.
    """
    session = unit.session
    subject_id, condition, name, case = _SCOPES[about](session, subject_id)
    by_state = select(Sighting.state, func.count()).where(condition).group_by(Sighting.state)
    counts = {row[0]: row[1] for row in session.execute(by_state)}
    left_out = counts.pop(SightingState.REJECTED, 0)
    if not counts:
        raise NothingToPack
    if (count := sum(counts.values())) > most:
        raise TooMuchToPack(count, limit=most)
    sightings = _sightings(session, condition)
    addresses = [_address(session, row) for row in _rows(session, Address, {each.address_id for each in sightings})]
    return Subject(
        about=about,
        id=subject_id,
        name=name or _named(addresses),
        tlp=strictest(each["tlp"] for each in addresses),
        addresses=tuple(addresses),
        sightings=tuple(sightings),
        photos=tuple(_photos(session, [each.photo for each in sightings])),
        left_out=left_out,
        case=case,
        merged=_merged(session, about, subject_id, addresses),
    )


def _of_address(session: Session, address_id: str) -> _Scope:
    row = session.get(Address, address_id)
    if row is None:
        raise NotFound("address")
    row = kept(session, row)
    return row.id, Sighting.address_id == row.id, f"{row.kind} {row.value}", None


def _of_wall(session: Session, inscription_id: str) -> _Scope:
    row = session.get(Inscription, inscription_id)
    while row is not None and row.merged_into_id is not None:
        row = session.get(Inscription, row.merged_into_id)
    if row is None:
        raise NotFound("inscription")
    return row.id, Sighting.inscription_id == row.id, f"{row.lat:.5f}, {row.lon:.5f}", None


def _of_case(session: Session, case_id: str) -> _Scope:
    row = session.get(Case, case_id)
    if row is None:
        raise NotFound("case")
    within = select(CaseAddress.address_id).where(CaseAddress.case_id == case_id)
    said = {"id": row.id, "book": row.book, "number": row.number, "title": row.title}
    return row.id, Sighting.address_id.in_(within), f"{BOOKS[row.book]} {row.number}", said


def _merged(session: Session, about: About, subject_id: str, addresses: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    found = {alias["id"] for each in addresses for alias in each["aliases"]}
    if about is About.WALL:
        found |= {*family(session, subject_id)} - {subject_id}
    return tuple(sorted(found))


BOOKS = {"kui": "КУИ", "erdr": "ЕРДР"}
_SCOPES = {About.ADDRESS: _of_address, About.WALL: _of_wall, About.CASE: _of_case}


def _named(addresses: Sequence[dict[str, Any]]) -> str:
    return ", ".join(f"{each['kind']} {each['value']}" for each in addresses[:3])


def _sightings(session: Session, condition: ColumnElement[bool]) -> list[Seen]:
    query = (
        select(Sighting, Finding, Report, Account.name, Address)
        .join(Finding, Finding.id == Sighting.finding_id)
        .join(Report, Report.id == Sighting.report_id)
        .join(Account, Account.id == Report.account_id)
        .join(Address, Address.id == Sighting.address_id)
        .where(condition, Sighting.state != SightingState.REJECTED)
        .order_by(Sighting.seen_at, Sighting.id)
    )
    rows = enumerate(session.execute(query), start=1)
    return [
        _seen(row, finding, report, address, sender, number=n) for n, (row, finding, report, sender, address) in rows
    ]


def _seen(row: Sighting, finding: Finding, report: Report, address: Address, sender: str, *, number: int) -> Seen:
    return Seen(
        number=number,
        id=row.id,
        address_id=row.address_id,
        kind=address.kind,
        value=address.value,
        read_kind=finding.decided_kind or finding.kind,
        read_value=finding.decided_value or finding.value,
        fused=_fused(finding),
        inscription_id=row.inscription_id,
        report_id=row.report_id,
        photo=row.photo_sha256,
        finding_id=row.finding_id,
        box=tuple((float(x), float(y)) for x, y in finding.box),
        text=finding.text,
        lat=row.lat,
        lon=row.lon,
        accuracy_m=report.accuracy_m,
        place_source=report.place_source,
        seen_at=row.seen_at,
        received_at=report.received_at,
        channel=report.channel,
        received_from=sender,
        confidence=row.confidence,
        state=row.state,
    )


def _fused(finding: Finding) -> dict[str, Any] | None:
    fused = finding.fused
    if fused is None or finding.accepted or not finding.is_listed or finding.decided_kind is not None:
        return None
    told = {"kind": fused.kind, "value": fused.value, "confidence": fused.confidence}
    return told | {"supported_by": fused.supported_by, "seen_in": fused.seen_in}


def _address(session: Session, row: Address) -> dict[str, Any]:
    """An address with its life-cycle, ready for JSON but for the times."""
    steps = select(AddressStep).where(AddressStep.address_id == row.id).options(joinedload(AddressStep.maker))
    group = group_of(session, row.id)
    files = select(Attachment).where(Attachment.address_id.in_(group)).order_by(Attachment.added_at, Attachment.id)
    return {
        "id": row.id,
        "kind": row.kind,
        "value": row.value,
        "punycode": row.punycode,
        "status": row.status,
        "tlp": row.tlp,
        "tags": tags_of(session, [row.id]).get(row.id, []),
        "first_seen_at": row.first_seen_at,
        "last_seen_at": row.last_seen_at,
        "cases": [{"book": case.book, "number": case.number} for case in cases_of(session, row.id)],
        "steps": [_step(step) for step in session.scalars(steps.order_by(AddressStep.number))],
        "aliases": [_alias(made) for made in merges_of(session, [row.id]) if made.kept_id == row.id],
        "warnings": [each.model_dump() for each in warnings_out(hits_of(session, [row.id]).get(row.id, ()))],
        "override": said.model_dump() if (said := override_out(overrides_of(session, [row.id]).get(row.id))) else None,
        "attachments": [
            {
                "file_name": each.file_name,
                "sha256": each.sha256,
                "size_bytes": each.size_bytes,
                "added_at": each.added_at,
            }
            for each in session.scalars(files)
        ],
    }


def _alias(made: AddressMerge) -> dict[str, Any]:
    """An address that is shown as another one: what it was merged as, when and why."""
    return {
        "id": made.alias_id,
        "kind": made.kind,
        "value": made.value,
        "relation": made.relation,
        "merged_at": made.merged_at,
        "reason": made.reason,
    }


def _step(step: AddressStep) -> dict[str, Any]:
    return {
        "number": step.number,
        "at": step.at,
        "by": step.maker.name if step.maker and not step.is_automatic else None,
        "from_status": step.from_status,
        "to_status": step.to_status,
        "reason": step.reason,
        "recipient": step.recipient,
        "sent_at": step.sent_at,
        "reference": step.reference,
    }


def _photos(session: Session, names: list[str]) -> list[Picture]:
    """Each photo once, in the order in which they are named."""
    carried: dict[str, set[str]] = {}
    for several in _batches(sorted(set(names))):
        query = select(ReportPhoto.photo_sha256, ReportPhoto.file_name).where(ReportPhoto.photo_sha256.in_(several))
        for sha256, file_name in session.execute(query):
            carried.setdefault(sha256, set()).add(file_name or "")
    rows = {row.sha256: row for row in _rows(session, Photo, set(names))}
    return [_picture(rows[name], carried.get(name, set()) - {""}) for name in dict.fromkeys(names)]


def _picture(row: Photo, file_names: set[str]) -> Picture:
    return Picture(
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        media_type=row.media_type,
        received_at=row.received_at,
        exif={"lat": row.exif_lat, "lon": row.exif_lon, "taken_at": row.exif_taken_at, "camera": row.camera},
        file_names=tuple(sorted(file_names)),
    )


def _rows(session: Session, table: Any, keys: set[str]) -> Iterable[Any]:
    """Rows by their one primary key, in its order."""
    (key,) = table.__table__.primary_key.columns
    for several in _batches(sorted(keys)):
        yield from session.scalars(select(table).where(key.in_(several)).order_by(key))


def _batches(names: list[str]) -> Iterable[list[str]]:
    for at in range(0, len(names), AT_ONCE):
        yield names[at : at + AT_ONCE]

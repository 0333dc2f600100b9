"""Requests to block: letters made from what the watchlist knows, kept as they were made.

A letter is written outside of any transaction and its bytes are durable before its row; row, life-cycle steps and audit
entries are one transaction, so an address is `sent` exactly when its letter is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import selectinload

from api.audit.service import record
from api.cases.service import case_of
from api.errors import NotFound, Problem
from api.evidence.words import Language, Words, shown, words
from api.intake.text import clean_line, clean_note
from api.lifecycle.service import Sending, step
from api.near.aliases import group_of, must_stand_alone
from api.photos.blobs import BlobsUnavailable
from api.requests.letters import docx_letter, pdf_letter
from api.requests.schemas import RequestIn
from api.services import Services
from api.unit import Actor, Unit
from api.watchlist.repository import address as address_of
from models import (
    Address,
    AddressStatus,
    BlockRequest,
    BlockRequestAddress,
    BlockRequestFile,
    CaseAddress,
    Photo,
    Sighting,
    SightingState,
)

PLACES = 5
"""The newest sightings of an address that a letter tells of."""
LARGEST_BYTES = 64 * 2**20
FILLED = ("legal_basis", "grounds", "signatory_position", "signatory_name", "contact")


class AddressTwice(Problem):
    """The same address two times in one letter."""

    status = 422

    def __init__(self) -> None:
        super().__init__("An address is named twice: name each once.")


class VersionMissing(Problem):
    """A letter that is marked as sent, without saying which state of the addresses the sender saw."""

    status = 422

    def __init__(self) -> None:
        super().__init__("To mark a request as sent, give the version of each address that you saw.")


class RecipientEmpty(Problem):
    """Nobody to send it to, or no number to send it under."""

    status = 422

    def __init__(self) -> None:
        super().__init__("recipient and reference must hold something that can be read.")


class LetterNotKept(Problem):
    """The photo store, which keeps letters, cannot be written to."""

    status = 503

    def __init__(self) -> None:
        super().__init__("The letter cannot be kept at the moment: nothing was stored, make it again later.")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter that is durable and belongs to nothing yet: by format its SHA-256 and size."""

    files: dict[str, tuple[str, int]]
    facts: dict[str, Any]


def make_letter(services: Services, actor: Actor, asked: RequestIn) -> Letter:
    """The letter as DOCX and PDF, both in the photo store. Call it in a thread, before the transaction.

    Raises:
        NotFound, AddressMerged, AddressTwice, VersionMissing, RecipientEmpty, TemplateUnusable, LetterNotKept: each as
            its name says.
    """
    if len({each.id for each in asked.addresses}) != len(asked.addresses):
        raise AddressTwice
    if asked.sent and not all(each.version for each in asked.addresses):
        raise VersionMissing
    if not clean_line(asked.recipient) or not clean_line(asked.reference):
        raise RecipientEmpty
    language = Language(asked.language)
    spoken = words(language)
    zone = services.settings.zone
    with services.reading_unit(actor) as unit:
        now = unit.clock.now()
        facts = _facts(unit, asked, spoken, zone)
    grounds = clean_note(asked.grounds) or clean_note(services.settings.requests.grounds)
    filled = {name: clean_note(getattr(asked, name)) for name in FILLED} | {"grounds": grounds}
    said = facts | {name: text or spoken(f"fill_{name}") for name, text in filled.items()}
    said |= {
        "recipient": clean_line(asked.recipient),
        "reference": clean_line(asked.reference),
        "date": f"{now.astimezone(zone):%d.%m.%Y}",
        "made_at": shown(now, zone),
        "zone": services.settings.timezone,
    }
    docx = docx_letter(services.settings.requests.templates, language, said)
    pdf = pdf_letter(docx, language=language, made_at=now, words=spoken, title=spoken("letter"))
    return Letter({"docx": _kept(services, docx), "pdf": _kept(services, pdf)}, facts | filled)


def file_letter(unit: Unit, asked: RequestIn, letter: Letter) -> BlockRequest:
    """The request's row, with the addresses' step to `sent` if it says so.

    Raises:
        NotFound, AddressChanged, StepRefused, SentInTheFuture, ReasonEmpty: each as its name says; nothing was written.
    """
    recipient, reference = clean_line(asked.recipient), clean_line(asked.reference)
    if asked.sent:
        sending = Sending(recipient, asked.sent.sent_at, reference)
        for each in asked.addresses:
            step(
                unit,
                each.id,
                version=each.version or 0,
                to=AddressStatus.SENT,
                reason=asked.sent.reason,
                sending=sending,
            )
    row = BlockRequest(
        made_at=unit.clock.now(),
        made_by=unit.actor.account_id,
        language=asked.language,
        recipient=recipient,
        reference=reference,
        sent_at=asked.sent.sent_at if asked.sent else None,
        facts=letter.facts,
    )
    row.files = [
        BlockRequestFile(format=name, sha256=sha256, size_bytes=size) for name, (sha256, size) in letter.files.items()
    ]
    row.addresses = [
        BlockRequestAddress(address_id=each.id, position=position)
        for position, each in enumerate(asked.addresses, start=1)
    ]
    unit.session.add(row)
    unit.session.flush()
    sums = {name: sha256 for name, (sha256, _) in letter.files.items()}
    for each in asked.addresses:
        record(unit, "address.request", each.id, request=row.id, recipient=recipient, reference=reference)
    record(unit, "request.make", row.id, recipient=recipient, reference=reference, is_sent=bool(asked.sent), **sums)
    return row


def request_of(unit: Unit, request_id: str) -> BlockRequest:
    """A letter; NotFound."""
    row = unit.session.get(BlockRequest, request_id)
    if row is None:
        raise NotFound("request")
    return row


def requests(
    unit: Unit,
    *,
    address_id: str | None,
    case_id: str | None = None,
    before: tuple[datetime, str] | None,
    limit: int,
) -> Sequence[BlockRequest]:
    """Letters, the newest first; one more than `limit` when there are more.

    Those about an address are also those about what was merged into it; those of a case are about any of its addresses.

    Raises:
        NotFound: nobody knows the address or the case.
    """
    query = select(BlockRequest).options(
        selectinload(BlockRequest.addresses), selectinload(BlockRequest.files), selectinload(BlockRequest.maker)
    )
    if address_id is not None:
        address_of(unit, address_id)
        about = select(BlockRequestAddress.request_id).where(
            BlockRequestAddress.address_id.in_(group_of(unit.session, address_id))
        )
        query = query.where(BlockRequest.id.in_(about))
    if case_id is not None:
        case_of(unit, case_id)
        of_case = select(BlockRequestAddress.request_id).join(
            CaseAddress, CaseAddress.address_id == BlockRequestAddress.address_id
        )
        query = query.where(BlockRequest.id.in_(of_case.where(CaseAddress.case_id == case_id)))
    key = BlockRequest.made_at, BlockRequest.id
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    return unit.session.scalars(query.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()


def _kept(services: Services, data: bytes) -> tuple[str, int]:
    try:
        stored = services.blobs.put(iter([data]), limit_bytes=LARGEST_BYTES)
    except BlobsUnavailable as error:
        raise LetterNotKept from error
    return stored.sha256, stored.size_bytes


def _facts(unit: Unit, asked: RequestIn, spoken: Words, zone: tzinfo) -> dict[str, Any]:
    """What a letter says of its addresses: lists of plain texts and numbers."""
    addresses, places = [], []
    attachments = [{"name": clean_line(each.name), "sha256": each.sha256} for each in asked.attachments]
    for number, each in enumerate(asked.addresses, start=1):
        row = address_of(unit, each.id)
        must_stand_alone(unit.session, row.id)
        addresses.append(_address(number, row, spoken, zone))
        places += [_place(number, seen, zone) for seen in _newest(unit, row.id, PLACES)]
        for photo in _photos(unit, row.id, asked.photos_per_address):
            name = spoken("photo_file", at=shown(photo.received_at, zone), n=number)
            attachments.append({"name": name, "sha256": photo.sha256})
    numbered = [{"number": number, **each} for number, each in enumerate(attachments, start=1)]
    return {"addresses": addresses, "places": places, "attachments": numbered}


def _address(number: int, row: Address, spoken: Words, zone: tzinfo) -> dict[str, Any]:
    return {
        "number": number,
        "kind": spoken.kind(row.kind),
        "value": row.value,
        "punycode": row.punycode or "",
        "sightings": row.sighting_count,
        "first_seen": shown(row.first_seen_at, zone),
        "last_seen": shown(row.last_seen_at, zone),
    }


def _place(number: int, seen: Sighting, zone: tzinfo) -> dict[str, Any]:
    return {"number": number, "seen_at": shown(seen.seen_at, zone), "place": f"{seen.lat:.6f}, {seen.lon:.6f}"}


def _newest(unit: Unit, address_id: str, most: int) -> Sequence[Sighting]:
    query = select(Sighting).where(Sighting.address_id == address_id, Sighting.state != SightingState.REJECTED)
    return unit.session.scalars(query.order_by(Sighting.seen_at.desc(), Sighting.id.desc()).limit(most)).all()


def _photos(unit: Unit, address_id: str, most: int) -> Sequence[Photo]:
    """The address's newest photos that count, each once."""
    newest = (
        select(Sighting.photo_sha256, func.max(Sighting.seen_at).label("at"))
        .where(Sighting.address_id == address_id, Sighting.state != SightingState.REJECTED)
        .group_by(Sighting.photo_sha256)
        .order_by(func.max(Sighting.seen_at).desc(), Sighting.photo_sha256)
        .limit(most)
        .subquery()
    )
    query = select(Photo).join(newest, newest.c.photo_sha256 == Photo.sha256)
    return unit.session.scalars(query.order_by(newest.c.at.desc(), Photo.sha256)).all()

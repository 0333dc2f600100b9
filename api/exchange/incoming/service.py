"""Taking a file in: read it whole, compare it with the watchlist, and only then write, batch by batch.

An import adds addresses that nobody has seen here (status `new`, no sightings) and keeps what the file says of them and
of known ones beside them, marked with the file it came from. It changes no status, adds no sighting of ours, and
brings nothing back that a person rejected or found benign. The same file again finds everything known.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from sqlalchemy import func, select

from api.audit.service import record
from api.exchange.incoming.claims import NOWHERE, Claim, ImportTooLarge, Place, Refused
from api.exchange.incoming.formats import guess, read
from api.exchange.incoming.staging import Staged, Staging
from api.exchange.service import Format
from api.intake.text import clean_file_name
from api.services import Services
from api.unit import Actor, Unit
from api.watchlist.service import put_on
from api.watchlist.turn import take_turn
from models import Address, AddressStatus, Import, ImportedAddress, ImportedSighting, Sighting, new_id
from vision.addresses import parse_code

STAYS: dict[str, str] = {
    AddressStatus.REJECTED: "it was rejected here and stays so",
    AddressStatus.BENIGN: "it is benign here and stays so",
}
"""What no file brings back."""

LOOK_EVERY = 200
"""Entries that are read between two looks at how far it is."""


class Fate(StrEnum):
    """What becomes of an entry of a file."""

    ADDED = "added"
    MERGED = "merged"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Told:
    """One address or refused entry, and what becomes of it; `reason` says why it is not simply added."""

    fate: Fate
    where: str
    kind: str | None
    value: str
    reason: str = ""


@dataclass(slots=True)
class Outcome:
    """What an import did, or would do."""

    import_id: str | None
    format: Format
    is_dry_run: bool
    file_sha256: str
    entries: int = 0
    added: int = 0
    merged: int = 0
    known: int = 0
    refused: int = 0
    is_resumed: bool = False


def take_in(
    services: Services,
    actor: Actor,
    file: IO[bytes],
    *,
    name: str,
    form: Format | None = None,
    kind: str | None = None,
    is_dry_run: bool,
    tell: Callable[[Told], None],
    watch: Callable[[Outcome, int | None], None] = lambda _outcome, _of: None,
    row_id: str | None = None,
) -> Outcome:
    """Import a file, or say what that would do. Call it in a thread: it waits for disks.

    Args:
        services: the process's services.
        actor: who imports.
        file: at its beginning, and able to go back there.
        name: of the file, for its format and for the record.
        form: the format; None lets the name and the first bytes tell.
        kind: of bare names in a plain list.
        is_dry_run: write nothing but the audit entry.
        tell: hears of every address and every refused entry.
        watch: hears how far it is: the outcome so far, and of how many addresses and refused entries it will be once
            the whole file was read. What it or `tell` raises leaves the import cut off between two batches.
        row_id: the id of the import's row, unless it finishes another.

    Raises:
        Problem: the file as a whole cannot be read; nothing was written.
    """
    digest = _digest(file, limit_bytes=services.settings.exchange.import_bytes)
    known_form = form or guess(name, file)
    outcome = Outcome(None, known_form, is_dry_run, digest)
    with closing(Staging()) as staging:
        outcome.entries = staging.fill(_watched(read(file, known_form, kind=kind), outcome, watch))
        watch(outcome, staging.count())
        for each in staging.refused():
            outcome.refused += 1
            tell(Told(Fate.REFUSED, each.where, None, each.given, each.reason))
        if not is_dry_run:
            outcome.import_id = _begin(services, actor, outcome, name, row_id=row_id)
            watch(outcome, staging.count())
        for batch in staging.batches():
            for told in _batch(services, actor, staging, batch, outcome):
                tell(told)
    _finish(services, actor, outcome)
    return outcome


def _digest(file: IO[bytes], *, limit_bytes: int) -> str:
    digest, size = hashlib.sha256(), 0
    while piece := file.read(2**20):
        size += len(piece)
        if size > limit_bytes:
            raise ImportTooLarge(limit_bytes=limit_bytes)
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _watched(
    entries: Iterable[Claim | Refused], outcome: Outcome, watch: Callable[[Outcome, int | None], None]
) -> Iterator[Claim | Refused]:
    for number, each in enumerate(entries, start=1):
        if number % LOOK_EVERY == 0:
            outcome.entries = number
            watch(outcome, None)
        yield each


def _begin(services: Services, actor: Actor, outcome: Outcome, name: str, *, row_id: str | None) -> str:
    """A new import, or the one of the same file that never came to its end."""
    with services.unit(actor) as unit:
        take_turn(unit.session)
        cut_off = (
            select(Import)
            .where(Import.file_sha256 == outcome.file_sha256, Import.format == str(outcome.format))
            .where(Import.finished_at.is_(None))
            .order_by(Import.made_at, Import.id)
            .limit(1)
        )
        if (row := unit.session.scalar(cut_off)) is not None:
            outcome.is_resumed = True
            return row.id
        made = Import(
            id=row_id or new_id(),
            made_at=unit.clock.now(),
            account_id=actor.account_id,
            format=outcome.format,
            file_name=clean_file_name(name),
            file_sha256=outcome.file_sha256,
            refused=outcome.refused,
        )
        unit.session.add(made)
        unit.session.flush()
        return made.id


def _finish(services: Services, actor: Actor, outcome: Outcome) -> None:
    counts = {str(fate): getattr(outcome, fate) for fate in Fate}
    with services.unit(actor) as unit:
        if outcome.import_id is not None:
            made = unit.session.get_one(Import, outcome.import_id)
            made.finished_at = unit.clock.now()
            for name, count in counts.items():
                setattr(made, name, count)
        record(
            unit,
            "watchlist.import",
            outcome.import_id or outcome.file_sha256,
            dry_run=outcome.is_dry_run,
            format=str(outcome.format),
            file_sha256=outcome.file_sha256,
            resumed=outcome.is_resumed,
            **counts,
        )


def _batch(services: Services, actor: Actor, staging: Staging, batch: list[Staged], outcome: Outcome) -> Iterable[Told]:
    """Compare a batch with the watchlist and, in an import, write it: one transaction. The outcome counts it."""
    import_id = outcome.import_id
    if import_id is None:
        with services.reading_unit(actor) as unit:
            return _counted(outcome, [_compare(unit, staging, staged, row) for staged, row in _paired(unit, batch)])
    with services.unit(actor) as unit:
        take_turn(unit.session)
        pairs = _paired(unit, batch)
        before = _written(unit, import_id, [row.id for _, row in pairs if row is not None])
        told = [
            _told(before[row.id], staged, "written before this import was cut off")
            if row is not None and row.id in before
            else _write(unit, staging, staged, row, import_id)
            for staged, row in pairs
        ]
        made = unit.session.get_one(Import, import_id)
        for each in _counted(outcome, told):
            setattr(made, each.fate, getattr(outcome, each.fate))
        return told


def _counted(outcome: Outcome, told: list[Told]) -> list[Told]:
    for each in told:
        setattr(outcome, each.fate, getattr(outcome, each.fate) + 1)
    return told


def _written(unit: Unit, import_id: str, address_ids: list[str]) -> dict[str, Fate]:
    """What an import that was cut off had made of these addresses: each was written whole, or not at all."""
    query = select(ImportedAddress.address_id, ImportedAddress.is_new).where(
        ImportedAddress.import_id == import_id, ImportedAddress.address_id.in_(address_ids)
    )
    return {row[0]: Fate.ADDED if row[1] else Fate.MERGED for row in unit.session.execute(query)}


def _paired(unit: Unit, batch: list[Staged]) -> list[tuple[Staged, Address | None]]:
    found = unit.session.scalars(select(Address).where(Address.value.in_([staged.value for staged in batch])))
    known = {(row.kind, row.value): row for row in found}
    return [(staged, known.get((staged.kind, staged.value))) for staged in batch]


def _compare(unit: Unit, staging: Staging, staged: Staged, address: Address | None) -> Told:
    if address is None:
        return _told(Fate.ADDED, staged)
    if address.status in STAYS:
        return _told(Fate.KNOWN, staged, STAYS[address.status])
    news = _news(unit, address, staged)
    places = sum(len(_unknown(unit, address, batch)) for batch in staging.places(staged))
    if places:
        news.append(f"{places} sightings that are not known here")
    return _told(Fate.MERGED if news else Fate.KNOWN, staged, "; ".join(news))


def _write(unit: Unit, staging: Staging, staged: Staged, address: Address | None, import_id: str) -> Told:
    told = _compare(unit, staging, staged, address)
    if told.fate is Fate.KNOWN:
        return told
    row = address or _new(unit, staged)
    unit.session.add(
        ImportedAddress(
            import_id=import_id,
            address_id=row.id,
            is_new=address is None,
            given=staged.given,
            first_seen_at=staged.first_seen_at,
            last_seen_at=staged.last_seen_at,
            facts=staged.facts,
        )
    )
    if row.sighting_count == 0:  # nothing of ours to go by
        row.first_seen_at = min(filter(None, [row.first_seen_at, staged.first_seen_at]))
        row.last_seen_at = max(filter(None, [row.last_seen_at, staged.last_seen_at]))
        row.photographed_at = min(unit.clock.now(), row.last_seen_at)
    for batch in staging.places(staged):
        for place in _unknown(unit, row, batch):
            unit.session.add(
                ImportedSighting(
                    import_id=import_id,
                    address_id=row.id,
                    external_id=place.external_id,
                    seen_at=place.seen_at,
                    lat=place.lat,
                    lon=place.lon,
                )
            )
        unit.session.flush()
    return told


def _new(unit: Unit, staged: Staged) -> Address:
    """The address, made if nobody was faster."""
    now = unit.clock.now()
    found = parse_code(staged.value, "QRCode", NOWHERE) if staged.kind == "domain" else ()
    facts = found[0].facts if found else {}
    made = Address(
        kind=staged.kind,
        value=staged.value,
        status=AddressStatus.NEW,
        status_at=now,
        photographed_at=min(now, staged.last_seen_at or staged.first_seen_at or now),
        first_seen_at=staged.first_seen_at or staged.last_seen_at or now,
        last_seen_at=staged.last_seen_at or staged.first_seen_at or now,
        sighting_count=0,
        photo_count=0,
        best_confidence=0.0,
        created_at=now,
        registrable=facts.get("registrable"),
        punycode=facts.get("punycode"),
    )
    return put_on(unit, made)


def _news(unit: Unit, address: Address, staged: Staged) -> list[str]:
    """What a file says of a known address that neither we nor an earlier file do."""
    claimed = select(func.min(ImportedAddress.first_seen_at), func.max(ImportedAddress.last_seen_at))
    first, last = unit.session.execute(claimed.where(ImportedAddress.address_id == address.id)).one()
    news = []
    if staged.first_seen_at and staged.first_seen_at < min(filter(None, [first, address.first_seen_at])):
        news.append("it was seen earlier")
    if staged.last_seen_at and staged.last_seen_at > max(filter(None, [last, address.last_seen_at])):
        news.append("it was seen later")
    return news


def _unknown(unit: Unit, address: Address, places: list[Place]) -> list[Place]:
    """Those of the places that are neither sightings of ours nor told by an earlier file."""
    names = [place.external_id for place in places]
    ours = select(Sighting.id).where(Sighting.id.in_(names), Sighting.address_id == address.id)
    told = select(ImportedSighting.external_id).where(
        ImportedSighting.address_id == address.id, ImportedSighting.external_id.in_(names)
    )
    known = {*unit.session.scalars(ours), *unit.session.scalars(told)}
    return [place for place in places if place.external_id not in known]


def _told(fate: Fate, staged: Staged, reason: str = "") -> Told:
    return Told(fate, staged.where, staged.kind, staged.value, reason)

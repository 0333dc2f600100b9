"""How findings become sightings, and sightings sum up to addresses.

Writers of the watchlist take turns (`turn.py`): a new report and a reading of the same photo cannot miss each other,
sums are added to safely, and two photos with the same addresses in another order cannot wait for each other. What the
sums mean for an address's status is decided in `api.lifecycle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.connections.owed import owe_hand
from api.inscriptions.history import seen_again
from api.inscriptions.walls import wall_of
from api.lifecycle.service import reopen, settle
from api.near.aliases import kept
from api.near.index import enter
from api.near.news import tell_of
from api.readings.repository import identity
from api.telling.news import tell_new
from api.unit import Unit
from api.watchlist.queue import rank_waiting
from api.watchlist.turn import take_turn
from models import Address, AddressStatus, Finding, Report, ReportPhoto, Review, Sighting, SightingState
from models.cells import cell_of


def sight(
    unit: Unit, finding: Finding, *, kind: str, value: str, state: SightingState, is_undone: bool = False
) -> list[Sighting]:
    """One sighting of (kind, value) for every report that carries the finding's photo, however many readers read it so.

    Again changes nothing but the state; with another address the sightings move there. The address is made when it is
    new. What a person confirmed has confidence 1; how sure the reader was stays on the finding. A new photo opens a
    blocked address again. `is_undone`: a person's decision is taken back; settled sightings become what `state` says.
    """
    take_turn(unit.session)
    carried_by = select(ReportPhoto).where(ReportPhoto.photo_sha256 == finding.photo_sha256)
    carried = unit.session.scalars(carried_by.order_by(ReportPhoto.report_id, ReportPhoto.position)).all()
    return _sight(unit, finding, carried, (kind, value), state, is_undone=is_undone)


def unsight(unit: Unit, finding: Finding) -> None:
    """Mark every sighting of this finding rejected; the addresses' sums follow."""
    take_turn(unit.session)
    sightings = _sightings(unit.session, finding)
    for sighting in sightings:
        sighting.state = SightingState.REJECTED
    recount(unit, {sighting.address_id for sighting in sightings})
    seen_again(unit, sightings)


def sight_report(unit: Unit, carried: ReportPhoto) -> list[Sighting]:
    """The sightings of a new report on a photo that was read before: what its readings and people made of it.

    None when the photo has not been read. Call it for every photo of a report once all of them are in the session.
    """
    take_turn(unit.session)
    sightings = []
    for finding in findings_that_count(unit.session, carried.photo_sha256):
        kind, value = identity(finding)
        decided = finding.review in (Review.CONFIRMED, Review.CORRECTED)
        state = SightingState.CONFIRMED if decided else SightingState.UNREVIEWED
        sightings += _sight(unit, finding, [carried], (kind, value), state)
    return sightings


def findings_that_count(session: Session, photo_sha256: str) -> list[Finding]:
    """Findings of a photo that belong on the watchlist: listed by themselves or settled by a person."""
    return list(
        session.scalars(
            select(Finding)
            .where(Finding.photo_sha256 == photo_sha256, Finding.review != Review.REJECTED)
            .where(Finding.is_listed | Finding.review.in_([Review.CONFIRMED, Review.CORRECTED]))
            .order_by(Finding.created_at, Finding.position)
        )
    )


def recount(unit: Unit, addresses: Iterable[str]) -> None:
    """Sum the sightings that are not rejected up again, and let the status follow."""
    unit.session.flush()
    for address_id in sorted(addresses):
        address = unit.session.get_one(Address, address_id)
        sum_up(unit.session, address)
        settle(unit, address, is_confirmed=_has_confirmed(unit.session, address))
    unit.session.flush()


def sum_up(session: Session, address: Address) -> None:
    """Sum up what an address's sightings that are not rejected say; its status stays."""
    counts = Sighting.address_id == address.id, Sighting.state != SightingState.REJECTED
    first, last, count, photos, best = session.execute(
        select(
            func.min(Sighting.seen_at),
            func.max(Sighting.seen_at),
            func.count(),
            func.count(Sighting.photo_sha256.distinct()),
            func.max(Sighting.confidence),
        ).where(*counts)
    ).one()
    address.sighting_count, address.photo_count, address.best_confidence = count, photos, best or 0.0
    if count:
        by_photo = select(func.min(Sighting.seen_at).label("first")).where(*counts).group_by(Sighting.photo_sha256)
        address.first_seen_at, address.last_seen_at = first, last
        address.photographed_at = session.scalars(select(func.max(by_photo.subquery().c.first))).one()


def _has_confirmed(session: Session, address: Address) -> bool:
    found = select(Sighting.id).where(Sighting.address_id == address.id, Sighting.state == SightingState.CONFIRMED)
    return session.scalar(found.limit(1)) is not None


def _sight(
    unit: Unit,
    finding: Finding,
    carried: Sequence[ReportPhoto],
    meant: tuple[str, str],
    state: SightingState,
    *,
    is_undone: bool = False,
) -> list[Sighting]:
    address = _address(unit, finding, *meant)
    known = {sighting.report_id: sighting for sighting in _sightings(unit.session, finding)}
    touched: set[str] = set()
    begun: list[Sighting] = []
    for photo in carried:
        if photo.report_id in known:
            sighting = known[photo.report_id]
            counted = sighting.address_id == address.id and sighting.state != SightingState.REJECTED
            touched |= _restate(sighting, address, state, finding.confidence if is_undone else None)
            begun += [] if counted else [sighting]
        else:
            known[photo.report_id] = _new(unit, finding, address, photo, state)
            begun.append(known[photo.report_id])
            _add(unit, address, known[photo.report_id])
    recount(unit, touched)
    for sighting in begun:
        reopen(unit, address, sighting)
    tell_new(unit, address, begun)
    tell_of(unit, address, begun)
    seen_again(unit, begun)
    return [known[report_id] for report_id in dict.fromkeys(photo.report_id for photo in carried)]


def _sightings(session: Session, finding: Finding) -> Sequence[Sighting]:
    """The sightings of a finding, its own last: those too that another reading of the photo made of the same words.

    A photo that is read again by a newer reader shows an address once, not once for each reader.
    """
    same = (
        (Finding.kind == finding.kind) & (Finding.value == finding.value) & (Finding.reading_id != finding.reading_id)
    )
    asked = select(Sighting).join(Finding, Finding.id == Sighting.finding_id)
    asked = asked.where(Finding.photo_sha256 == finding.photo_sha256, same | (Finding.id == finding.id))
    return session.scalars(asked.order_by(Finding.id == finding.id, Sighting.id)).all()


def _address(unit: Unit, finding: Finding, kind: str, value: str) -> Address:
    """The address as it is now, made if need be; the one that it is shown as, if it is merged."""
    wanted = select(Address).where(Address.kind == kind, Address.value == value)
    wanted = wanted.execution_options(populate_existing=True)  # what was loaded before our turn may be out of date
    known = unit.session.scalar(wanted)
    if known is not None:
        return kept(unit.session, known)
    now = unit.clock.now()
    facts = finding.facts if (kind, value) == (finding.kind, finding.value) else {}
    address = Address(
        kind=kind,
        value=value,
        status=AddressStatus.NEW,
        status_at=now,
        photographed_at=now,
        first_seen_at=now,
        last_seen_at=now,
        sighting_count=0,
        photo_count=0,
        best_confidence=0.0,
        created_at=now,
        registrable=facts.get("registrable"),
        punycode=facts.get("punycode"),
    )
    return put_on(unit, address)


def put_on(unit: Unit, address: Address) -> Address:
    """Put a new address on the list, or answer the one that was faster: insert, catch, read the winner."""
    try:
        with unit.session.begin_nested():
            unit.session.add(address)
    except IntegrityError:
        won = select(Address).where(Address.kind == address.kind, Address.value == address.value)
        return unit.session.scalars(won.execution_options(populate_existing=True)).one()
    rank_waiting(unit.session, address)
    enter(unit, address)
    return address


def _restate(sighting: Sighting, address: Address, state: SightingState, undone: float | None) -> set[str]:
    """Give a sighting its address and state; the ids of the addresses whose sums that changes.

    `undone` is the reader's confidence when what a person settled is taken back, and None otherwise.
    """
    before = sighting.address_id, sighting.state
    sighting.address_id = address.id
    # Read once more, a sighting that a person settled stays settled.
    if undone is not None or state != SightingState.UNREVIEWED or sighting.state == SightingState.REJECTED:
        sighting.state = state
    if sighting.state == SightingState.CONFIRMED:
        sighting.confidence = 1.0
    elif undone is not None:
        sighting.confidence = undone
    return {before[0], address.id} if before != (sighting.address_id, sighting.state) else set()


def _new(unit: Unit, finding: Finding, address: Address, carried: ReportPhoto, state: SightingState) -> Sighting:
    report = unit.session.get_one(Report, carried.report_id)
    sighting = Sighting(
        address_id=address.id,
        inscription_id=wall_of(unit, carried.photo_sha256, report).id,
        report_id=report.id,
        photo_sha256=carried.photo_sha256,
        finding_id=finding.id,
        lat=report.lat,
        lon=report.lon,
        cell=cell_of(report.lat, report.lon),
        seen_at=report.seen_at,
        confidence=1.0 if state == SightingState.CONFIRMED else finding.confidence,
        state=state,
    )
    unit.session.add(sighting)
    unit.session.flush()
    owe_hand(unit.session, finding.id)
    return sighting


def _add(unit: Unit, address: Address, sighting: Sighting) -> None:
    """Add one new sighting to the sums: the most-seen addresses have too many to sum up again each time."""
    same_photo = select(func.min(Sighting.seen_at)).where(
        Sighting.photo_sha256 == sighting.photo_sha256,
        Sighting.address_id == address.id,
        Sighting.state != SightingState.REJECTED,
        Sighting.id != sighting.id,
    )
    is_first = address.sighting_count == 0
    seen_before = unit.session.scalar(same_photo)
    if seen_before is not None and sighting.seen_at < seen_before:
        sum_up(unit.session, address)  # the photo turns out older, and may have been the newest
    else:
        address.sighting_count += 1
        address.first_seen_at = sighting.seen_at if is_first else min(address.first_seen_at, sighting.seen_at)
        address.last_seen_at = sighting.seen_at if is_first else max(address.last_seen_at, sighting.seen_at)
        address.best_confidence = max(address.best_confidence, sighting.confidence)
        if seen_before is None:
            address.photo_count += 1
            newest = sighting.seen_at if is_first else max(address.photographed_at, sighting.seen_at)
            address.photographed_at = newest
    if is_first or sighting.state == SightingState.CONFIRMED:
        settle(unit, address, is_confirmed=sighting.state == SightingState.CONFIRMED)
    unit.session.flush()

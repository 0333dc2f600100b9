"""Steps of an address's life-cycle: by people, with a reason, and by what sightings say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from api.audit.service import record
from api.errors import NotFound, Problem
from api.intake.text import clean_line, clean_note
from api.lifecycle.states import BY_SIGHTINGS, may_follow, next_of
from api.near.aliases import must_stand_alone
from api.notices.service import notify
from api.unit import Unit
from api.watchlist.queue import rank_waiting
from api.watchlist.turn import take_turn
from models import Address, AddressStatus, AddressStep, ImportedAddress, Report, Sighting, SightingState

CLOCKS_DIFFER = timedelta(minutes=10)
REAPPEARED = "address.reappeared"
WITHDRAWN = "address.reappearance_withdrawn"


class AddressChanged(Problem):
    """Somebody, or a new sighting, changed the address meanwhile."""

    status = 409

    def __init__(self, *, version: int, now: str) -> None:
        super().__init__("This address has changed since you loaded it: look again before you change it.")
        self.version, self.address_status = version, now


class StepRefused(Problem):
    """A step that may not follow where the address stands."""

    status = 409

    def __init__(self, before: str, after: str) -> None:
        allowed = next_of(before)
        super().__init__(f"From {before} there is no step to {after}: the next may be {', '.join(allowed)}.")
        self.address_status, self.wanted, self.allowed = before, after, allowed


class StepIncomplete(Problem):
    """A request to block, without what it needs."""

    status = 422

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"A step to sent says to whom, when and under which reference: {', '.join(missing)} missing.")
        self.missing = missing


class SendingOnly(Problem):
    """To whom, when and under which reference, at a step that sends nothing."""

    status = 422

    def __init__(self) -> None:
        super().__init__("recipient, sent_at and reference belong to a step to sent: put anything else in the reason.")


class ReasonEmpty(Problem):
    """A reason of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Say why: the reason holds nothing that can be read.")


class SentInTheFuture(Problem):
    """A request that will be sent some day."""

    status = 422

    def __init__(self) -> None:
        super().__init__("sent_at lies in the future: make the step when the request is on its way.")


@dataclass(frozen=True, slots=True)
class Sending:
    """A request to block: to whom, when, and under which number it can be asked for."""

    recipient: str | None = None
    sent_at: datetime | None = None
    reference: str | None = None


def step(
    unit: Unit, address_id: str, *, version: int, to: AddressStatus, reason: str, sending: Sending | None = None
) -> Address:
    """The address after a person's step, which is written down with who, when and why.

    Raises:
        NotFound, AddressChanged, StepRefused, StepIncomplete, SendingOnly, SentInTheFuture, ReasonEmpty: each as its
            name says; nothing was changed.
    """
    address = changing(unit, address_id, version=version)
    before = address.status
    if not may_follow(before, to):
        raise StepRefused(before, to)
    sent = _checked(sending or Sending(), to=to, now=unit.clock.now())
    why = clean_note(reason)
    if not why:
        raise ReasonEmpty
    address.is_decided = True
    _turn(unit, address, to, why, sending=sent)
    record(
        unit,
        "address.step",
        address.id,
        before=before,
        after=str(to),
        reason=why,
        recipient=sent.recipient,
        sent_at=sent.sent_at.isoformat() if sent.sent_at else None,
        reference=sent.reference,
    )
    return address


def changing(unit: Unit, address_id: str, *, version: int) -> Address:
    """The address, locked, if it is still the one that was seen. NotFound, AddressChanged, AddressMerged."""
    take_turn(unit.session)
    address = unit.session.get(Address, address_id, with_for_update=True, populate_existing=True)
    if address is None:
        raise NotFound("address")
    if address.version != version:
        raise AddressChanged(version=address.version, now=address.status)
    must_stand_alone(unit.session, address_id)
    return address


def settle(unit: Unit, address: Address, *, is_confirmed: bool) -> None:
    """Give an address the status that its sightings say, unless people have taken that over. Call it in your turn.

    `is_confirmed`: a person has confirmed one of its sightings that count.
    """
    if address.status == AddressStatus.REAPPEARED:
        _withdraw(unit, address)
    if address.is_decided:
        return
    if address.sighting_count == 0 and _was_told(unit, address):
        _turn_by_sightings(unit, address, AddressStatus.NEW, "a file from elsewhere named it")
    elif address.sighting_count == 0:
        _turn_by_sightings(unit, address, AddressStatus.REJECTED, "none of its sightings counts")
    elif is_confirmed:
        _turn_by_sightings(unit, address, AddressStatus.CONFIRMED, "a person confirmed a sighting")
    else:
        _turn_by_sightings(unit, address, AddressStatus.NEW, "a sighting waits for a person")


def _was_told(unit: Unit, address: Address) -> bool:
    """Whether a file from elsewhere put it on the list: then it stays, whatever became of our own readings of it."""
    told = select(ImportedAddress.import_id).where(ImportedAddress.address_id == address.id, ImportedAddress.is_new)
    return unit.session.scalar(told.limit(1)) is not None


def reopen(unit: Unit, address: Address, sighting: Sighting) -> None:
    """Open a blocked address again because of a sighting that begins to count, and say so at once.

    What was received before it was blocked is no return, and neither is a photo that was there already. A photo
    received later opens it even when its camera says that it is older: cameras are wrong, and a person can tell.
    """
    if address.status != AddressStatus.BLOCKED:
        return
    blocked_at = _blocked_at(unit, address)
    report = unit.session.get_one(Report, sighting.report_id)
    if report.received_at < blocked_at or _was_known(unit, sighting, blocked_at):
        return
    is_older = sighting.seen_at < blocked_at
    why = "seen again on a new photo" + (
        f"; the photo says {sighting.seen_at:%Y-%m-%d %H:%M} UTC, before it was blocked: check" if is_older else ""
    )
    _turn_by_sightings(unit, address, AddressStatus.REAPPEARED, why, sighting=sighting)
    notify(
        unit,
        REAPPEARED,
        address,
        sighting_id=sighting.id,
        report=sighting.report_id,
        photo=sighting.photo_sha256,
        seen_at=sighting.seen_at.isoformat(),
        blocked_at=blocked_at.isoformat(),
        is_older_than_the_block=is_older,
    )


def _withdraw(unit: Unit, address: Address) -> None:
    """Close an address again when the sighting that opened it no longer counts, and no other does in its place."""
    last = _last_step(unit, address, AddressStatus.REAPPEARED)
    if last is None or not last.is_automatic or last.sighting_id is None:
        return
    blocked_at = _blocked_at(unit, address)
    later = (
        select(Sighting)
        .join(Report, Report.id == Sighting.report_id)
        .where(Sighting.address_id == address.id, Sighting.state != SightingState.REJECTED)
        .where(Report.received_at >= blocked_at)
    )
    if any(not _was_known(unit, sighting, blocked_at) for sighting in unit.session.scalars(later)):
        return
    _turn_by_sightings(unit, address, AddressStatus.BLOCKED, "the sighting that opened it again no longer counts")
    notify(unit, WITHDRAWN, address, sighting_id=last.sighting_id)


def _was_known(unit: Unit, sighting: Sighting, blocked_at: datetime) -> bool:
    """Whether the sighting's photo had shown the address before it was blocked."""
    before = (
        select(Sighting.id)
        .join(Report, Report.id == Sighting.report_id)
        .where(Sighting.photo_sha256 == sighting.photo_sha256, Sighting.address_id == sighting.address_id)
        .where(Sighting.state != SightingState.REJECTED, Sighting.id != sighting.id, Report.received_at < blocked_at)
    )
    return unit.session.scalar(before.limit(1)) is not None


def _blocked_at(unit: Unit, address: Address) -> datetime:
    """When a person last said that it is blocked."""
    asked = select(func.max(AddressStep.at)).where(
        AddressStep.address_id == address.id,
        AddressStep.to_status == AddressStatus.BLOCKED,
        AddressStep.is_automatic.is_(False),
    )
    return unit.session.scalar(asked) or address.status_at


def _last_step(unit: Unit, address: Address, to: AddressStatus) -> AddressStep | None:
    asked = select(AddressStep).where(AddressStep.address_id == address.id, AddressStep.to_status == to)
    return unit.session.scalar(asked.order_by(AddressStep.number.desc()).limit(1))


def _turn_by_sightings(
    unit: Unit, address: Address, to: AddressStatus, reason: str, *, sighting: Sighting | None = None
) -> None:
    if address.status == to:
        return
    if to not in BY_SIGHTINGS[AddressStatus(address.status)]:
        raise AssertionError(f"sightings never lead from {address.status} to {to}")
    _turn(unit, address, to, reason, sighting=sighting, is_automatic=True)


def _turn(
    unit: Unit,
    address: Address,
    to: AddressStatus,
    reason: str,
    *,
    sighting: Sighting | None = None,
    sending: Sending | None = None,
    is_automatic: bool = False,
) -> None:
    """Set the status and write the step down; the numbers of steps cannot meet, because writers take turns."""
    unit.session.flush()
    steps = select(func.max(AddressStep.number)).where(AddressStep.address_id == address.id)
    sent = sending or Sending()
    now = unit.clock.now()
    unit.session.add(
        AddressStep(
            address_id=address.id,
            number=(unit.session.scalar(steps) or 0) + 1,
            at=now,
            made_by=unit.actor.account_id,
            is_automatic=is_automatic,
            from_status=address.status,
            to_status=to,
            reason=reason,
            recipient=sent.recipient,
            sent_at=sent.sent_at,
            reference=sent.reference,
            sighting_id=sighting.id if sighting else None,
        )
    )
    address.status, address.status_at = to, now
    address.version += 1
    unit.session.flush()
    rank_waiting(unit.session, address)


def _checked(sending: Sending, *, to: AddressStatus, now: datetime) -> Sending:
    """What is kept of a request to block; nothing for other steps. StepIncomplete, SendingOnly, SentInTheFuture."""
    recipient, reference = clean_line(sending.recipient or ""), clean_line(sending.reference or "")
    given = {"recipient": recipient, "sent_at": sending.sent_at, "reference": reference}
    if to != AddressStatus.SENT:
        if any(given.values()):
            raise SendingOnly
        return Sending()
    if missing := [name for name, value in given.items() if not value]:
        raise StepIncomplete(missing)
    if sending.sent_at and sending.sent_at > now + CLOCKS_DIFFER:
        raise SentInTheFuture
    return Sending(recipient, sending.sent_at, reference)

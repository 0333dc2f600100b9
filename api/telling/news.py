"""What other rooms call when something happened that somebody may want to hear of: it becomes a notice.

A notice of these kinds is written only where somebody subscribed to it: a new address is an everyday thing, and each
notice is an entry of the audit log. It is written in the transaction of its cause.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select

from api.notices.service import notify
from api.telling.kinds import NEAR, NEW
from api.telling.regions import contains, is_seen_elsewhere_in, may_contain, region_of
from api.unit import Unit
from models import Address, AddressStatus, Notice, Sighting, Subscription, Watch

MOST_REGIONS = 50  # beyond that the notice is written unasked: the matching asks again


def tell_new(unit: Unit, address: Address, begun: Sequence[Sighting]) -> None:
    """Say that an address is new, here or in a region that somebody asked about. Call it in your turn.

    Args:
        unit: the transaction that found it.
        address: the address, with its sums up to date.
        begun: those of its sightings that begin to count now, and did not before.
    """
    if not begun or address.status in (AddressStatus.BENIGN, AddressStatus.REJECTED):
        return
    is_first = address.sighting_count == len(begun)
    for number, sighting in enumerate(begun):
        later = [other.id for other in begun[number:]]
        is_new_at_all = is_first and number == 0
        if _is_news(unit, address, sighting, later, is_new_at_all=is_new_at_all):
            notify(
                unit,
                NEW,
                address,
                sighting_id=sighting.id,
                report=sighting.report_id,
                photo=sighting.photo_sha256,
                seen_at=sighting.seen_at.isoformat(),
                is_new_everywhere=is_new_at_all,
            )


def _is_news(unit: Unit, address: Address, sighting: Sighting, later: list[str], *, is_new_at_all: bool) -> bool:
    asked = select(Subscription).where(
        may_contain(NEW, sighting.lat, sighting.lon),
        or_(Subscription.kind.is_(None), Subscription.kind == address.kind),
    )
    rows = unit.session.scalars(asked.limit(MOST_REGIONS + 1)).all()
    if is_new_at_all or len(rows) > MOST_REGIONS:
        return bool(rows)
    regions = {region for row in rows if (region := region_of(row)) and contains(region, sighting.lat, sighting.lon)}
    return any(not is_seen_elsewhere_in(unit.session, address.id, region, than=later) for region in regions)


def tell_near(
    unit: Unit, address: Address, matches: Iterable[tuple[Address, float]], *, sighting_id: str | None = None
) -> None:
    """Say that an address resembles others, to those who watch them. Call it in your turn; again says nothing more.

    Args:
        unit: the transaction that found it.
        address: the one that came up.
        matches: addresses that it resembles, with how much, from 0 to 1.
        sighting_id: where it was seen, if that is how it came up.
    """
    near = {other.id: (other, likeness) for other, likeness in matches if other.id != address.id}
    watched = select(Watch.address_id).where(Watch.address_id.in_(near)).distinct()
    said = select(Notice).where(Notice.address_id == address.id, Notice.kind == NEAR)
    known = {notice.facts.get("near_id") for notice in unit.session.scalars(said)}
    for other_id in sorted({*unit.session.scalars(watched)} - known):
        other, likeness = near[other_id]
        notify(
            unit,
            NEAR,
            address,
            sighting_id=sighting_id,
            near_id=other.id,
            near_kind=other.kind,
            near_value=other.value,
            likeness=round(likeness, 4),
        )

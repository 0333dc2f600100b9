"""Telling of addresses that came up near others, to those who watch these."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from api.near.aliases import group_of, merges_of, separated_from
from api.near.index import SUGGESTED, near
from api.telling.news import tell_near
from api.unit import Unit
from models import Address, AddressStatus, Sighting, Watch


def tell_of(unit: Unit, address: Address, begun: Sequence[Sighting]) -> None:
    """Say what an address resembles that is seen for the first time, or that is back. Call it in your turn.

    Addresses that only a file named are not told of until somebody sees them. Whoever watches a merged address or the
    one that it is shown as hears of either's likeness; what people declared separate is not told.

    Args:
        unit: the transaction that found it.
        address: the address, with its sums up to date, and one that is not merged.
        begun: those of its sightings that begin to count now, and did not before.
    """
    is_news = address.sighting_count == len(begun) or address.status == AddressStatus.REAPPEARED
    if not begun or not is_news or address.status in (AddressStatus.BENIGN, AddressStatus.REJECTED):
        return
    if unit.session.scalar(select(Watch.address_id).limit(1)) is None:
        return
    found = near(unit.session.connection(), address.kind, address.value)
    scores = {other_id: how.score for other_id, how in found if how.score >= SUGGESTED}
    for made in merges_of(unit.session, list(scores)):
        scores[made.kept_id] = max(scores.get(made.kept_id, 0.0), scores.get(made.alias_id, 0.0))
    ours = group_of(unit.session, address.id)
    apart = {each for pair in separated_from(unit.session, ours) for each in (pair.one_id, pair.other_id)}
    rows = unit.session.scalars(select(Address).where(Address.id.in_(scores.keys() - apart - set(ours)))).all()
    tell_near(unit, address, [(row, scores[row.id]) for row in rows], sighting_id=begun[0].id)

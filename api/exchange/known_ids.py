"""STIX ids of addresses, kept where an index finds them: an id is a digest and says nothing of its address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Engine, event, exists, insert, select
from sqlalchemy.orm import Session

from api.exchange.ids import observable_id, stix_id
from api.exchange.observables import named
from models import Address, StixId

AT_ONCE = 400
FILLED_AT_ONCE = 2000


def note_ids(session: Session) -> None:
    """From now on write the ids of each new address whenever the session flushes: its kind and value never change."""

    @event.listens_for(session, "after_flush")
    def _note(session: Session, _context: Any) -> None:
        made = [row for row in session.new if isinstance(row, Address)]
        if rows := [row for each in made for row in _rows(each.id, each.kind, each.value, each.punycode)]:
            session.connection().execute(insert(StixId), rows)


def fill_ids(engine: Engine) -> int:
    """Write the ids of addresses that came past `note_ids` (an older version, rows copied in); how many those were."""
    count = 0
    known = exists().where(StixId.address_id == Address.id)
    columns = select(Address.id, Address.kind, Address.value, Address.punycode)
    while True:
        with engine.begin() as connection:
            found = connection.execute(columns.where(~known).limit(FILLED_AT_ONCE)).all()
            if not found:
                return count
            connection.execute(insert(StixId), [row for each in found for row in _rows(*each)])
            count += len(found)


def addresses_of(session: Session, object_ids: Iterable[str]) -> Iterator[str]:
    """The addresses that objects with these ids are made of, as far as there are any."""
    wanted = sorted(object_ids)
    for at in range(0, len(wanted), AT_ONCE):
        yield from session.scalars(
            select(StixId.address_id).where(StixId.object_id.in_(wanted[at : at + AT_ONCE])).distinct()
        )


def _rows(address_id: str, kind: str, value: str, punycode: str | None) -> list[dict[str, str]]:
    names = (
        observable_id(*named(kind, value, punycode)),
        stix_id("indicator", address_id),
        stix_id("sighting", address_id),
    )
    return [{"object_id": name, "address_id": address_id} for name in names]

"""What a message, a feed or an inbox says of a notice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from api.telling.matching import WIDTH
from api.telling.words import Language, headline, word
from api.unit import Unit
from models import Address, Matched, Notice, Sighting, Subscription
from vision.addresses import defang

OURS = frozenset({"kind", "value", "near_kind", "near_value"})


@dataclass(frozen=True, slots=True)
class Item:
    """A notice as it is told; `lat` and `lon` are of the sighting, if there is one."""

    seq: int
    at: datetime
    kind: str
    address_id: str
    address_kind: str
    value: str
    tlp: str
    lat: float | None
    lon: float | None
    sighting_id: str | None
    facts: dict[str, Any]

    @property
    def defanged(self) -> str:
        """The address so that no program makes a link of it."""
        return defang(self.address_kind, self.value)

    @property
    def near(self) -> str | None:
        """The watched address that it resembles, defanged."""
        value = self.facts.get("near_value")
        return defang(str(self.facts["near_kind"]), str(value)) if value else None

    def title(self, language: Language) -> str:
        """What happened, and to which address."""
        return f"{headline(self.kind, language)}: {self.defanged}"

    def as_json(self) -> dict[str, Any]:
        """For programs; the same every time that it is sent, but for the TLP."""
        return {
            "seq": self.seq,
            "at": self.at.isoformat().replace("+00:00", "Z"),
            "kind": self.kind,
            "address": {
                "id": self.address_id,
                "kind": self.address_kind,
                "value": self.value,
                "defanged": self.defanged,
                "tlp": self.tlp,
            },
            "near": self.near,
            "sighting_id": self.sighting_id,
            "place": None if self.lat is None else {"lat": self.lat, "lon": self.lon},
            "facts": {name: value for name, value in self.facts.items() if name not in OURS},
        }


def items_of(unit: Unit, row: Subscription, *, message_id: str | None, limit: int) -> list[Item]:
    """What a subscription was matched with, the oldest first in a message, or else the newest first.

    What has meanwhile got a stricter TLP than the subscription may have is left out.
    """
    allowed = [tlp for tlp, width in WIDTH.items() if width <= WIDTH[row.tlp]]
    query = _wanted().join(Matched, Matched.seq == Notice.seq)
    query = query.where(Matched.subscription_id == row.id, Address.tlp.in_(allowed))
    if message_id is not None:
        query = query.where(Matched.message_id == message_id).order_by(Matched.seq)
    else:
        query = query.order_by(Matched.seq.desc())
    return _items(unit.session.execute(query.limit(limit)).all())


def items_by_seq(unit: Unit, seqs: Iterable[int]) -> dict[int, Item]:
    """Notices by their numbers."""
    found = unit.session.execute(_wanted().where(Notice.seq.in_(list(seqs)))).all()
    return {item.seq: item for item in _items(found)}


def _wanted() -> Select[Notice, Address, Sighting]:
    return (
        select(Notice, Address, Sighting)
        .join(Address, Address.id == Notice.address_id)
        .outerjoin(Sighting, Sighting.id == Notice.sighting_id)
    )


def _items(rows: Sequence[Row[Notice, Address, Sighting]]) -> list[Item]:
    return [
        Item(
            seq=notice.seq,
            at=notice.at,
            kind=notice.kind,
            address_id=address.id,
            address_kind=address.kind,
            value=address.value,
            tlp=address.tlp,
            lat=sighting.lat if sighting else None,
            lon=sighting.lon if sighting else None,
            sighting_id=notice.sighting_id,
            facts=notice.facts,
        )
        for notice, address, sighting in rows
    ]


def lines_of(item: Item, language: Language) -> list[tuple[str, str]]:
    """Label and text of each thing that a mail says of a notice."""
    place = f"{item.lat:.5f}, {item.lon:.5f}" if item.lat is not None and item.lon is not None else None
    said = [
        ("address", item.defanged),
        ("near_to", item.near),
        ("at", f"{item.at:%Y-%m-%d %H:%M} UTC"),
        ("place", place),
        ("tlp", f"TLP:{item.tlp.upper()}"),
        ("number", str(item.seq)),
    ]
    return [(word(name, language), text) for name, text in said if text]

"""The watchlist as a TAXII 2.1 collection: what changed since somebody last asked, as STIX objects.

An address is its observable, its indicator and, once it was seen, one sighting that sums up all of them, without
places. All three are added again whenever the address changes. TLP:RED stays here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, tuple_

from api.exchange import stix
from api.exchange.ids import stable, stix_id
from api.exchange.known_ids import addresses_of
from api.exchange.rows import Entry, entry_of
from api.instants import written
from api.lifecycle.desk import tags_of
from api.settings import Settings
from api.unit import Unit
from api.watchlist.cursors import CursorRefused
from models import Address

ROOT = "/taxii2/watchlist/"
COLLECTION = stable("collection", "watchlist")
ALIAS = "watchlist"
STIX_MEDIA = "application/stix+json;version=2.1"
MOST = 1000
SETTLES = timedelta(seconds=5)
"""A change is told this much later: a transaction that began before it may still be under way."""
START = written(stix.MADE)
VERSIONS = frozenset({"first", "last", "all"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a client asks for; None leaves it open. `versions` are words or timestamps: one version of each is kept."""

    added_after: datetime | None = None
    ids: frozenset[str] | None = None
    types: frozenset[str] | None = None
    versions: frozenset[str] | None = None
    spec_versions: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: after this part of this address."""

    changed_at: datetime
    address_id: str
    part: int


@dataclass(frozen=True, slots=True)
class Item:
    """An object of the collection, and when it was added."""

    added_at: datetime
    made: stix.Object
    mark: Mark

    @property
    def version(self) -> str:
        """When this version of the object was made."""
        return str(self.made.get("modified") or self.made.get("created") or stix.exact(self.added_at))

    @property
    def manifest(self) -> dict[str, str]:
        """The object as the manifest lists it."""
        return {
            "id": self.made["id"],
            "date_added": stix.exact(self.added_at),
            "version": self.version,
            "media_type": STIX_MEDIA,
        }


def collection() -> dict[str, Any]:
    """What the collection is."""
    return {
        "id": COLLECTION,
        "alias": ALIAS,
        "title": "Addresses painted on walls",
        "description": "Observables, indicators and summed sightings of the watchlist; TLP:RED is left out.",
        "can_read": True,
        "can_write": False,
        "media_types": [STIX_MEDIA],
    }


def page(
    unit: Unit, settings: Settings, asked: Asked, *, cursor: str | None, limit: int
) -> tuple[list[Item], str | None]:
    """Objects in the order in which they were added, and the cursor of the rest, None at the end. CursorRefused."""
    after = _decoded(cursor, asked) if cursor else None
    found: list[Item] = []
    for item in _items(unit, settings, asked, after):
        if len(found) == limit:
            return found, _encoded(found[-1].mark, asked)
        found.append(item)
    return found, None


def _items(unit: Unit, settings: Settings, asked: Asked, after: Mark | None) -> Iterator[Item]:
    is_new_here = asked.added_after is None or asked.added_after < START
    if is_new_here and (after is None or not after.address_id):
        for part, made in enumerate([stix.producer(settings.exchange.producer), *stix.markings()]):
            item = Item(START, made, Mark(START, "", part))
            if (after is None or part > after.part) and _is_asked(item, asked):
                yield item
    among = list(addresses_of(unit.session, asked.ids)) if asked.ids is not None else None
    for entry in _changed(unit, settings, asked, after, among):
        for part, made in enumerate(_parts(entry, stix_id("identity", settings.exchange.producer))):
            item = Item(entry.changed_at, made, Mark(entry.changed_at, entry.id, part))
            is_told = after is not None and after.address_id == entry.id and part <= after.part
            if not is_told and _is_asked(item, asked):
                yield item


def _parts(entry: Entry, made_by: str) -> list[stix.Object]:
    parts = [stix.observable(entry), stix.indicator(entry, made_by)]
    return [*parts, stix.summed_sighting(entry, made_by)] if entry.sightings else parts


def _changed(
    unit: Unit, settings: Settings, asked: Asked, after: Mark | None, among: list[str] | None
) -> Iterator[Entry]:
    """Addresses in the order of their last change, from where the last page ended."""
    mark = tuple_(Address.changed_at, Address.id)
    query = select(Address).where(Address.changed_at <= unit.clock.now() - SETTLES)
    if asked.added_after is not None:
        query = query.where(Address.changed_at > asked.added_after)
    if among is not None:
        query = query.where(Address.id.in_(among))
    query = query.order_by(Address.changed_at, Address.id).limit(MOST)
    start = query.where(mark >= tuple_(after.changed_at, after.address_id)) if after and after.address_id else query
    while True:
        rows = unit.session.scalars(start).all()
        tags = tags_of(unit.session, [row.id for row in rows])
        for row in rows:
            entry = entry_of(row, least=settings.exchange.tlp, tags=tags.get(row.id, ()))
            if entry.tlp != "red":
                yield entry
        if len(rows) < MOST:
            return
        start = query.where(mark > tuple_(rows[-1].changed_at, rows[-1].id))


def _is_asked(item: Item, asked: Asked) -> bool:
    return (
        (asked.ids is None or item.made["id"] in asked.ids)
        and (asked.types is None or item.made["type"] in asked.types)
        and (asked.spec_versions is None or "2.1" in asked.spec_versions)
        and (asked.versions is None or bool(asked.versions & (VERSIONS | {item.version})))
    )


def _encoded(mark: Mark, asked: Asked) -> str:
    shown = [_fingerprint(asked), mark.changed_at.isoformat(), mark.address_id, mark.part]
    return base64.urlsafe_b64encode(json.dumps(shown).encode()).decode().rstrip("=")


def _decoded(cursor: str, asked: Asked) -> Mark:
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        fingerprint, changed_at, address_id, part = json.loads(raw)
        mark = Mark(written(changed_at), address_id, part)
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise CursorRefused from error
    if fingerprint != _fingerprint(asked) or not isinstance(part, int) or not isinstance(address_id, str):
        raise CursorRefused
    if len(address_id) > 32 or not (address_id == "" or address_id.isalnum()):
        raise CursorRefused
    return mark


def _fingerprint(asked: Asked) -> str:
    told = [str(asked.added_after), *(sorted(each or ()) for each in (asked.ids, asked.types, asked.versions))]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]

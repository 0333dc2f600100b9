"""What exporters see of the watchlist: plain values, read page by page.

Each page is a transaction of its own: on SQLite a reader that stays open would keep every writer waiting, and a hundred
thousand rows take the memory of one page. Exporters know these values and not the tables, so what the tables learn to
say (a status, a TLP, tags) is passed on by `entry_of` alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from api.lifecycle.desk import tags_of
from api.near.aliases import merges_of
from api.services import Services
from api.unit import Actor
from api.watchlist.filters import Filters
from api.watchlist.repository import page, seen
from models import Address, AddressMerge, Relation, Tlp
from vision.addresses import defang

PAGE = 500
SEEN_PAGE = 2000
STRICTNESS = tuple(Tlp)
"""Of TLP 2.0, the widest first."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """Another address of the same shop, merged into an entry; what is only a misreading is told to nobody."""

    id: str
    kind: str
    value: str
    defanged: str
    punycode: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An address as every format tells it; `created_at` and `changed_at` are of the row, not of the wall.

    `mirrors` are merged into it. `merged_as` says what a merged address is, where such are told of at all.
    """

    id: str
    kind: str
    value: str
    defanged: str
    status: str
    tlp: str
    tags: tuple[str, ...]
    first_seen_at: datetime
    last_seen_at: datetime
    sightings: int
    photos: int
    best_confidence: float
    registrable: str | None
    punycode: str | None
    created_at: datetime
    changed_at: datetime
    mirrors: tuple[Mirror, ...] = ()
    merged_as: str | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting of an entry: a place, a time, a photo, what was read on it and how (`source`: "ocr", "QRCode", …)."""

    entry: Entry
    id: str
    lat: float
    lon: float
    accuracy_m: float | None
    seen_at: datetime
    received_at: datetime
    confidence: float
    state: str
    photo: str
    inscription_id: str
    report_id: str
    text: str
    source: str


def strictest(names: Iterable[str]) -> str:
    """The TLP that may be passed on the least far of these."""
    return str(max((Tlp(name) for name in names), key=STRICTNESS.index))


def entry_of(row: Address, *, least: str, tags: Sequence[str], merges: Iterable[AddressMerge] = ()) -> Entry:
    """The row as exporters see it, with its tags and the merges that it takes part in.

    Nothing goes out with a TLP that is wider than `least`.
    """
    return Entry(
        id=row.id,
        kind=row.kind,
        value=row.value,
        defanged=defang(row.kind, row.value),
        status=str(row.status),
        tlp=strictest((row.tlp, least)),
        tags=tuple(sorted(tags)),
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        sightings=row.sighting_count,
        photos=row.photo_count,
        best_confidence=row.best_confidence,
        registrable=row.registrable,
        punycode=row.punycode,
        created_at=row.created_at,
        changed_at=row.changed_at or row.created_at,
        mirrors=tuple(
            Mirror(each.alias_id, each.kind, each.value, defang(each.kind, each.value), each.alias.punycode)
            for each in merges
            if each.kept_id == row.id and each.relation == Relation.MIRROR
        ),
        merged_as=next((each.relation for each in merges if each.alias_id == row.id), None),
    )


def entries(services: Services, filters: Filters, actor: Actor) -> Iterator[Entry]:
    """The addresses of a filtered list, in its order."""
    for shown in pages(services, filters, actor):
        yield from shown


def pages(services: Services, filters: Filters, actor: Actor) -> Iterator[list[Entry]]:
    """The same, a page at once."""
    cursor: str | None = None
    least = services.settings.exchange.tlp
    while True:
        with services.reading_unit(actor) as unit:
            found, cursor = page(unit, filters, cursor=cursor, limit=PAGE)
            tags = tags_of(unit.session, [row.id for row in found])
            merges = merges_of(unit.session, [row.id for row in found])
            shown = [entry_of(row, least=least, tags=tags.get(row.id, ()), merges=merges) for row in found]
        yield shown
        if cursor is None:
            return


def sightings(services: Services, filters: Filters, actor: Actor, shown: Sequence[Entry]) -> Iterator[Seen]:
    """The sightings of these addresses that the filters' region and period leave, address by address, oldest first."""
    by_id = {entry.id: entry for entry in shown}
    waiting, after = sorted(by_id), None
    while waiting:
        with services.reading_unit(actor) as unit:
            # One with more than a page is read to its end alone: its index knows where to go on.
            rows = seen(unit, waiting if after is None else waiting[:1], filters, after=after, limit=SEEN_PAGE)
        for row in rows:
            yield Seen(entry=by_id[row.address_id], **{name: getattr(row, name) for name in _COLUMNS})
        if len(rows) == SEEN_PAGE:
            waiting = [each for each in waiting if each >= rows[-1].address_id]
            after = (rows[-1].seen_at, rows[-1].id)
        else:
            waiting = [] if after is None else waiting[1:]
            after = None


_COLUMNS = tuple(name for name in Seen.__dataclass_fields__ if name != "entry")

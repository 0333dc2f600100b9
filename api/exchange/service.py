"""The watchlist as files: streamed page by page, the same bytes over HTTP and from the command line.

Every format is a function from pages of plain values (`api.exchange.rows`) to pieces of bytes, in constant memory.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from typing import Any

from api.exchange import misp, stix
from api.exchange.ids import stix_id
from api.exchange.rows import Entry, Seen, entries, pages, sightings, strictest
from api.exchange.tables import as_json, csv_pieces, xlsx_pieces
from api.services import Services
from api.unit import SYSTEM, Actor
from api.watchlist.decay import OURS
from api.watchlist.filters import Filters
from api.watchlist.repository import tlps


class Format(StrEnum):
    """What an export may be written as."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    GEOJSON = "geojson"
    STIX = "stix"
    MISP = "misp"
    TEXT = "text"


MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.JSON: "application/json",
    Format.GEOJSON: "application/geo+json",
    Format.STIX: "application/stix+json;version=2.1",
    Format.MISP: "application/json",
    Format.TEXT: "text/plain; charset=utf-8",
}
ENDINGS = {Format.STIX: "stix.json", Format.MISP: "misp.json", Format.TEXT: "txt"}


def file_name(form: Format) -> str:
    """What to call the file."""
    return f"watchlist.{ENDINGS.get(form, form)}"


def export(services: Services, form: Format, filters: Filters, *, actor: Actor = SYSTEM) -> Iterator[bytes]:
    """The bytes of a file: a filtered list in its order, with sightings where the format has places."""
    if form in TABLES:
        return TABLES[form](entries(services, filters, actor))
    return {Format.GEOJSON: _geojson, Format.STIX: _bundle, Format.MISP: _event}[form](services, filters, actor)


def _json(rows: Iterator[Entry]) -> Iterator[bytes]:
    """A JSON array, one canonical object on a line."""
    yield b"["
    yield from _joined(stix.line(as_json(row)) for row in rows)
    yield b"\n]\n"


def _text(rows: Iterator[Entry]) -> Iterator[bytes]:
    """One defanged address on a line, the mirrors of one behind it."""
    for row in rows:
        for defanged in (row.defanged, *(mirror.defanged for mirror in row.mirrors)):
            yield defanged.encode() + b"\n"


def _geojson(services: Services, filters: Filters, actor: Actor) -> Iterator[bytes]:
    """RFC 7946: a point for each sighting, and a feature without a place for an address that has no sighting."""
    yield b'{"type":"FeatureCollection","features":['
    yield from _joined(stix.line(feature) for feature in _features(services, filters, actor))
    yield b"\n]}\n"


def _features(services: Services, filters: Filters, actor: Actor) -> Iterator[dict[str, Any]]:
    for shown in pages(services, filters, actor):
        placed = set()
        for seen in sightings(services, filters, actor, shown):
            placed.add(seen.entry.id)
            yield _feature(seen)
        for entry in shown:
            if entry.id not in placed:
                address = {f"address_{name}" if name == "id" else name: each for name, each in as_json(entry).items()}
                yield {"type": "Feature", "id": entry.id, "geometry": None, "properties": address}


def _feature(seen: Seen) -> dict[str, Any]:
    entry = seen.entry
    return {
        "type": "Feature",
        "id": seen.id,
        "geometry": {"type": "Point", "coordinates": [seen.lon, seen.lat]},
        "properties": {
            "address_id": entry.id,
            "kind": entry.kind,
            "value": entry.value,
            "defanged": entry.defanged,
            "status": entry.status,
            "tlp": entry.tlp,
            "tags": list(entry.tags),
            "seen_at": stix.exact(seen.seen_at),
            "confidence": seen.confidence,
            "state": seen.state,
            "text": seen.text,
            "source": seen.source,
            "accuracy_m": seen.accuracy_m,
            "inscription": seen.inscription_id,
            "report": seen.report_id,
            "photo": seen.photo,
        },
    }


def _bundle(services: Services, filters: Filters, actor: Actor) -> Iterator[bytes]:
    """A STIX 2.1 bundle, one object on a line."""
    made_by = stix.producer(services.settings.exchange.producer)
    name = stix_id("bundle", f"{made_by['id']} {_fingerprint(filters)}")
    yield f'{{"type":"bundle","id":"{name}","objects":['.encode()
    yield from _joined(stix.line(each) for each in _objects(services, filters, actor, made_by))
    yield b"\n]}\n"


def _objects(services: Services, filters: Filters, actor: Actor, made_by: stix.Object) -> Iterator[stix.Object]:
    yield made_by
    yield from stix.markings()
    for shown in pages(services, filters, actor):
        for entry in shown:
            yield stix.observable(entry)
            yield stix.indicator(entry, made_by["id"])
            yield from stix.mirrors(entry, made_by["id"])
        for seen in sightings(services, filters, actor, shown):
            yield from stix.seen_objects(seen, made_by["id"])


def _event(services: Services, filters: Filters, actor: Actor) -> Iterator[bytes]:
    """A MISP event. Its attributes and its objects are two lists, so the watchlist is walked twice."""
    settings = services.settings.exchange
    with services.reading_unit(actor) as unit:
        tlp = strictest({settings.tlp, *tlps(unit, filters)})
    head = misp.head(settings.producer, _fingerprint(filters), tlp=tlp)
    yield b'{"Event":' + stix.line(head)[:-1] + b',"Attribute":['
    loose = (misp.attribute(entry) for entry in entries(services, filters, actor))
    yield from _joined(stix.line(each) for each in loose if each is not None)
    yield b'\n],"Object":['
    yield from _joined(stix.line(each) for each in _misp_objects(services, filters, actor))
    yield b"\n]}}\n"


def _misp_objects(services: Services, filters: Filters, actor: Actor) -> Iterator[dict[str, Any]]:
    for shown in pages(services, filters, actor):
        for entry in shown:
            made = misp.account(entry)
            if made is not None:
                yield made
        for seen in sightings(services, filters, actor, shown):
            yield from misp.seen_objects(seen)


def _fingerprint(filters: Filters) -> str:
    """Of what was asked, however fast an installation lets addresses decay."""
    return hashlib.sha256(repr(replace(filters, half_lives=OURS)).encode()).hexdigest()


def _joined(pieces: Iterable[bytes]) -> Iterator[bytes]:
    before = b"\n"
    for piece in pieces:
        yield before + piece
        before = b",\n"


TABLES = {Format.CSV: csv_pieces, Format.XLSX: xlsx_pieces, Format.JSON: _json, Format.TEXT: _text}
"""Formats of addresses alone."""

"""MISP events: attributes and the objects for accounts are claims, `geolocation` objects that refer to them places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any

from api.exchange.incoming.claims import Claim, Place, Refused, claim_of, moment, point
from api.exchange.incoming.objects import given_of, name_of
from api.exchange.incoming.things import Things
from api.exchange.incoming.walk import records
from vision.addresses import AddressInvalid

PATHS = (("Event", "Attribute", "[]"), ("Event", "Object", "[]"))
TYPES = {
    "domain": "domain", "hostname": "domain", "url": None, "uri": None, "link": None, "email": "email",
    "email-src": "email", "email-dst": "email", "phone-number": "phone", "onion-address": "onion",
}  # fmt: skip
RELATIONS = {
    ("telegram-account", "username"): "telegram",
    ("telegram-account", "phone"): "phone",
    ("telegram-bot", "username"): "telegram",
    ("decoded-qrcode", "decoded-value"): None,
}
OURS = re.compile(r"sighting ([0-9a-f]{32})\b")

Thing = dict[str, Any]


def read_misp(file: IO[bytes]) -> Iterator[Claim | Refused]:
    """The claims of an event, or of several in a `response`."""
    with closing(Things()) as things:
        for number, (path, thing) in enumerate(records(file, PATHS), start=1):
            where = f"{path[1].lower()} {number}"
            read = _attribute(where, thing) if path[1] == "Attribute" else _object(where, thing, things)
            for each in read:
                if isinstance(each, Claim):
                    things.keep(thing.get("uuid"), {"kind": each.kind, "value": each.value})
                yield each
        for where, thing in things.waiting():
            try:
                yield from _placed(where, thing, things)
            except AddressInvalid as error:
                yield Refused(where, "geolocation", str(error))


def _attribute(where: str, thing: Thing) -> Iterator[Claim | Refused]:
    kind = str(thing.get("type"))[:40]
    if kind not in TYPES:
        yield Refused(where, given_of(thing), f"An attribute of the type {kind!r} is no address of a kind known here.")
        return
    yield _claim(where, thing, TYPES[kind])


def _object(where: str, thing: Thing, things: Things) -> Iterator[Claim | Refused]:
    name = thing.get("name")
    if name == "geolocation":
        things.wait([where, thing])
        return
    for inner in _attributes(thing):
        relation = (str(name), str(inner.get("object_relation")))
        if relation in RELATIONS:
            seen = {"first_seen": thing.get("first_seen"), "last_seen": thing.get("last_seen")}
            made = _claim(where, seen | inner, RELATIONS[relation])
            # A code may hold anything: what is no address was still rightly decoded.
            if isinstance(made, Claim) or relation[0] != "decoded-qrcode":
                yield made


def _claim(where: str, thing: Thing, kind: str | None) -> Claim | Refused:
    tags = [str(tag.get("name")) for tag in thing.get("Tag") or () if isinstance(tag, dict)]
    cells: Thing = {
        "kind": kind,
        "value": thing.get("value"),
        "first_seen_at": thing.get("first_seen"),
        "last_seen_at": thing.get("last_seen"),
        "tags": [tag for tag in tags if not tag.startswith(("tlp:", "wallwatch:"))],
    }
    for tag in tags:
        if tag.startswith("tlp:"):
            cells["tlp"] = tag[4:]
        elif tag.startswith("wallwatch:status="):
            cells["status"] = tag.partition("=")[2].strip('"')
    if kind == "domain" and str(thing.get("value")).endswith(".onion"):
        cells["kind"] = "onion"
    try:
        return claim_of(where, cells)
    except AddressInvalid as error:
        return Refused(where, given_of(thing), str(error))


def _placed(where: str, thing: Thing, things: Things) -> Iterator[Claim]:
    told = {str(each.get("object_relation")): each.get("value") for each in _attributes(thing)}
    refs = [ref.get("referenced_uuid") for ref in thing.get("ObjectReference") or () if isinstance(ref, dict)]
    for seen in things.all(refs):
        lat, lon = point(_number(told.get("longitude")), _number(told.get("latitude")))
        first = moment(told.get("first-seen"), "first-seen")
        ours = OURS.search(str(told.get("text") or ""))
        name = ours[1] if ours else name_of(thing.get("uuid"), told)
        yield claim_of(where, seen, places=(Place(name, first, lat, lon),))


def _attributes(thing: Thing) -> list[Thing]:
    inner = thing.get("Attribute")
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def _number(value: object) -> float | None:
    try:
        return float(str(value)[:40])
    except ValueError:
        return None

"""STIX 2.1 bundles: observables and simple indicators are claims, sightings are places."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import IO, Any

from api.exchange.incoming.claims import Claim, Place, Refused, claim_of, moment, point
from api.exchange.incoming.objects import name_of
from api.exchange.incoming.things import Things
from api.exchange.incoming.walk import records
from api.exchange.observables import ACCOUNTS
from api.exchange.stix import TLP_MARKINGS
from vision.addresses import AddressInvalid

OBJECTS = (("objects", "[]"),)
OURS = "wallwatch:sighting"
KINDS = {account: str(kind) for kind, account in ACCOUNTS.items()}
TLP = {marking: name for name, marking in TLP_MARKINGS.items()}
COMPARISON = re.compile(r"\s*(?P<path>[a-z-]+:[a-z_]+)\s*=\s*'(?P<value>(?:[^'\\]|\\.)*)'\s*")

Thing = dict[str, Any]


def read_stix(file: IO[bytes]) -> Iterator[Claim | Refused]:
    """The claims of a bundle; objects that hold no address are passed over."""
    with closing(Things()) as things:
        for number, (_, thing) in enumerate(records(file, OBJECTS), start=1):
            where = f"object {number}"
            try:
                yield from _claims(where, thing, things)
            except AddressInvalid as error:
                yield Refused(where, _given(thing), str(error))
        for where, thing in things.waiting():
            try:
                yield from _sighted(where, thing, things)
            except AddressInvalid as error:
                yield Refused(where, _given(thing), str(error))


def _claims(where: str, thing: Thing, things: Things) -> Iterator[Claim]:
    match thing.get("type"):
        case "user-account" | "domain-name" | "url" | "email-addr":
            cells = _observable(str(thing["type"]), thing)
        case "indicator":
            cells = _indicated(thing)
        case "location":
            lat, lon = point(thing.get("longitude"), thing.get("latitude"))
            things.keep(thing.get("id"), [lat, lon])
            return
        case "observed-data":
            kept = {name: thing.get(name) for name in ("object_refs", "first_observed")}
            things.keep(thing.get("id"), kept)
            return
        case "sighting":
            things.wait([where, thing])
            return
        case _:
            return
    claim = claim_of(where, cells | {"tlp": _tlp(thing)})
    things.keep(thing.get("id"), {"kind": claim.kind, "value": claim.value})
    yield claim


def _observable(kind: str, told: Thing) -> Thing:
    """Kind and value of an observable's properties."""
    if kind == "user-account":
        account = told.get("account_type")
        if account not in KINDS:
            raise AddressInvalid(f"An account of the type {str(account)[:40]!r} is no address of a kind known here.")
        return {"kind": KINDS[str(account)], "value": told.get("account_login") or told.get("user_id")}
    value = told.get("value")
    known = {"email-addr": "email", "domain-name": "domain", "url": None}[kind]
    if kind == "domain-name" and str(value).endswith(".onion"):
        known = "onion"
    return {"kind": known, "value": value}


def _indicated(thing: Thing) -> Thing:
    """Kind and value of an indicator whose pattern is one observable's properties and nothing else."""
    pattern = thing.get("pattern")
    parts = str(pattern)[:2000].strip()
    if thing.get("pattern_type", "stix") != "stix" or not (parts.startswith("[") and parts.endswith("]")):
        raise AddressInvalid("Its pattern is not a simple comparison in STIX.")
    told: dict[str, str] = {}
    rest, kinds = parts[1:-1], set()
    while found := COMPARISON.match(rest):
        kind, _, name = found["path"].partition(":")
        kinds.add(kind)
        told[name] = re.sub(r"\\(.)", r"\1", found["value"])
        rest = rest[found.end() :]
        if not rest.startswith("AND "):
            break
        rest = rest[4:]
    if rest or len(kinds) != 1 or not kinds <= {"user-account", "domain-name", "url", "email-addr"}:
        raise AddressInvalid("Its pattern is not a simple comparison of one address.")
    labels = [each for each in thing.get("labels") or () if isinstance(each, str)]
    facts: Thing = {"tags": [each for each in labels if not each.startswith("wallwatch:")]}
    for label in labels:
        if label.startswith("wallwatch:status="):
            facts["status"] = label.partition("=")[2]
    return _observable(kinds.pop(), told) | facts | {"first_seen_at": thing.get("valid_from")}


def _sighted(where: str, thing: Thing, things: Things) -> Iterator[Claim]:
    """What a sighting says of the address it is of, once everything that it refers to is known."""
    seen = things.get(thing.get("sighting_of_ref"))
    for observed in things.all(thing.get("observed_data_refs")):
        if seen is None and isinstance(observed, dict):
            seen = next((each for each in things.all(observed.get("object_refs")) if "kind" in each), None)
    if not isinstance(seen, dict) or "kind" not in seen:
        return  # of something that is no address
    first, last = thing.get("first_seen"), thing.get("last_seen")
    spot = next((each for each in things.all(thing.get("where_sighted_refs")) if isinstance(each, list)), None)
    cells = {**seen, "first_seen_at": first, "last_seen_at": last}
    places: tuple[Place, ...] = ()
    if spot is not None:
        places = (Place(_name(thing), moment(first, "first_seen"), *spot),)
    yield claim_of(where, cells, places=places)


def _name(thing: Thing) -> str:
    for each in thing.get("external_references") or ():
        if isinstance(each, dict) and each.get("source_name") == OURS:
            return name_of(each.get("external_id"), thing)
    return name_of(thing.get("id"), thing)


def _tlp(thing: Thing) -> str | None:
    return next((TLP[ref] for ref in thing.get("object_marking_refs") or () if ref in TLP), None)


def _given(thing: Thing) -> str:
    told = thing.get("pattern") or thing.get("value") or thing.get("account_login") or thing.get("id") or ""
    return str(told)[:200]

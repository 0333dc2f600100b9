"""The watchlist in STIX 2.1 objects. What each is made of, and what is lost: docs/exchange.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from api.exchange.ids import observable_id, stix_id
from api.exchange.observables import named
from api.exchange.rows import Entry, Seen
from api.watchlist.repository import OFF_THE_LIST

Object = dict[str, Any]

MADE = "2026-01-01T00:00:00.000Z"
"""Of objects that never change: whoever made them."""

TLP_EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
TLP_MARKINGS = {
    "clear": "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
    "green": "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
    "amber": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
    "amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
    "red": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
}
"""OASIS's own objects for TLP 2.0, by their published ids."""


def producer(name: str) -> Object:
    """Who made the export."""
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": stix_id("identity", name),
        "created": MADE,
        "modified": MADE,
        "name": name,
        "identity_class": "system",
    }


def markings() -> Iterator[Object]:
    """The five marking definitions of TLP 2.0."""
    for name, marking in TLP_MARKINGS.items():
        yield {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": marking,
            "created": "2022-10-01T00:00:00.000Z",
            "name": f"TLP:{name.upper()}",
            "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": name}},
        }


def _named(entry: Entry) -> tuple[str, dict[str, str]]:
    return named(entry.kind, entry.value, entry.punycode)


def observable(entry: Entry) -> Object:
    """What was painted, as a cyber observable: the same id wherever in the world it is seen."""
    kind, named = _named(entry)
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": observable_id(kind, named),
        **named,
        "object_marking_refs": [TLP_MARKINGS[entry.tlp]],
    }


def pattern(entry: Entry) -> str:
    """The STIX pattern that this address matches, and nothing else."""
    kind, named = _named(entry)
    parts = (f"{kind}:{name} = '{_quoted(value)}'" for name, value in sorted(named.items()))
    return f"[{' AND '.join(parts)}]"


def indicator(entry: Entry, made_by: str) -> Object:
    """The address as something to look out for; revoked once nobody should."""
    made: Object = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": stix_id("indicator", entry.id),
        "created_by_ref": made_by,
        "created": stamp(entry.created_at),
        "modified": stamp(max(entry.created_at, entry.changed_at)),
        "name": entry.defanged,
        "indicator_types": ["benign" if entry.status == "benign" else "malicious-activity"],
        "pattern": pattern(entry),
        "pattern_type": "stix",
        "pattern_version": "2.1",
        "valid_from": exact(entry.first_seen_at),
        "labels": [f"wallwatch:kind={entry.kind}", f"wallwatch:status={entry.status}", *entry.tags],
        "object_marking_refs": [TLP_MARKINGS[entry.tlp]],
    }
    if entry.status in OFF_THE_LIST:
        made["revoked"] = True
    if entry.best_confidence:
        made["confidence"] = round(100 * entry.best_confidence)
    return made


def summed_sighting(entry: Entry, made_by: str) -> Object:
    """All sightings of an address in one: how often, from when to when. Without places."""
    return {
        "type": "sighting",
        "spec_version": "2.1",
        "id": stix_id("sighting", entry.id),
        "created_by_ref": made_by,
        "created": stamp(entry.created_at),
        "modified": stamp(max(entry.created_at, entry.changed_at)),
        "first_seen": exact(entry.first_seen_at),
        "last_seen": exact(entry.last_seen_at),
        "count": min(entry.sightings, 999_999_999),
        "sighting_of_ref": stix_id("indicator", entry.id),
        "summary": True,
        "object_marking_refs": [TLP_MARKINGS[entry.tlp]],
    }


def seen_objects(seen: Seen, made_by: str) -> Iterator[Object]:
    """Where and when an address was seen: the place, what was observed, and that it is a sighting of the indicator."""
    entry, moment = seen.entry, exact(seen.seen_at)
    kind, named = _named(entry)
    common = {
        "spec_version": "2.1",
        "created_by_ref": made_by,
        "created": stamp(seen.received_at),
        "modified": stamp(max(seen.received_at, entry.changed_at)),
        "object_marking_refs": [TLP_MARKINGS[entry.tlp]],
    }
    place, observed = stix_id("location", seen.id), stix_id("observed-data", seen.id)
    where: Object = {"type": "location", "id": place, **common, "latitude": seen.lat, "longitude": seen.lon}
    if seen.accuracy_m is not None:
        where["precision"] = seen.accuracy_m
    yield where
    yield {
        "type": "observed-data",
        "id": observed,
        **common,
        "first_observed": moment,
        "last_observed": moment,
        "number_observed": 1,
        "object_refs": [observable_id(kind, named)],
    }
    yield {
        "type": "sighting",
        "id": stix_id("sighting", seen.id),
        **common,
        "first_seen": moment,
        "last_seen": moment,
        "count": 1,
        "confidence": round(100 * seen.confidence),
        "description": seen.text,
        "labels": [f"wallwatch:state={seen.state}", f"wallwatch:source={seen.source}"],
        "sighting_of_ref": stix_id("indicator", entry.id),
        "observed_data_refs": [observed],
        "where_sighted_refs": [place],
        "external_references": [
            {"source_name": "wallwatch:sighting", "external_id": seen.id},
            {"source_name": "wallwatch:inscription", "external_id": seen.inscription_id},
            {"source_name": "wallwatch:photo", "external_id": seen.photo},
        ],
    }


def stamp(moment: datetime) -> str:
    """Of `created` and `modified`, which have milliseconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def exact(moment: datetime) -> str:
    """Of what happened, to the microsecond where there is one."""
    return re.sub(r"\.?0*$", "", moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")) + "Z"


def line(made: Mapping[str, Any]) -> bytes:
    """One object on one line, always spelled the same."""
    return json.dumps(made, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")

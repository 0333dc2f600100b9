"""The watchlist as a MISP event. What goes into which object and attribute: docs/exchange.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from api.exchange.ids import stable
from api.exchange.observables import url_of
from api.exchange.rows import Entry, Seen
from api.exchange.stix import exact
from api.watchlist.repository import OFF_THE_LIST
from vision.types import Kind

Made = dict[str, Any]

PAGES = {Kind.INSTAGRAM: "https://instagram.com/", Kind.VK: "https://vk.com/"}
EVENT_DATE = "2026-01-01"  # of the list as such: an event that is sent again is the same event


class Template(NamedTuple):
    """A MISP object template: name, UUID and version as misp-objects publishes them."""

    name: str
    uuid: str
    version: int


ACCOUNT = Template("telegram-account", "06f02ecf-5afb-42c5-9cb0-b362e222f52c", 2)
BOT = Template("telegram-bot", "e2cb6c8f-45fa-429d-9cdb-05298ab21f46", 2)
IMAGE = Template("ocrized-image", "fc2abf07-1228-4a14-8633-f39030b0220c", 1)
CODE = Template("decoded-qrcode", "f87410c2-59f4-4d2f-bc0e-81deb3b93b25", 1)
PLACE = Template("geolocation", "cd6f2238-ba55-4888-82c4-104e6e1acf21", 8)


def head(producer: str, fingerprint: str, *, tlp: str) -> Made:
    """The event without its lists; `tlp` is the strictest of what is in them."""
    return {
        "uuid": stable("event", f"{producer} {fingerprint}"),
        "info": f"{producer}: addresses painted on walls",
        "date": EVENT_DATE,
        "threat_level_id": "2",
        "analysis": "1",
        "distribution": "0",
        "published": False,
        "Orgc": {"name": producer, "uuid": stable("organisation", producer)},
        "Tag": [_tlp(tlp)],
    }


def is_account(entry: Entry) -> bool:
    """Whether the address has an object of its own; every other is one attribute."""
    return entry.kind == Kind.TELEGRAM


def attribute(entry: Entry) -> Made | None:
    """The address as an attribute of the event; None for one that is an object."""
    if is_account(entry):
        return None
    kind, category, value = _typed(entry)
    return {
        "uuid": stable("attribute", entry.id),
        "type": kind,
        "category": category,
        "value": value,
        "to_ids": entry.status not in OFF_THE_LIST,
        "timestamp": _seconds(entry.changed_at),
        "first_seen": exact(entry.first_seen_at),
        "last_seen": exact(entry.last_seen_at),
        "comment": f"{entry.kind} {entry.value}",
        "Tag": _tags(entry),
    }


def account(entry: Entry) -> Made | None:
    """The address as an object of the event; None for one that is an attribute."""
    if not is_account(entry):
        return None
    template = BOT if entry.value.endswith("bot") else ACCOUNT
    made = _object(template, entry.id, _seconds(entry.changed_at), {"username": ("text", entry.value)})
    made["first_seen"], made["last_seen"] = exact(entry.first_seen_at), exact(entry.last_seen_at)
    made["Attribute"][0] |= {"to_ids": entry.status not in OFF_THE_LIST, "Tag": _tags(entry)}
    return made


def seen_objects(seen: Seen) -> tuple[Made, Made]:
    """Where an address was seen, and what was read there; both refer to the address."""
    entry, moment = seen.entry, exact(seen.seen_at)
    at = _seconds(seen.received_at)
    place: dict[str, tuple[str, object]] = {
        "latitude": ("float", seen.lat),
        "longitude": ("float", seen.lon),
        "first-seen": ("datetime", moment),
        "last-seen": ("datetime", moment),
        "text": ("text", f"sighting {seen.id}, {seen.state}"),
    }
    if seen.accuracy_m is not None:
        place["accuracy-radius"] = ("float", seen.accuracy_m)
    picture = f"{seen.photo}.jpg"
    if seen.source == "ocr":
        read = _object(
            IMAGE, seen.id, at, {"image": ("attachment", picture), "ocr-text": ("text", seen.text or entry.value)}
        )
    else:
        read = _object(
            CODE,
            seen.id,
            at,
            {"qr-image": ("attachment", picture), "decoded-value": ("text", seen.text or entry.value)},
        )
    where = _object(PLACE, seen.id, at, place)
    for made, how in ((where, "related-to"), (read, "mentions")):
        made["ObjectReference"] = [_reference(made, entry, how)]
    return where, read


def _typed(entry: Entry) -> tuple[str, str, str]:
    """Type, category and value of an attribute."""
    if url := url_of(entry.kind, entry.value):
        return "url", "Network activity", url
    match entry.kind:
        case Kind.INSTAGRAM | Kind.VK:
            return "url", "Network activity", PAGES[Kind(entry.kind)] + entry.value
        case Kind.PHONE:
            return "phone-number", "Person", entry.value
        case Kind.EMAIL:
            return "email", "Social network", entry.value
        case Kind.ONION:
            return "onion-address", "Network activity", entry.value
    return "domain", "Network activity", entry.punycode or entry.value


def _object(template: Template, key: str, at: str, values: Mapping[str, tuple[str, object]]) -> Made:
    return {
        "name": template.name,
        "meta-category": "misc",
        "template_uuid": template.uuid,
        "template_version": str(template.version),
        "uuid": stable(template.name, key),
        "timestamp": at,
        "Attribute": [
            {
                "uuid": stable(f"{template.name} {relation}", key),
                "object_relation": relation,
                "type": kind,
                "category": "External analysis" if kind == "attachment" else "Other",
                "value": str(value),
                "to_ids": False,
                "disable_correlation": template in (PLACE, IMAGE, CODE),
                "timestamp": at,
            }
            for relation, (kind, value) in values.items()
        ],
    }


def _reference(made: Made, entry: Entry, how: str) -> Made:
    if is_account(entry):
        template = BOT if entry.value.endswith("bot") else ACCOUNT
        target = stable(template.name, entry.id)
    else:
        target = stable("attribute", entry.id)
    return {
        "uuid": stable("reference", made["uuid"]),
        "object_uuid": made["uuid"],
        "referenced_uuid": target,
        "relationship_type": how,
    }


def _tags(entry: Entry) -> list[Made]:
    names = [f'wallwatch:status="{entry.status}"', *entry.tags]
    return [_tlp(entry.tlp), *({"name": name} for name in names)]


def _tlp(name: str) -> Made:
    return {"name": f"tlp:{name}"}


def _seconds(moment: datetime) -> str:
    return str(int(moment.astimezone(UTC).timestamp()))

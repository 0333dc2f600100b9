"""What a file from elsewhere claims, before anybody believes it; and the refusal of files that cannot be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.errors import Problem
from api.instants import written
from vision.addresses import AddressInvalid, canonical, parse_code
from vision.types import Box, Kind

LONGEST = 2000  # characters of an address as a file has it; the rules refuse sooner
NOWHERE: Box = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
FACTS = ("status", "tlp", "tags")
"""What else a file may say of an address: kept beside it as the file's word, never taken over."""


class ImportRefused(Problem):
    """A file that cannot be read as what it should be; nothing of it is taken in."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__(f"Nothing was imported: {reason}.")


class ImportTooLarge(Problem):
    """A file over the limit."""

    status = 413

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(
            f"A file to import may have at most {limit_bytes / 2**20:.3g} MiB: send it in parts, or raise"
            " WALLWATCH_EXCHANGE__IMPORT_BYTES."
        )
        self.limit_bytes = limit_bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A sighting that somebody else claims; `external_id` is the file's own name for it."""

    external_id: str
    seen_at: datetime | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """An address that a file names, by the rules of addresses; `where` is its row or object, `given` its spelling."""

    where: str
    kind: Kind
    value: str
    given: str
    first_seen_at: datetime | None = None
    last_seen_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry of a file that is not taken in, and why."""

    where: str
    given: str
    reason: str


def refang(text: str) -> str:
    """An address without what was put into it so that no program makes a link of it."""
    plain = re.sub(r"\[(\.|dot)\]|\((\.|dot)\)|\{\.\}", ".", text.strip(), flags=re.IGNORECASE)
    plain = re.sub(r"\[(@|at)\]", "@", plain, flags=re.IGNORECASE).replace("[:]", ":").replace("[/]", "/")
    return re.sub(r"^(?i:hxxp)", "http", plain)


def address_of(kind: str | None, text: str) -> tuple[Kind, str]:
    """Kind and canonical value of what a file says; without a kind the text itself must show it.

    Raises:
        AddressInvalid: it is none, and the message says why.
    """
    if len(text) > LONGEST:
        raise AddressInvalid(f"An address has at most {LONGEST} characters.")
    typed = refang(text)
    if kind:
        try:
            known = Kind(kind.strip().lower())
        except ValueError:
            raise AddressInvalid(f"There is no kind “{kind[:40]}”: there are {', '.join(Kind)}.") from None
        return known, canonical(known, typed)
    found = parse_code(typed, "QRCode", NOWHERE)
    if len(found) != 1:
        raise AddressInvalid("Nothing says what this is: write @name, a link, a host or a number, or give its kind.")
    return found[0].kind, found[0].value


def claim_of(where: str, cells: Mapping[str, Any], *, kind: str | None = None, places: tuple[Place, ...] = ()) -> Claim:
    """The claim in a row or an object with our columns. AddressInvalid says what is wrong with it."""
    given = _text(cells, "value")
    if not given:
        raise AddressInvalid("It names no address.")
    known, value = address_of(_text(cells, "kind") or kind, given)
    return Claim(
        where=where,
        kind=known,
        value=value,
        given=given,
        first_seen_at=moment(cells.get("first_seen_at"), "first_seen_at"),
        last_seen_at=moment(cells.get("last_seen_at"), "last_seen_at"),
        facts={name: fact for name in FACTS if (fact := _fact(cells.get(name)))},
        places=places,
    )


def moment(text: object, name: str) -> datetime | None:
    """The instant that a file writes, None for nothing; AddressInvalid when it is not one with its zone."""
    if text is None or text == "":
        return None
    try:
        return written(str(text).strip()[:64])
    except ValueError:
        raise AddressInvalid(f"{name} is not a time with its zone, such as 2026-05-04T12:00:00+05:00.") from None


def point(lon: object, lat: object) -> tuple[float, float]:
    """(latitude, longitude) of numbers that are a place on the earth; AddressInvalid."""
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        raise AddressInvalid("Its place has no latitude and longitude.")
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise AddressInvalid("Its place is not on the earth.")
    return float(lat), float(lon)


def _text(cells: Mapping[str, Any], name: str) -> str:
    value = cells.get(name)
    return value.strip() if isinstance(value, str) else ""


def _fact(value: object) -> str | list[str] | None:
    if isinstance(value, str):
        return value.strip()[:200]
    if isinstance(value, list):
        return [str(each)[:100] for each in value[:50] if isinstance(each, str)]
    return None

"""Series: the same name with another number, ending or suffix (`qz_tuman_77`, `qz_tuman_78_bot`, `qz-tuman.biz`).

The stem of a name is what is left at its front when numbers, endings and the usual suffixes are taken off its back.
Two addresses with one stem are of one series, whatever their kinds. A stem begins the value, so a series is a few
ranges of the index of values and needs no table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import literal, select, union_all

from api.connections.graph.edges import Edge, Found, Look
from models import Address
from vision.types import Kind

SUFFIXES = frozenset({
    "bot", "bots", "shop", "store", "market", "official", "original", "new", "old", "info", "chat", "channel", "group",
    "work", "job", "support", "help", "real", "top", "vip", "kz", "ru", "rf", "kaz", "rus", "backup", "reserve",
    "zapas", "news", "online",
})  # fmt: skip
SEPARATORS = "_-."
SHORTEST = 5
"""Letters that a stem has at least: `shop24` and `shop77` have nothing to do with each other."""

NAMES = frozenset({Kind.TELEGRAM, Kind.INSTAGRAM, Kind.VK})
LAST_CHAR = "\U0010ffff"


def stem(kind: str, value: str) -> tuple[str, ...] | None:
    """The parts of the name that a series has in common; None for what has no name (numbers, invitations, onions)."""
    if kind == Kind.DOMAIN:
        value, _, path = value.partition("/")
        name = value.partition(".")[0]
        if path or name == "www":
            return None
    elif kind in NAMES:
        name = value
    else:
        return None
    parts = [part for part in re.split(f"[{re.escape(SEPARATORS)}]+", name.lower()) if part]
    while len(parts) > 1 and (parts[-1].isdigit() or parts[-1] in SUFFIXES):
        parts.pop()
    if parts and kind == Kind.TELEGRAM and parts[-1].endswith("bot"):
        parts[-1] = parts[-1].removesuffix("bot")
    if parts:
        parts[-1] = parts[-1].rstrip("0123456789")
    parts = [part for part in parts if part]
    letters = sum(character.isalpha() for part in parts for character in part)
    return tuple(parts) if letters >= SHORTEST else None


def in_one_series(look: Look, ids: Sequence[str]) -> Found:
    """Addresses with the stem of one of these."""
    asked = look.session.execute(select(Address.id, Address.kind, Address.value).where(Address.id.in_(ids)))
    stems = {row.id: found for row in asked if (found := stem(row.kind, row.value)) is not None}
    spellings = sorted({each.join(parts) for parts in stems.values() for each in _joins(parts)})
    if not spellings:
        return Found([])
    members: dict[tuple[str, ...], set[str]] = {}
    full: set[str] = set()
    for prefix, rows in _beginning_with(look, spellings).items():
        full |= {prefix} if len(rows) > look.bounds.of_stem else set()
        for value, kind, address_id in rows[: look.bounds.of_stem]:
            found = stem(kind, value)
            if found is not None:
                members.setdefault(found, set()).add(address_id)
    pairs = {
        (min(one, other), max(one, other), "_".join(parts))
        for one, parts in stems.items()
        for other in members.get(parts, ())
        if other != one
    }
    more = {one for one, parts in stems.items() if any(each.join(parts) in full for each in _joins(parts))}
    return Found([Edge("series", one, other, 1, {"stem": name}) for one, other, name in sorted(pairs)], more)


def _joins(parts: tuple[str, ...]) -> tuple[str, ...]:
    return ("",) if len(parts) == 1 else ("_", "-", ".", "")


def _beginning_with(look: Look, prefixes: Sequence[str]) -> dict[str, list[tuple[str, str, str]]]:
    """By prefix, (value, kind, id) of the first values with it in their order; one more than the bound if there are."""
    ranges = [
        select(
            select(literal(prefix).label("prefix"), Address.value, Address.kind, Address.id)
            .where(Address.value >= prefix, Address.value < prefix + LAST_CHAR)
            .order_by(Address.value, Address.kind)
            .limit(look.bounds.of_stem + 1)
            .subquery()
        )
        for prefix in prefixes
    ]
    found: dict[str, list[tuple[str, str, str]]] = {prefix: [] for prefix in prefixes}
    for prefix, value, kind, address_id in look.session.execute(union_all(*ranges)):
        found[prefix].append((value, kind, address_id))
    return {prefix: sorted(rows) for prefix, rows in found.items()}

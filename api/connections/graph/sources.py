"""Where edges come from, in the order in which they are asked. A new reason is a function and a line in SOURCES."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import select, union_all

from api.connections.graph.edges import Edge, Found, Look, Source, sharing
from api.connections.graph.series import in_one_series
from models import AddressMerge, AddressPair, CaseAddress, HandLink, Sighting, SightingState, Verdict


def seen_together(look: Look, ids: Sequence[str], *, by: str) -> Found:
    """Addresses seen on the walls, or in the photos, on which these were seen last."""
    column = {"wall": Sighting.inscription_id, "photo": Sighting.photo_sha256}[by]
    seen, truncated = look.newest(ids)
    of = {each: {getattr(sighting, by) for sighting in found} for each, found in seen.items()}
    places = sorted(set().union(*of.values()))
    asked = (
        select(column, Sighting.address_id)
        .where(column.in_(places), Sighting.state != SightingState.REJECTED)
        .distinct()
        .limit(look.bounds.rows)
    )
    members = look.session.execute(asked).all() if places else []
    return Found(
        sharing(by, of, members, most=look.bounds.fan_out),
        set(ids) if len(members) == look.bounds.rows else truncated,
    )


def in_one_case(look: Look, ids: Sequence[str]) -> Found:
    """Addresses in the cases of these."""
    mine = select(CaseAddress.address_id, CaseAddress.case_id).where(CaseAddress.address_id.in_(ids))
    mine = mine.order_by(CaseAddress.address_id, CaseAddress.case_id).limit(look.bounds.rows)
    of: dict[str, set[str]] = {}
    for address_id, case_id in look.session.execute(mine):
        of.setdefault(address_id, set()).add(case_id)
    cases = sorted(set().union(*of.values()))[: 2 * look.bounds.of_case]
    if not cases:
        return Found([])
    parts = [
        select(
            select(CaseAddress.case_id, CaseAddress.address_id)
            .where(CaseAddress.case_id == case_id)
            .order_by(CaseAddress.address_id)
            .limit(look.bounds.of_case + 1)
            .subquery()
        )
        for case_id in cases
    ]
    members = look.session.execute(union_all(*parts)).all()
    sizes = {case_id: sum(1 for each, _ in members if each == case_id) for case_id in cases}
    full = {case_id for case_id, size in sizes.items() if size > look.bounds.of_case}
    return Found(
        sharing("case", of, members, most=look.bounds.fan_out), {each for each, found in of.items() if found & full}
    )


def written_alike(look: Look, ids: Sequence[str], *, by: str) -> Found:
    """Addresses whose writing seems to be of the stencil or hand that wrote these last (`api.connections.hands`)."""
    seen, truncated = look.newest(ids)
    whose: dict[str, set[str]] = {}
    for address_id, found in seen.items():
        for sighting in found:
            whose.setdefault(sighting.finding, set()).add(address_id)
    asked = (
        select(HandLink.finding_id, HandLink.likeness, Sighting.address_id)
        .join(Sighting, Sighting.finding_id == HandLink.other_id)
        .where(HandLink.finding_id.in_(sorted(whose)), HandLink.alike == by)
        .where(Sighting.state != SightingState.REJECTED)
        .distinct()
        .limit(look.bounds.rows)
    )
    best: dict[tuple[str, str], float] = {}
    rows = look.session.execute(asked).all() if whose else []
    for finding_id, likeness, other in rows:
        for one in whose[finding_id]:
            if one != other:
                pair = min(one, other), max(one, other)
                best[pair] = max(best.get(pair, 0.0), likeness)
    edges = [Edge(by, one, other, round(likeness, 4)) for (one, other), likeness in sorted(best.items())]
    return Found(edges, set(ids) if len(rows) == look.bounds.rows else truncated)


def near_in_name(look: Look, ids: Sequence[str]) -> Found:
    """Addresses that likely are one shop by their values, and of which nobody said that they are not."""
    most = look.bounds.fan_out + 1
    parts: list[Any] = []
    for each in ids:
        for mine, other in ((AddressPair.one_id, AddressPair.other_id), (AddressPair.other_id, AddressPair.one_id)):
            pairs = select(mine.label("mine"), other.label("other"), AddressPair.likeness.label("likeness"))
            pairs = pairs.where(mine == each, AddressPair.verdict == Verdict.OPEN).limit(look.bounds.rows)
            likeliest = pairs.subquery()
            order = likeliest.c.likeness.desc(), likeliest.c.other
            parts.append(select(select(likeliest).order_by(*order).limit(most).subquery()))
    rows = look.session.execute(union_all(*parts)).all() if parts else []
    pairs_of = {(min(one, other), max(one, other)): round(likeness, 4) for one, other, likeness in rows}
    return Found([Edge("near", one, other, likeness) for (one, other), likeness in sorted(pairs_of.items())])


def merged_into_one(look: Look, ids: Sequence[str]) -> Found:
    """What people merged into these: they are shown as the kept one, so nothing else leads to them."""
    asked = select(AddressMerge.alias_id, AddressMerge.kept_id, AddressMerge.relation)
    asked = asked.where(AddressMerge.kept_id.in_(ids)).order_by(AddressMerge.kept_id, AddressMerge.alias_id)
    rows = look.session.execute(asked.limit(look.bounds.rows)).all()
    edges = [
        Edge("merged", min(alias, kept), max(alias, kept), 1, {"relation": relation, "kept": kept})
        for alias, kept, relation in rows
    ]
    return Found(edges, set(ids) if len(rows) == look.bounds.rows else set())


SOURCES: MappingProxyType[str, Source] = MappingProxyType({
    "wall": partial(seen_together, by="wall"),
    "photo": partial(seen_together, by="photo"),
    "case": in_one_case,
    "series": in_one_series,
    "near": near_in_name,
    "merged": merged_into_one,
    "stencil": partial(written_alike, by="stencil"),
    "hand": partial(written_alike, by="hand"),
})  # fmt: skip

BY_NAME = frozenset({"case", "series", "near"})
"""Sources that know an address by itself and not by its sightings: they are asked about those merged into it, too."""

ASKED_FOR = ("hand",)
"""Sources too unsure to be asked unless somebody names them (docs/connections.md has the figures)."""

USUAL = tuple(name for name in SOURCES if name not in ASKED_FOR)

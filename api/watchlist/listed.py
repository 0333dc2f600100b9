"""A row of the watchlist with what people put to it, and how fresh it is now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel

from api.lifecycle.desk import names_of, tags_of
from api.lifecycle.states import next_of
from api.near.aliases import merges_of
from api.unit import Unit
from api.warninglists.schemas import OverrideOut, WarningOut, override_out, warnings_out
from api.warninglists.service import hits_of, overrides_of
from api.watchlist import decay
from api.watchlist.decay import HalfLives
from api.watchlist.schemas import AddressOut, SightingOut, address_out
from models import Address, AddressMerge
from vision.addresses import defang


class AliasOut(BaseModel):
    """The other side of a merge: a `misreading` is a name that nobody painted, a `mirror` another of the shop's.

    `version` goes into taking the merge back.
    """

    id: str
    kind: str
    value: str
    defanged: str
    status: str
    relation: str
    merged_at: datetime
    reason: str
    version: int


class ListedOut(AddressOut):
    """An address as investigators work on it: `version` goes into every change, `next_steps` may follow `status`.

    `score` (0 to 1) halves with every half-life of the kind since `photographed_at`. `warnings`: the lists it is on.
    `aliases` are merged into it;
    `merged_into` is the one that it is shown as itself.
    """

    status_at: datetime
    next_steps: list[str]
    score: float
    photographed_at: datetime
    assignee: str | None
    tlp: str
    tags: list[str]
    version: int
    warnings: list[WarningOut]
    override: OverrideOut | None
    aliases: list[AliasOut]
    merged_into: AliasOut | None


class PageOut(BaseModel):
    """One page; `next` goes into `cursor`."""

    addresses: list[ListedOut]
    next: str | None


class CaseRefOut(BaseModel):
    """A case that an address belongs to."""

    id: str
    book: str
    number: str
    title: str


class AddressPageOut(ListedOut):
    """An address with its cases and a page of its sightings, the newest first."""

    cases: list[CaseRefOut]
    page: list[SightingOut]
    next: str | None


def listed(unit: Unit, rows: Sequence[Address], half_lives: HalfLives) -> list[ListedOut]:
    """The rows as they are shown, in their order."""
    ids = [row.id for row in rows]
    tags, hits, overrides = tags_of(unit.session, ids), hits_of(unit.session, ids), overrides_of(unit.session, ids)
    names = names_of(unit.session, rows)
    merges = merges_of(unit.session, ids)
    now = unit.clock.now()
    return [
        ListedOut(
            **address_out(row).model_dump(),
            status_at=row.status_at,
            next_steps=next_of(row.status),
            score=round(decay.score(row.photographed_at, now=now, half_life=half_lives.of_kind(row.kind)), 6),
            photographed_at=row.photographed_at,
            assignee=names.get(row.assignee_id or ""),
            tlp=row.tlp,
            tags=tags.get(row.id, []),
            version=row.version,
            warnings=warnings_out(hits.get(row.id, ())),
            override=override_out(overrides.get(row.id)),
            aliases=[_alias_out(made, made.alias) for made in merges if made.kept_id == row.id],
            merged_into=next((_alias_out(made, made.kept) for made in merges if made.alias_id == row.id), None),
        )
        for row in rows
    ]


def _alias_out(made: AddressMerge, row: Address) -> AliasOut:
    return AliasOut(
        id=row.id,
        kind=row.kind,
        value=row.value,
        defanged=defang(row.kind, row.value),
        status=row.status,
        relation=made.relation,
        merged_at=made.merged_at,
        reason=made.reason,
        version=row.version,
    )

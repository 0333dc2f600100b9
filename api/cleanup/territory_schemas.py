"""What the routes of territories and their contacts take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.cleanup.territories import Outcome
from models import Territory, TerritoryContact

Name = Annotated[str, Field(min_length=1, max_length=200)]
Version = Annotated[int, Field(ge=1)]
Language = Literal["ru", "kk", "en"]
SHOWN = 1000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ContactIn(_Body):
    """Who speaks for a territory. Telegram without a chat: a code is made; written into a group, it binds that."""

    name: Name
    channel: Literal["telegram", "whatsapp", "mail"]
    chat: Annotated[str | None, Field(max_length=255)] = None
    language: Language = "ru"


class ContactEditIn(_Body):
    """What changes; what is not given stays. `bind_anew`: no chat until a new code is written into a group."""

    version: Version
    name: Name | None = None
    chat: Annotated[str | None, Field(min_length=1, max_length=255)] = None
    language: Language | None = None
    bind_anew: bool = False


class ContactOut(BaseModel):
    """A contact; `bind` is what somebody writes into the Telegram group to say that it is this one's."""

    id: str
    name: str
    channel: str
    chat: str | None
    bind: str | None
    language: str
    created_at: datetime
    version: int


class TerritoryOut(BaseModel):
    """A territory without its area; `version` goes into every change."""

    id: str
    external_id: str | None
    name_ru: str
    name_kk: str
    area_m2: float
    box: tuple[float, float, float, float]
    removed_at: datetime | None
    version: int
    contacts: list[ContactOut]


class TerritoryDetailOut(TerritoryOut):
    """A territory with its area, a GeoJSON MultiPolygon."""

    area: dict[str, Any]


class TerritoryPageOut(BaseModel):
    """One page by name; `next` goes into `cursor`."""

    territories: list[TerritoryOut]
    next: str | None


class RefusedOut(BaseModel):
    """A feature that was left out: its number in the file, its name, a stable code, and words."""

    number: int
    name: str
    code: str
    reason: str


class MendedOut(BaseModel):
    """A feature whose rings were put right, and what was wrong."""

    number: int
    name: str
    why: str


class OverlapOut(BaseModel):
    """Two territories that have ground in common; a wall there belongs to the smaller one."""

    one: str
    other: str
    area_m2: float


class TerritoriesImportOut(BaseModel):
    """What an import did, or, as a dry run, would do.

    `kept` names territories that the file no longer has and that stay: removing was not asked for, or they have work
    orders that are not closed. Lists end after 1,000 entries, `overlaps` after 100; the counts are whole.
    """

    dry_run: bool
    added: int
    changed: int
    same: int
    removed: list[str]
    kept: list[str]
    refused_count: int
    refused: list[RefusedOut]
    mended: list[MendedOut]
    overlap_count: int
    overlaps: list[OverlapOut]


def contact_out(row: TerritoryContact) -> ContactOut:
    """A contact as it is shown."""
    return ContactOut(
        id=row.id,
        name=row.name,
        channel=row.channel,
        chat=row.chat,
        bind=f"/bind {row.bind_code}" if row.bind_code else None,
        language=row.language,
        created_at=row.created_at,
        version=row.version,
    )


def territory_out(row: Territory) -> TerritoryOut:
    """A territory as it is listed."""
    return TerritoryOut(
        id=row.id,
        external_id=row.external_id,
        name_ru=row.name_ru,
        name_kk=row.name_kk,
        area_m2=row.area_m2,
        box=(row.south, row.west, row.north, row.east),
        removed_at=row.removed_at,
        version=row.version,
        contacts=[contact_out(each) for each in row.contacts if each.removed_at is None],
    )


def import_out(outcome: Outcome, *, is_dry_run: bool) -> TerritoriesImportOut:
    """What an import did, as it is shown."""
    return TerritoriesImportOut(
        dry_run=is_dry_run,
        added=outcome.added,
        changed=outcome.changed,
        same=outcome.same,
        removed=outcome.removed[:SHOWN],
        kept=outcome.kept[:SHOWN],
        refused_count=len(outcome.refused),
        refused=[RefusedOut(**each.as_json()) for each in outcome.refused[:SHOWN]],
        mended=[MendedOut(number=area.number, name=area.name_ru, why=area.mended) for area in outcome.mended[:SHOWN]],
        overlap_count=outcome.overlap_count,
        overlaps=[OverlapOut(one=each.one, other=each.other, area_m2=each.area_m2) for each in outcome.overlaps],
    )

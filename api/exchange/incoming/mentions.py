"""What imported files said of an address."""

from __future__ import annotations

from sqlalchemy import select

from api.exchange.schemas import MentionOut, MentionsOut, PlaceOut
from api.near.aliases import group_of
from api.unit import Unit
from api.watchlist.repository import address
from models import Import, ImportedAddress, ImportedSighting

FILES, PLACES = 100, 100


def mentions_of(unit: Unit, address_id: str) -> MentionsOut:
    """The files that told something of it or of what is merged into it, the newest first. NotFound."""
    address(unit, address_id)
    query = (
        select(ImportedAddress, Import)
        .join(Import, Import.id == ImportedAddress.import_id)
        .where(ImportedAddress.address_id.in_(group_of(unit.session, address_id)))
        .order_by(Import.made_at.desc(), Import.id)
        .limit(FILES)
    )
    return MentionsOut(mentions=[_mention(unit, told, made) for told, made in unit.session.execute(query)])


def _mention(unit: Unit, told: ImportedAddress, made: Import) -> MentionOut:
    places = (
        select(ImportedSighting)
        .where(ImportedSighting.import_id == made.id, ImportedSighting.address_id == told.address_id)
        .order_by(ImportedSighting.external_id)
        .limit(PLACES)
    )
    return MentionOut(
        import_id=made.id,
        made_at=made.made_at,
        format=made.format,
        file_name=made.file_name,
        file_sha256=made.file_sha256,
        is_new=told.is_new,
        given=told.given,
        first_seen_at=told.first_seen_at,
        last_seen_at=told.last_seen_at,
        facts=told.facts,
        places=[
            PlaceOut(external_id=each.external_id, seen_at=each.seen_at, lat=each.lat, lon=each.lon)
            for each in unit.session.scalars(places)
        ],
    )

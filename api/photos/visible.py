"""Who may see which photos and reports."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, select, true

from api.accounts.roles import Scope
from api.errors import NotFound
from api.unit import Actor, Unit
from models import Photo, Report, ReportPhoto


def own_or_all(actor: Actor) -> ColumnElement[bool]:
    """The condition on reports: all of them, or only those that the actor sent."""
    return true() if Scope.REPORTS_READ_ALL in actor.scopes else Report.account_id == actor.account_id


def visible_photo(unit: Unit, sha256: str) -> Photo:
    """The photo, if the actor may see a report that carries it; otherwise NotFound, as if there were none."""
    photo = unit.session.scalar(_carried_photo(sha256).where(own_or_all(unit.actor)).limit(1))
    if photo is None:
        raise NotFound("photo")
    return photo


def _carried_photo(sha256: str) -> Select[Photo]:
    return (
        select(Photo)
        .join(ReportPhoto, ReportPhoto.photo_sha256 == Photo.sha256)
        .join(Report, Report.id == ReportPhoto.report_id)
        .where(Photo.sha256 == sha256)
    )

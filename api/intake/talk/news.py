"""What becomes of a report, told to a sender who wished so: read, known, painted over; once each, never an address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session, aliased

from api.intake.channels.base import Message
from api.intake.channels.outbox import post
from api.intake.channels.sealing import Unsealable, opened
from api.intake.talk import words
from api.intake.talk.turn import LETTERS
from api.settings import Settings
from api.unit import Unit
from models import (
    Conversation,
    Inscription,
    InscriptionPhoto,
    Photo,
    PhotoState,
    Report,
    ReportPhoto,
    Sender,
    Sighting,
    SightingState,
)

READ, KNOWN, PAINTED = "read", "known", "painted"
FIRST_LOOK = timedelta(seconds=5)
RAREST_LOOK = timedelta(hours=6)


def look(unit: Unit, settings: Settings, row: Conversation, sender: Sender) -> None:
    """Tell what is new, and say when to look again; nothing more after it was painted over, or without consent."""
    if sender.agreed_at is None or sender.sealed_chat is None or row.report_id is None or not row.wants_status:
        row.remind_at = None
        return
    said = _news(unit.session, row)
    for name, facts in said:
        _tell(unit, settings, (row, sender), name, **facts)
        row.told = name
    age = unit.clock.now() - row.changed_at
    row.remind_at = None if row.told == PAINTED else unit.clock.now() + min(max(age / 10, FIRST_LOOK), RAREST_LOOK)


def _news(session: Session, row: Conversation) -> list[tuple[str, dict[str, object]]]:
    """What the sender was not told yet, in order, with counts."""
    said: list[tuple[str, dict[str, object]]] = []
    if row.told is None and _is_read(session, str(row.report_id)):
        found, known = counts(session, str(row.report_id))
        said.append((READ, {"addresses": found}))
        if known:
            said.append((KNOWN, {"known": known}))
    if (row.told or said) and row.told != PAINTED and is_painted(session, str(row.report_id)):
        said.append((PAINTED, {}))
    return said


def _tell(unit: Unit, settings: Settings, whom: tuple[Conversation, Sender], name: str, **facts: object) -> None:
    row, sender = whom
    try:
        chat = opened(settings, sender.sealed_chat or b"")
    except Unsealable:
        return  # the installation's secret is another one now: nobody can tell where to send it
    language = words.language_of(sender.language, row.language, settings.talk.languages)
    is_letter = row.channel in LETTERS
    text = words.said(f"told_{name}", language, receipt=row.receipt, **facts)
    message = Message(text=text, subject=words.said("subject", language) if is_letter else "")
    key = f"talk:{row.id}:told:{name}"
    post(unit, settings, message, channel=row.channel, chat=chat, key=key, conversation_id=row.id)


def _is_read(session: Session, report_id: str) -> bool:
    """Whether every photo of the report was read, or given up."""
    owed = (
        select(Photo.sha256)
        .join(ReportPhoto, ReportPhoto.photo_sha256 == Photo.sha256)
        .where(ReportPhoto.report_id == report_id, Photo.state == PhotoState.OWED)
    )
    return session.scalar(owed.limit(1)) is None


def counts(session: Session, report_id: str) -> tuple[int, int]:
    """How many addresses the report shows, and how many of them an earlier report showed already."""
    here = Sighting.report_id == report_id, Sighting.state != SightingState.REJECTED
    found = session.scalar(select(func.count(Sighting.address_id.distinct())).where(*here)) or 0
    before, mine, earlier = aliased(Sighting), aliased(Report), aliased(Report)
    is_known = exists().where(
        before.address_id == Sighting.address_id,
        before.state != SightingState.REJECTED,
        before.report_id == earlier.id,
        mine.id == report_id,
        earlier.received_at < mine.received_at,
    )
    known = session.scalar(select(func.count(Sighting.address_id.distinct())).where(and_(*here), is_known)) or 0
    return found, known


def is_painted(session: Session, report_id: str) -> bool:
    """Whether every wall that the report shows is painted over."""
    asked = (
        select(InscriptionPhoto.inscription_id)
        .join(ReportPhoto, ReportPhoto.photo_sha256 == InscriptionPhoto.photo_sha256)
        .where(ReportPhoto.report_id == report_id, InscriptionPhoto.inscription_id.is_not(None))
    )
    walls = _kept(session, [str(wall) for wall in session.scalars(asked.distinct())])
    return bool(walls) and all(wall.state == "painted" for wall in walls)


def _kept(session: Session, ids: Sequence[str]) -> list[Inscription]:
    """These walls, or those that they were merged into."""
    found = {}
    for each in ids:
        wall, seen = session.get(Inscription, each), set()
        while wall is not None and wall.merged_into_id and wall.id not in seen:
            seen.add(wall.id)
            wall = session.get(Inscription, wall.merged_into_id)
        if wall is not None:
            found[wall.id] = wall
    return list(found.values())

"""The readers that were used here, and how many photos each has read."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from api.readings.convert import card_json, card_sha256
from api.unit import Unit
from models import ReaderCard, Reading
from vision.types import Card


def note_card(unit: Unit, card: Card) -> str:
    """Know a reader that a worker reads with; its digest."""
    digest = card_sha256(card)
    if unit.session.scalar(select(ReaderCard.card_sha256).where(ReaderCard.card_sha256 == digest)) is None:
        now = unit.clock.now()
        _put(unit, ReaderCard(card_sha256=digest, card=card_json(card), photos=0, first_at=now, last_at=now))
    return digest


def count_card(unit: Unit, reading: Reading) -> None:
    """Count a new reading for its reader. Call it when it is your turn (`api.watchlist.turn`)."""
    of = ReaderCard.card_sha256 == reading.card_sha256
    counted = update(ReaderCard).where(of).values(photos=ReaderCard.photos + 1, last_at=reading.read_at)
    if unit.session.scalar(counted.returning(ReaderCard.photos)) is None:
        at = reading.read_at
        made = ReaderCard(card_sha256=reading.card_sha256, card=reading.card, photos=1, first_at=at, last_at=at)
        if not _put(unit, made):
            unit.session.execute(counted)


def _put(unit: Unit, made: ReaderCard) -> bool:
    try:
        with unit.session.begin_nested():
            unit.session.add(made)
    except IntegrityError:
        return False
    return True

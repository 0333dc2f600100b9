"""What is not taken: blocked senders, more messages in a minute and more photos in a day than one sender may send."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from api.intake.channels.settings import TalkSettings
from api.intake.talk.turn import Turn
from api.unit import Unit
from models import Arrived, ConversationPhoto, Sender

BLOCKED, TOO_MANY, QUOTA = "blocked", "too_many", "quota"


def refused(unit: Unit, talk: TalkSettings, sender: Sender, row: Arrived) -> str | None:
    """The outcome of something that is left as it is; None for what is taken."""
    if sender.blocked_at is not None:
        return BLOCKED
    since = row.arrived_at - timedelta(minutes=1)
    before = Arrived.sender_id == sender.id, Arrived.seq <= row.seq, Arrived.arrived_at > since
    newest = select(Arrived.seq).where(*before).order_by(Arrived.seq.desc()).limit(talk.messages_per_minute + 1)
    count = unit.session.scalar(select(func.count()).select_from(newest.subquery())) or 0
    return TOO_MANY if count > talk.messages_per_minute else None


def photos_left(unit: Unit, talk: TalkSettings, sender: Sender) -> int:
    """How many photos more the sender may send now."""
    since = unit.clock.now() - timedelta(days=1)
    sent = (
        select(func.count())
        .join(Arrived, Arrived.seq == ConversationPhoto.arrival_seq)
        .where(Arrived.sender_id == sender.id, Arrived.arrived_at > since, ConversationPhoto.photo_sha256.is_not(None))
    )
    return max(0, talk.photos_per_day - (unit.session.scalar(sent.select_from(ConversationPhoto)) or 0))


def answer(turn: Turn, outcome: str) -> None:
    """Say once in an hour that messages were not read; blocked senders are told nothing."""
    if outcome == TOO_MANY:
        turn.tell_once(f"talk:{turn.sender.id}:too_many:{turn.now:%Y%m%d%H}", "too_many")

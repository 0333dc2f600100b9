"""What is to be sent: written in the transaction of its cause, so that it exists exactly when its cause does."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy.exc import IntegrityError

from api.intake.channels.base import Button, Message
from api.intake.channels.sealing import hashed, sealed
from api.settings import Settings
from api.unit import Unit
from models import Outgoing

LONGEST_KEY = 160


def post(
    unit: Unit,
    settings: Settings,
    message: Message,
    *,
    channel: str,
    chat: str,
    key: str,
    conversation_id: str | None = None,
    order_id: str | None = None,
) -> bool:
    """Have a worker send a message; False, and nothing done, when one with this key is there already.

    Args:
        unit: of the transaction that causes it.
        settings: the installation's.
        message: what to say.
        channel: by which channel.
        chat: the channel's name for where it goes.
        key: what is said to whom, at most 160 characters; nobody's name in it.
        conversation_id: the conversation that it belongs to.
        order_id: the work order that it is about.
    """
    now = unit.clock.now()
    row = Outgoing(
        key=key,
        channel=channel,
        chat_hash=hashed(settings, channel, chat),
        sealed_chat=sealed(settings, chat),
        content=asdict(message),
        conversation_id=conversation_id,
        order_id=order_id,
        made_at=now,
        due_at=now,
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        return False
    return True


def message_of(row: Outgoing) -> Message:
    """What a row says."""
    content: dict[str, Any] = dict(row.content)
    buttons = tuple(Button(**each) for each in content.pop("buttons"))
    return Message(**content, buttons=buttons)

"""Keeping what arrives: durable and once, before the provider is told that it was taken. What it means comes later."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.intake.channels.base import Arrival, Media, Spot
from api.intake.channels.sealing import hashed, opened, sealed
from api.services import Services
from api.settings import Settings
from api.unit import Unit
from models import Arrived, Sender

WHO = ("chat", "sender", "press", "moved_to")
"""What of an arrival names somebody, or is of use only to answer them."""


def accept(services: Services, arrivals: Sequence[Arrival]) -> int:
    """Keep these, in one transaction; how many were new. One that is there already changes nothing."""
    with services.unit() as unit:
        return sum(keep(unit, services.settings, arrival) is not None for arrival in arrivals)


def keep(unit: Unit, settings: Settings, arrival: Arrival) -> Arrived | None:
    """The row of something that arrived; None when it had arrived before."""
    now = unit.clock.now()
    content = asdict(arrival)
    who = {name: content.pop(name) for name in WHO}
    content = _storable(content) | {"sent_at": arrival.sent_at.isoformat()}
    row = Arrived(
        channel=arrival.channel,
        provider_id=arrival.provider_id,
        sender_id=_sender(unit, settings, arrival).id,
        chat_hash=hashed(settings, arrival.channel, arrival.chat),
        album=arrival.album or None,
        sealed_who=sealed(settings, json.dumps(who)),
        content=content,
        sent_at=arrival.sent_at,
        arrived_at=now,
        due_at=now,
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        return None
    return row


def arrival_of(settings: Settings, row: Arrived) -> Arrival:
    """What arrived, as it did. Unsealable when the secret is another one; ValueError when it was emptied."""
    if row.sealed_who is None:
        raise ValueError(f"arrival {row.seq} was emptied")
    content: dict[str, Any] = {**row.content, **json.loads(opened(settings, row.sealed_who))}
    content.pop("kept", None)  # what clean-up was given beside it
    media = tuple(Media(**each) for each in content.pop("media"))
    spot = content.pop("spot")
    spot = {name: None if value is None else float(value) for name, value in spot.items()} if spot else None
    sent_at = datetime.fromisoformat(content.pop("sent_at"))
    return replace(Arrival(**content, sent_at=sent_at), media=media, spot=Spot(**spot) if spot else None)


def _storable(value: Any) -> Any:
    """What every database keeps as JSON: no NUL, no half of a character, and numbers that are none as their names."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _storable(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(each) for each in value]
    return value


def _sender(unit: Unit, settings: Settings, arrival: Arrival) -> Sender:
    """The sender's row, made on first sight."""
    digest, now = hashed(settings, arrival.channel, arrival.sender), unit.clock.now()
    known = select(Sender).where(Sender.channel == arrival.channel, Sender.hash == digest)
    found = unit.session.scalar(known)
    if found is None:
        row = Sender(channel=arrival.channel, hash=digest, created_at=now, last_at=now)
        try:
            with unit.session.begin_nested():
                unit.session.add(row)
        except IntegrityError:
            return unit.session.scalars(known).one()
        return row
    return found

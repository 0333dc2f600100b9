"""What arrived, read back as the conversation room reads it."""

import io

from sqlalchemy import select

from api.intake.channels.arriving import arrival_of
from models import Arrived


def arrivals(services, channel="mail"):
    with services.reading_unit() as unit:
        rows = list(unit.session.scalars(select(Arrived).where(Arrived.channel == channel).order_by(Arrived.seq)))
    return [arrival_of(services.settings, row) for row in rows]


def fetched(channel, media, *, limit_bytes=2**25):
    into = io.BytesIO()
    channel.fetch(media, into, limit_bytes=limit_bytes)
    return into.getvalue()

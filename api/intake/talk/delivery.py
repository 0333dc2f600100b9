"""One try to send one message of the outbox: written down before it starts, sent outside any transaction, and marked.

Neither Telegram nor WhatsApp nor SMTP knows a message again that is sent twice, so one of which nobody knows twice
whether it arrived is given up: what is sent is sent twice at most.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import aliased

from api.intake.channels.base import Channel, ChannelError
from api.intake.channels.outbox import message_of
from api.intake.channels.sealing import Unsealable, opened
from api.intake.talk.pictures import PictureNotReady, blurred
from api.services import Services
from api.unit import Actor, Unit
from models import Outgoing

WAITING, SENDING, SENT, DEAD = "waiting", "sending", "sent", "dead"
MOST_UNKNOWN = 2
MOST = 200  # asked for in a round
log = structlog.get_logger()


class Outcome(StrEnum):
    """How a try ended, in the words that DBOS keeps as the step's result."""

    SENT = "sent"
    FAILED = "failed"
    SETTLED = "settled"  # before it began: somebody else sent it, or nobody shall


class Delivery:
    """Sends messages of the outbox, for one worker; called from several threads."""

    def __init__(
        self,
        services: Services,
        channels: Mapping[str, Channel],
        *,
        worker: str,
        reader: Callable[[], object] = lambda: None,
    ) -> None:
        self._services = services
        self._reader = reader
        self._channels = channels
        self._actor = Actor(name=f"worker:{worker}"[:64])

    def attempt(self, asked: str) -> str:
        """One try, of the workflow that was asked for."""
        with self._services.unit(self._actor) as unit:
            row = begin(unit, asked)
        if row is None:
            return Outcome.SETTLED
        try:
            provider_id = self._hand_over(row)
        except ChannelError as trouble:
            return self._failed(row.seq, trouble)
        except Unsealable:
            changed = "WALLWATCH_SECRET is another one than when the message was written: nobody knows where it goes."
            return self._failed(row.seq, ChannelError("secret_changed", changed, is_final=True))
        except PictureNotReady as not_ready:
            return self._failed(row.seq, ChannelError("picture_not_ready", str(not_ready)))
        except Exception as error:
            log.exception("outgoing_failed", message=row.seq)
            mistake = ChannelError("own_mistake", f"Our own mistake ({type(error).__name__}).")
            return self._failed(row.seq, mistake)
        with self._services.unit(self._actor) as unit:
            sent(unit, row.seq, provider_id)
        return Outcome.SENT

    def _hand_over(self, row: Outgoing) -> str:
        channel = self._channels.get(row.channel)
        if channel is None or not channel.talks:
            raise ChannelError("channel_off", f"The channel {row.channel} is not set up here, or sends nothing.")
        if row.sealed_chat is None or row.is_emptied:
            raise ChannelError("chat_emptied", "Where it goes was emptied.", is_final=True)
        message = message_of(row)
        chat = opened(self._services.settings, row.sealed_chat)
        picture = blurred(self._services, self._reader(), message.photo_sha256) if message.photo_sha256 else None
        return channel.send(chat, message, picture=picture)

    def _failed(self, seq: int, trouble: ChannelError) -> str:
        log.warning("outgoing_not_taken", message=seq, code=trouble.code)
        with self._services.unit(self._actor) as unit:
            failed(unit, seq, trouble, self._services)
        return Outcome.FAILED


def due(unit: Unit, *, begun_for_s: float) -> list[str]:
    """`seq:want` of messages to send now, one of each chat, and of those begun so long ago that they may be lost."""
    now = unit.clock.now()
    lost_since = now - timedelta(seconds=begun_for_s)
    is_due = or_(
        (Outgoing.state == WAITING) & (Outgoing.due_at <= now),
        (Outgoing.state == SENDING) & (Outgoing.begun_at <= lost_since),
    )
    on_its_way = Outgoing.state.in_((WAITING, SENDING))
    asked = select(Outgoing.seq, Outgoing.want).where(on_its_way, is_due, ~_is_behind())
    found = unit.session.execute(asked.order_by(Outgoing.due_at, Outgoing.seq).limit(MOST))
    return [f"{seq}:{want}" for seq, want in found]


def _is_behind() -> ColumnElement[bool]:
    """Whether something to the same chat is on its way that was written earlier."""
    earlier = aliased(Outgoing)
    return exists().where(
        earlier.chat_hash == Outgoing.chat_hash, earlier.state.in_((WAITING, SENDING)), earlier.seq < Outgoing.seq
    )


def ask_anew(unit: Unit, asked: str) -> None:
    """Give a message a new workflow when the one asked for ended and the message still waits."""
    seq, _, want = asked.partition(":")
    row = unit.session.get(Outgoing, int(seq), with_for_update=True)
    if row is not None and row.state in (WAITING, SENDING) and str(row.want) == want:
        row.want += 1


def begin(unit: Unit, asked: str) -> Outgoing | None:
    """Write down that a try starts; None when it is not to be. One that is found begun was lost with its worker."""
    seq, _, want = asked.partition(":")
    row = unit.session.get(Outgoing, int(seq), with_for_update=True)
    if row is None or str(row.want) != want or row.state not in (WAITING, SENDING):
        return None
    if unit.session.scalar(select(Outgoing.seq).where(Outgoing.seq == row.seq, _is_behind())) is not None:
        return None  # an earlier one was to be sent again meanwhile
    if row.state == SENDING:
        row.unknowns += 1
        if _is_unknown_too_often(row):
            return None
    row.state, row.begun_at = SENDING, unit.clock.now()
    row.tries += 1
    unit.session.flush()
    return row


def sent(unit: Unit, seq: int, provider_id: str) -> None:
    """Mark a message that the provider took: where it went is forgotten."""
    row = unit.session.get_one(Outgoing, seq, with_for_update=True)
    row.state, row.sent_at, row.provider_id = SENT, unit.clock.now(), provider_id[:255] or None
    row.error_code = row.error_message = row.sealed_chat = None


def failed(unit: Unit, seq: int, trouble: ChannelError, services: Services) -> None:
    """Mark a message that was not taken: it waits for another try, or is given up."""
    talk, now = services.settings.talk, unit.clock.now()
    row = unit.session.get_one(Outgoing, seq, with_for_update=True)
    if row.state != SENDING:
        return  # whoever took over speaks for it
    row.error_code, row.error_message = trouble.code[:64], str(trouble)
    row.unknowns += trouble.is_unknown
    row.state, row.want = WAITING, row.want + 1
    pause = pause_s(row.tries, talk.first_pause_s, talk.longest_pause_s)
    if trouble.retry_after_s is not None:
        pause = max(trouble.retry_after_s, 0.0)
        row.tries -= 1  # the provider said when: it is no failure of the message
    row.due_at = now + timedelta(seconds=pause)
    if trouble.is_final or row.tries >= talk.max_tries:
        row.state = DEAD
    else:
        _is_unknown_too_often(row)


def pause_s(tries: int, first_s: float, longest_s: float) -> float:
    """Seconds until the next try: four times as long each time up to the longest, and never two at the same moment."""
    return min(first_s * 4.0 ** min(max(tries - 1, 0), 20), longest_s) * random.uniform(0.8, 1.2)


def _is_unknown_too_often(row: Outgoing) -> bool:
    if row.unknowns < MOST_UNKNOWN:
        return False
    row.state, row.error_code = DEAD, "fate_unknown"
    row.error_message = "It may have arrived, perhaps twice: look before it is sent again."
    return True

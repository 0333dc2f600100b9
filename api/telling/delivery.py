"""One try to send one message: written down before it starts, sent outside any transaction, and marked.

Killed between sending and marking, it is sent again. A webhook's receiver knows it by its `webhook-id`. SMTP has no
such thing: a mail of which nobody knows twice whether it arrived is given up, so that it is sent twice at most.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog
from sqlalchemy import select, update

from api.audit.service import record
from api.errors import Problem
from api.services import Services
from api.telling import letters, mail, signing, wire
from api.telling.items import items_of
from api.telling.kinds import TURNED_OFF
from api.telling.matching import may_hear
from api.telling.outcome import FateUnknown, NotTaken
from api.telling.targets import Resolver, resolve_here
from api.telling.words import language_of
from api.unit import Actor, Unit
from models import Channel, InboxEntry, Matched, Message, MessageState, Subscription

MOST_UNKNOWN_MAILS = 2
ON_ITS_WAY = (MessageState.WAITING, MessageState.SENDING)
log = structlog.get_logger()


class Outcome(StrEnum):
    """How a try ended, in the words that DBOS keeps as the step's result."""

    SENT = "sent"
    FAILED = "failed"
    SETTLED = "settled"  # before it began: somebody else sent it, or nobody shall


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message ready to be sent: `hand_over` does it, and raises NotTaken or Problem."""

    channel: str
    hand_over: Callable[[], None]


class Delivery:
    """Sends messages, for one worker; called from several threads."""

    def __init__(self, services: Services, *, worker: str, resolve: Resolver = resolve_here) -> None:
        self._services = services
        self._settings = services.settings.telling
        self._actor = Actor(name=f"worker:{worker}"[:64])
        self._resolve = resolve

    def attempt(self, asked: str) -> str:
        """One try, of the workflow that was asked for."""
        with self._services.unit(self._actor) as unit:
            message = begin(unit, asked)
        if message is None:
            return Outcome.SETTLED
        try:
            with self._services.reading_unit(self._actor) as unit:
                parcel = self._pack(unit, message.id)
            parcel.hand_over()
        except NotTaken as trouble:
            return self._failed(message.id, trouble)
        except signing.SecretLost:
            changed = "WALLWATCH_SECRET is another one than when the webhook's secret was shown: make a new secret."
            return self._failed(message.id, NotTaken("webhook_secret_lost", changed))
        except Problem as problem:
            is_ours = isinstance(problem, mail.MailNotSetUp)
            return self._failed(message.id, NotTaken(problem.code, problem.message, is_ours=is_ours))
        except Exception as error:
            log.exception("message_failed", message=message.id)
            return self._failed(message.id, NotTaken("telling_failed", f"Our own mistake ({type(error).__name__})."))
        with self._services.unit(self._actor) as unit:
            sent(unit, message.id)
        return Outcome.SENT

    def _pack(self, unit: Unit, message_id: str) -> Parcel:
        message = unit.session.get_one(Message, message_id)
        row = unit.session.get_one(Subscription, message.subscription_id)
        if not may_hear(row.account):
            raise NotTaken(
                "account_may_not", "The account may not hear of the watchlist any more.", is_final=True, is_ours=True
            )
        limit = letters.MOST_IN_MAIL if row.channel == Channel.MAIL else letters.MOST_IN_WEBHOOK
        items = items_of(unit, row, message_id=message.id, limit=limit)
        if not items and not message.is_test:
            raise NotTaken(
                "tlp_too_strict", "What it says may not go there any more (TLP).", is_final=True, is_ours=True
            )
        if row.channel == Channel.MAIL:
            said = letters.letter(row, message, items, language_of(row.language, row.account.language))
            return Parcel(row.channel, lambda: self._mail(row, message, said))
        body = letters.payload(row, message, items)
        installation = self._services.settings.secret.get_secret_value()
        headers = signing.headers(
            row, body, message_id=f"msg_{message.id}", now=unit.clock.now(), installation=installation
        )
        url = row.url or ""
        return Parcel(
            row.channel,
            lambda: wire.post(url, body.encode(), headers, settings=self._settings, resolve=self._resolve),
        )

    def _mail(self, row: Subscription, message: Message, said: letters.Letter) -> None:
        if not self._settings.smtp_host:
            raise mail.MailNotSetUp
        to = mail.mail_address(row.mail_to or "", self._settings)  # the domains that mail may go to may be others now
        built = mail.build(
            sender=self._settings.smtp_from,
            to=to,
            subject=said.subject,
            text=said.text,
            html=said.html,
            message_id=message.id,
            made_at=message.made_at,
        )
        mail.send(built, to=to, settings=self._settings)

    def _failed(self, message_id: str, trouble: NotTaken) -> str:
        log.warning("message_not_taken", message=message_id, code=trouble.code)
        with self._services.unit(self._actor) as unit:
            failed(unit, message_id, trouble, self._services)
        return Outcome.FAILED


def begin(unit: Unit, asked: str) -> Message | None:
    """Write down that a try starts; None when it is not to be. One that is found begun was lost with its worker."""
    message_id, _, want = asked.partition(":")
    message = unit.session.get(Message, message_id, with_for_update=True)
    if (
        message is None
        or str(message.want) != want
        or message.state not in (MessageState.WAITING, MessageState.SENDING)
    ):
        return None
    row = unit.session.get_one(Subscription, message.subscription_id)
    if row.off_reason:
        _give_up(message, "subscription_off", "The subscription is switched off.")
        return None
    if row.failing_since is not None and not is_foremost(unit, message):
        return None
    if message.state == MessageState.SENDING:
        message.unknowns += 1
        if _is_unknown_too_often(row, message):
            return None
    message.state, message.begun_at = MessageState.SENDING, unit.clock.now()
    message.tries += 1
    unit.session.flush()
    return message


def is_foremost(unit: Unit, message: Message) -> bool:
    """Whether it is the oldest on its way of its subscription: only that is tried where nothing gets through."""
    oldest = (
        select(Message.id)
        .where(Message.subscription_id == message.subscription_id)
        .where(Message.state.in_(ON_ITS_WAY))
        .order_by(Message.made_at, Message.id)
    )
    return unit.session.scalar(oldest.limit(1)) == message.id


def sent(unit: Unit, message_id: str) -> None:
    """Mark a message that its receiver took. It may be gone with its subscription."""
    message = unit.session.get(Message, message_id, with_for_update=True)
    if message is None:
        return
    message.state, message.sent_at = MessageState.SENT, unit.clock.now()
    message.error_code = message.error_message = None
    succeeded = update(Subscription).where(
        Subscription.id == message.subscription_id, Subscription.failing_since.is_not(None)
    )
    unit.session.execute(succeeded.values(failing_since=None))


def failed(unit: Unit, message_id: str, trouble: NotTaken, services: Services) -> None:
    """Mark a message that was not taken: it waits for another try, or is given up; so may be its subscription."""
    settings, now = services.settings.telling, unit.clock.now()
    message = unit.session.get(Message, message_id, with_for_update=True)
    if message is None or message.state != MessageState.SENDING:
        return  # whoever took over speaks for it
    row = unit.session.get_one(Subscription, message.subscription_id, with_for_update=True)
    message.error_code, message.error_message = trouble.code, str(trouble)
    message.unknowns += isinstance(trouble, FateUnknown)
    message.state, message.want = MessageState.WAITING, message.want + 1
    message.due_at = now + timedelta(seconds=pause_s(message.tries, settings.first_pause_s, settings.longest_pause_s))
    if trouble.is_final or message.tries >= settings.max_tries:
        message.state = MessageState.DEAD
    else:
        _is_unknown_too_often(row, message)
    if trouble.is_ours:
        return
    row.failing_since = row.failing_since or now
    if trouble.is_gone or now - row.failing_since >= timedelta(hours=settings.off_after_h):
        turn_off(unit, row, reason="gone" if trouble.is_gone else "failing", code=trouble.code)
    unit.session.flush()


def pause_s(tries: int, first_s: float, longest_s: float) -> float:
    """Seconds until the next try: four times as long each time up to the longest, and never two at the same moment."""
    return min(first_s * 4.0 ** min(tries - 1, 20), longest_s) * random.uniform(0.8, 1.2)


def turn_off(unit: Unit, row: Subscription, *, reason: str, code: str = "", by: str | None = None) -> None:
    """Switch a subscription off and say so in its account's inbox; what waits is given up, and can be sent again."""
    now = unit.clock.now()
    row.off_reason, row.off_at, row.off_by = reason, now, by
    row.version += 1
    waiting = update(Message).where(Message.subscription_id == row.id, Message.state == MessageState.WAITING)
    unit.session.execute(
        waiting.values(
            state=MessageState.DEAD, error_code="subscription_off", error_message="The subscription is switched off."
        )
    )
    drop_matches(unit, row)
    if by != row.account_id:
        facts = {"subscription": row.id, "label": row.label, "reason": reason, "code": code}
        entry = InboxEntry(account_id=row.account_id, subscription_id=row.id, kind=TURNED_OFF, facts=facts, at=now)
        unit.session.add(entry)
    record(unit, "subscription.off", row.id, reason=reason, code=code, account=row.account_id)


def drop_matches(unit: Unit, row: Subscription) -> None:
    """Let matches that wait be part of no message."""
    waiting = update(Matched).where(Matched.is_waiting.is_(True), Matched.subscription_id == row.id)
    unit.session.execute(waiting.values(is_waiting=False))


def _is_unknown_too_often(row: Subscription, message: Message) -> bool:
    if row.channel != Channel.MAIL or message.unknowns < MOST_UNKNOWN_MAILS:
        return False
    _give_up(message, "mail_fate_unknown", "It may have arrived, perhaps twice: look before it is sent again.")
    return True


def _give_up(message: Message, code: str, text: str) -> None:
    message.state, message.error_code, message.error_message = MessageState.DEAD, code, text

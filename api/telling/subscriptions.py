"""Subscriptions of accounts: made, changed, switched off, deleted. Each change names the version that it saw."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, tuple_, update

from api.audit.service import record
from api.errors import NotFound, Problem
from api.intake.text import clean_line
from api.settings import Settings
from api.telling import mail, signing
from api.telling.delivery import turn_off
from api.telling.kinds import KINDS
from api.telling.matching import is_within, newest
from api.telling.regions import set_region
from api.telling.windows import next_digest
from api.telling.words import Language
from api.unit import Unit
from api.watchlist.filters import Region
from api.watchlist.repository import address as address_of
from models import Account, Channel, InboxEntry, Matched, Message, Pace, Subscription, Tlp

FEED_PREFIX = "wwf_"
FEED_CEILING = Tlp.AMBER
"""Whoever has a feed's address may read it, so nothing stricter goes there."""


class SubscriptionChanged(Problem):
    """Somebody, or the program, changed the subscription meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("This subscription has changed since you loaded it: look again before you change it.")
        self.version = version


class TooManySubscriptions(Problem):
    """An account has all the subscriptions that it may have."""

    status = 409

    def __init__(self, limit: int) -> None:
        super().__init__(f"An account has at most {limit} subscriptions: delete one first.")
        self.limit = limit


class NoticeKindUnknown(Problem):
    """A kind of notice that nobody writes."""

    status = 422

    def __init__(self) -> None:
        super().__init__(f"There are no notices of this kind: about may be {', '.join(KINDS)}.")
        self.kinds = KINDS


class SubscriptionIncomplete(Problem):
    """Something that the channel or the pace needs is missing, or does not belong to it."""

    status = 422

    def __init__(self, why: str) -> None:
        super().__init__(f"{why}.")


class LabelEmpty(Problem):
    """A label of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("The label holds nothing that can be read: write a few words.")


class FeedTlpRefused(Problem):
    """A feed of what may not be passed on so far."""

    status = 422

    def __init__(self) -> None:
        super().__init__(f"A feed needs no sign-in, so its tlp may be {FEED_CEILING} at most.")
        self.limit = str(FEED_CEILING)


class NotAWebhook(Problem):
    """A secret of something that has none."""

    status = 409

    def __init__(self) -> None:
        super().__init__("Only webhooks and feeds have a secret.")


class SwitchedOffByOthers(Problem):
    """A subscription that whoever oversees switched off."""

    status = 403

    def __init__(self) -> None:
        super().__init__("A supervisor or admin switched this off: ask them.")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to hear of, and how; checked by `subscribe`."""

    label: str
    about: str
    channel: Channel
    pace: Pace = Pace.AT_ONCE
    hour: int | None = None
    language: Language | None = None
    kind: str | None = None
    address_id: str | None = None
    is_assigned_only: bool = False
    tlp: Tlp | None = None
    region: Region | None = None
    mail_to: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A subscription, and the secret that is shown once: of a webhook, or the token of a feed."""

    row: Subscription
    secret: str | None


def subscribe(unit: Unit, wish: Wish, settings: Settings) -> Made:
    """A new subscription of the actor's; it hears of what comes from now on. A webhook's address was looked at before.

    Raises:
        TooManySubscriptions, NoticeKindUnknown, SubscriptionIncomplete, LabelEmpty, FeedTlpRefused, RegionTooWide,
        MailNotSetUp, MailAddressRefused, MailDomainRefused, NotFound: each as its name says; nothing was made.
    """
    account_id = unit.actor.account_id or ""
    _lock_account(unit, account_id)
    limit = settings.telling.subscriptions_per_account
    count = unit.session.scalar(select(func.count()).where(Subscription.account_id == account_id)) or 0
    if count >= limit:
        raise TooManySubscriptions(limit)
    if wish.about not in KINDS:
        raise NoticeKindUnknown
    row = Subscription(account_id=account_id, about=wish.about, channel=wish.channel, created_at=unit.clock.now())
    row.id, row.version, row.secret_number, row.off_reason = secrets.token_hex(16), 1, 0, ""
    row.cursor_seq = newest(unit)
    _fill(unit, row, wish, settings)
    secret = _new_secret(row, settings, overlap=timedelta(), now=unit.clock.now())
    unit.session.add(row)
    unit.session.flush()
    record(unit, "subscription.make", row.id, about=row.about, channel=row.channel, tlp=row.tlp, to=_to(row))
    return Made(row, secret)


def change(unit: Unit, row_id: str, wish: Wish, settings: Settings, *, version: int, is_on: bool) -> Subscription:
    """The actor's subscription with everything as wished; `about` and `channel` stay. Errors of `subscribe`.

    Switched on again it hears of what comes from now on.

    Raises:
        SubscriptionChanged, SwitchedOffByOthers: nothing was changed.
    """
    row = _changing(unit, own(unit, row_id), version=version)
    _fill(unit, row, wish, settings)
    if is_on and row.off_reason:
        if row.off_reason == "overseer":
            raise SwitchedOffByOthers
        row.off_reason, row.off_at, row.off_by, row.failing_since = "", None, None, None
        row.cursor_seq = newest(unit)
    elif not is_on and not row.off_reason:
        turn_off(unit, row, reason="owner", by=row.account_id)
    row.version += 1
    unit.session.flush()
    record(unit, "subscription.change", row.id, tlp=row.tlp, to=_to(row), on=not row.off_reason)
    return row


def switch_off(unit: Unit, row_id: str, *, version: int) -> Subscription:
    """Anybody's subscription, switched off by whoever oversees; off already, it stays as it is. NotFound."""
    row = unit.session.get(Subscription, row_id)
    if row is None:
        raise NotFound("subscription")
    row = _changing(unit, row, version=version)
    if row.off_reason != "overseer":
        turn_off(unit, row, reason="overseer", by=unit.actor.account_id)
        unit.session.flush()
    return row


def remove(unit: Unit, row_id: str, *, version: int) -> None:
    """Delete the actor's subscription with its messages; what is in the inbox stays. NotFound, SubscriptionChanged."""
    row = _changing(unit, own(unit, row_id), version=version)
    facts = {"about": row.about, "channel": row.channel, "to": _to(row)}
    kept = update(InboxEntry).where(InboxEntry.subscription_id == row.id)
    unit.session.execute(kept.values(subscription_id=None))
    unit.session.execute(delete(Matched).where(Matched.subscription_id == row.id))
    unit.session.execute(delete(Message).where(Message.subscription_id == row.id))
    unit.session.delete(row)
    unit.session.flush()
    record(unit, "subscription.delete", row_id, **facts)


def rotate(unit: Unit, row_id: str, settings: Settings, *, version: int, overlap: timedelta) -> Made:
    """The actor's webhook or feed with a new secret; the old one of a webhook signs along for the overlap.

    Raises:
        NotFound, SubscriptionChanged, NotAWebhook: nothing was changed.
    """
    row = _changing(unit, own(unit, row_id), version=version)
    if row.channel not in (Channel.WEBHOOK, Channel.FEED):
        raise NotAWebhook
    secret = _new_secret(row, settings, overlap=overlap, now=unit.clock.now())
    row.version += 1
    unit.session.flush()
    record(unit, "subscription.secret", row.id, number=row.secret_number, overlap_s=int(overlap.total_seconds()))
    return Made(row, secret)


def own(unit: Unit, row_id: str) -> Subscription:
    """A subscription of the actor's; NotFound for anybody else's."""
    row = unit.session.get(Subscription, row_id)
    if row is None or row.account_id != unit.actor.account_id:
        raise NotFound("subscription")
    return row


def subscriptions(
    unit: Unit, *, account_id: str | None, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Subscription]:
    """Subscriptions of an account, or everybody's, the newest first; one more than `limit` when there are more."""
    query = select(Subscription)
    if account_id is not None:
        query = query.where(Subscription.account_id == account_id)
    key = Subscription.created_at, Subscription.id
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    return unit.session.scalars(query.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()


def feed_of(unit: Unit, row_id: str, token: str) -> Subscription | None:
    """The feed that this token opens; None for any other, after the same comparison."""
    row = unit.session.get(Subscription, row_id)
    kept = row.feed_sha256 if row is not None and row.feed_sha256 else "0" * 64
    is_right = hmac.compare_digest(hashlib.sha256(token.encode()).hexdigest(), kept)
    return row if is_right and row is not None and not row.off_reason else None


def _changing(unit: Unit, row: Subscription, *, version: int) -> Subscription:
    row = unit.session.get_one(Subscription, row.id, with_for_update=True, populate_existing=True)
    if row.version != version:
        raise SubscriptionChanged(version=row.version)
    return row


def _lock_account(unit: Unit, account_id: str) -> None:
    """Two requests at once must not both be the last that the limit allows."""
    unit.session.get(Account, account_id, with_for_update=True)


def _fill(unit: Unit, row: Subscription, wish: Wish, settings: Settings) -> None:
    label = clean_line(wish.label)
    if not label:
        raise LabelEmpty
    row.label, row.language, row.kind, row.is_assigned_only = label, wish.language, wish.kind, wish.is_assigned_only
    row.address_id = address_of(unit, wish.address_id).id if wish.address_id else None
    set_region(row, wish.region)
    row.tlp = wish.tlp or (Tlp.RED if row.channel == Channel.INBOX else Tlp.AMBER)
    if row.channel == Channel.FEED and not is_within(row.tlp, FEED_CEILING):
        raise FeedTlpRefused
    _fill_pace(unit, row, wish, settings)
    _fill_target(row, wish, settings)


def _fill_pace(unit: Unit, row: Subscription, wish: Wish, settings: Settings) -> None:
    if wish.pace != Pace.AT_ONCE and row.channel not in (Channel.MAIL, Channel.WEBHOOK):
        raise SubscriptionIncomplete("A digest is sent by mail or webhook: an inbox and a feed are filled at once")
    if (wish.pace == Pace.DAILY) != (wish.hour is not None):
        raise SubscriptionIncomplete("A daily digest has an hour from 0 to 23, and nothing else has one")
    row.pace, row.hour = wish.pace, wish.hour
    row.digest_at = next_digest(row.pace, row.hour, settings.zone, after=unit.clock.now())


def _fill_target(row: Subscription, wish: Wish, settings: Settings) -> None:
    if (row.channel == Channel.MAIL) != (wish.mail_to is not None):
        raise SubscriptionIncomplete(
            "mail_to says where mail goes: it belongs to the channel mail, and is needed there"
        )
    if (row.channel == Channel.WEBHOOK) != (wish.url is not None):
        raise SubscriptionIncomplete(
            "url says where a webhook is: it belongs to the channel webhook, and is needed there"
        )
    if wish.mail_to is not None:
        if not settings.telling.smtp_host:
            raise mail.MailNotSetUp
        row.mail_to = mail.mail_address(wish.mail_to, settings.telling)
    row.url = wish.url


def _new_secret(row: Subscription, settings: Settings, *, overlap: timedelta, now: datetime) -> str | None:
    if row.channel == Channel.WEBHOOK:
        row.secret_number += 1
        row.old_secret_until = now + overlap if overlap else None
        secret = signing.secret_of(settings.secret.get_secret_value(), row.id, row.secret_number)
        row.secret_check = signing.check_of(secret)
        return secret
    if row.channel == Channel.FEED:
        token = FEED_PREFIX + secrets.token_urlsafe(32)
        row.secret_number += 1
        row.feed_sha256 = hashlib.sha256(token.encode()).hexdigest()
        return token
    return None


def _to(row: Subscription) -> str | None:
    """Where it goes, for the audit log; of a webhook only the host, because paths of webhooks are secrets of others."""
    if row.url is not None:
        return row.url.split("/")[2]
    return row.mail_to

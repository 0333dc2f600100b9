"""What the routes of telling take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.telling.regions import region_of
from api.telling.subscriptions import Wish
from api.telling.words import Language
from api.watchlist.filters import Region, box, circle
from models import Address, Channel, InboxEntry, Message, Pace, Subscription, Tlp, Watch
from vision.addresses import defang
from vision.types import Kind

Degrees = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class CircleIn(_Body):
    """A place and how far around it."""

    lat: Degrees
    lon: Degrees
    radius_m: Annotated[float, Field(gt=0, allow_inf_nan=False)]


class WishIn(_Body):
    """What somebody wants to hear of, and how.

    `box` is south, west, north, east; without it and `circle`, everywhere. `tlp` is the strictest that may go there:
    `amber` unless given, in an inbox `red`. `mail_to` belongs to mail, `url` to webhooks, `hour` to daily digests.
    """

    label: Annotated[str, Field(min_length=1, max_length=100, examples=["new in Petropavl"])]
    pace: Pace = Pace.AT_ONCE
    hour: Annotated[int | None, Field(ge=0, le=23)] = None
    language: Language | None = None
    kind: Kind | None = None
    address_id: Annotated[str | None, Field(max_length=32)] = None
    assigned_to_me: bool = False
    tlp: Tlp | None = None
    box: Annotated[list[Degrees] | None, Field(min_length=4, max_length=4)] = None
    circle: CircleIn | None = None
    mail_to: Annotated[str | None, Field(max_length=300)] = None
    url: Annotated[str | None, Field(max_length=1000)] = None

    @model_validator(mode="after")
    def _region_is_one(self) -> WishIn:
        if self.box is not None and self.circle is not None:
            raise ValueError("give box or circle, not both")
        return self

    def region(self) -> Region | None:
        """The region; RegionRefused."""
        if self.box is not None:
            return box(*self.box)
        return circle(self.circle.lat, self.circle.lon, self.circle.radius_m) if self.circle else None

    def wish(self, about: str, channel: Channel) -> Wish:
        """The wish in the service's words; RegionRefused."""
        return Wish(
            label=self.label,
            about=about,
            channel=channel,
            pace=self.pace,
            hour=self.hour,
            language=self.language,
            kind=self.kind,
            address_id=self.address_id,
            is_assigned_only=self.assigned_to_me,
            tlp=self.tlp,
            region=self.region(),
            mail_to=self.mail_to,
            url=self.url,
        )


class SubscriptionIn(WishIn):
    """A new subscription; `about` is a kind of notice."""

    about: Annotated[str, Field(max_length=48, examples=["address.new"])]
    channel: Channel


class SubscriptionEdit(WishIn):
    """A subscription as it is to be; `about` and `channel` cannot be changed."""

    version: Annotated[int, Field(ge=1)]
    is_on: bool = True


class VersionIn(_Body):
    """The version that was seen."""

    version: Annotated[int, Field(ge=1)]


class SecretIn(VersionIn):
    """`overlap_h`: for how many hours the old secret of a webhook signs along."""

    overlap_h: Annotated[int, Field(ge=0, le=72)] = 24


class SubscriptionOut(BaseModel):
    """A subscription; `off_reason` is empty while it is on, else `owner`, `overseer`, `failing` or `gone`."""

    id: str
    account: str
    label: str
    about: str
    channel: str
    pace: str
    hour: int | None
    language: str | None
    kind: str | None
    address_id: str | None
    assigned_to_me: bool
    tlp: str
    box: list[float] | None
    circle: dict[str, float] | None
    mail_to: str | None
    url: str | None
    old_secret_until: datetime | None
    off_reason: str
    off_at: datetime | None
    failing_since: datetime | None
    digest_at: datetime | None
    dead_messages: int
    version: int
    created_at: datetime


class SubscriptionMade(SubscriptionOut):
    """With what is shown this once: a webhook's `secret`, or a feed's address."""

    secret: str | None = None
    feed: str | None = None


class SubscriptionPageOut(BaseModel):
    """One page, the newest first; `next` goes into `cursor`."""

    subscriptions: list[SubscriptionOut]
    next: str | None


class MessageOut(BaseModel):
    """A message: `waiting`, `sending`, `sent`, or `dead` when it was given up."""

    id: str
    made_at: datetime
    is_digest: bool
    is_test: bool
    notices: int
    state: str
    tries: int
    due_at: datetime
    sent_at: datetime | None
    error_code: str | None
    error_message: str | None


class MessagePageOut(BaseModel):
    """One page, the newest first; `next` goes into `cursor`."""

    messages: list[MessageOut]
    next: str | None


class InboxEntryOut(BaseModel):
    """Something in the inbox; `seq` is its notice's number, `defanged` and `address_id` the address it is about."""

    id: str
    at: datetime
    kind: str
    title: str
    subscription_id: str | None
    seq: int | None
    address_id: str | None
    defanged: str | None
    facts: dict[str, Any]
    read_at: datetime | None


class InboxOut(BaseModel):
    """One page, the newest first, and how many entries are unread in all (to 10,000); `next` goes into `cursor`."""

    entries: list[InboxEntryOut]
    unread: int
    next: str | None


class MarkIn(_Body):
    """Entries to mark: some by their ids, or with `until` all up to a moment, or all."""

    ids: Annotated[list[Annotated[str, Field(max_length=32)]] | None, Field(min_length=1, max_length=200)] = None
    until: datetime | None = None
    is_read: bool = True


class MarkedOut(BaseModel):
    """How many entries changed, and how many are unread now."""

    changed: int
    unread: int


class WatchOut(BaseModel):
    """An address that is watched."""

    address_id: str
    kind: str
    value: str
    defanged: str
    since: datetime


class WatchPageOut(BaseModel):
    """One page, the latest first; `next` goes into `cursor`."""

    watched: list[WatchOut]
    next: str | None


def subscription_out(row: Subscription, dead: int = 0) -> SubscriptionOut:
    """A subscription as it is shown; the secret is not in it."""
    region = region_of(row)
    is_circle = region is not None and region.radius_m is not None
    return SubscriptionOut(
        id=row.id,
        account=row.account.name,
        label=row.label,
        about=row.about,
        channel=row.channel,
        pace=row.pace,
        hour=row.hour,
        language=row.language,
        kind=row.kind,
        address_id=row.address_id,
        assigned_to_me=row.is_assigned_only,
        tlp=row.tlp,
        box=[region.south, region.west, region.north, region.east] if region and not is_circle else None,
        circle={"lat": row.lat or 0.0, "lon": row.lon or 0.0, "radius_m": row.radius_m or 0.0} if is_circle else None,
        mail_to=row.mail_to,
        url=row.url,
        old_secret_until=row.old_secret_until,
        off_reason=row.off_reason,
        off_at=row.off_at,
        failing_since=row.failing_since,
        digest_at=row.digest_at,
        dead_messages=dead,
        version=row.version,
        created_at=row.created_at,
    )


def overseen_out(row: Subscription, dead: int = 0) -> SubscriptionOut:
    """A subscription as those who oversee see it: where it goes, but no path of a webhook, which may be a secret."""
    shown = subscription_out(row, dead)
    return shown.model_copy(update={"url": "/".join([*row.url.split("/")[:3], "…"])}) if row.url else shown


def message_out(message: Message) -> MessageOut:
    """A message as it is shown."""
    return MessageOut(
        id=message.id,
        made_at=message.made_at,
        is_digest=message.is_digest,
        is_test=message.is_test,
        notices=message.notice_count,
        state=message.state,
        tries=message.tries,
        due_at=message.due_at,
        sent_at=message.sent_at,
        error_code=message.error_code,
        error_message=message.error_message,
    )


def inbox_out(entry: InboxEntry, title: str) -> InboxEntryOut:
    """An entry as it is shown."""
    facts = entry.facts
    kind, value = facts.get("kind"), facts.get("value")
    return InboxEntryOut(
        id=entry.id,
        at=entry.at,
        kind=entry.kind,
        title=title,
        subscription_id=entry.subscription_id,
        seq=entry.seq,
        address_id=facts.get("address_id"),
        defanged=defang(kind, value) if kind and value else None,
        facts=facts,
        read_at=entry.read_at,
    )


def watch_out(row: Watch, address: Address) -> WatchOut:
    """A watched address as it is shown."""
    return WatchOut(
        address_id=address.id,
        kind=address.kind,
        value=address.value,
        defanged=defang(address.kind, address.value),
        since=row.at,
    )

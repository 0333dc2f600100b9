"""From a conversation to a report, with a number that its sender can read out."""

from __future__ import annotations

import io
import secrets
import threading
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.accounts.service import NameTaken, add_account
from api.intake.coordinates import Place
from api.intake.draft import Draft, SentPhoto
from api.intake.service import take_report
from api.photos.service import Original
from api.services import Services
from api.settings import Settings
from api.unit import Actor, Unit
from models import Account, Conversation, ConversationPhoto, ConversationState, Photo, Report, Role, Sender
from vision.types import PhotoFacts

RECEIPT_SIGNS = "234679DFJLNQRUVW"
"""Digits and letters that are taken neither for each other nor for Cyrillic ones."""
RECEIPT_TRIES = 20
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF"}


class Reporters:
    """Accounts that reports of channels belong to: one each, made on first use; nobody can sign in with them."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._known: dict[str, Actor] = {}
        self._lock = threading.Lock()

    def of(self, channel: str) -> Actor:
        """The channel's account."""
        with self._lock:
            if channel not in self._known:
                try:
                    self._known[channel] = _account(self._services, f"channel-{channel}")
                except NameTaken:  # another worker was faster
                    self._known[channel] = _account(self._services, f"channel-{channel}")
            return self._known[channel]


def _account(services: Services, name: str) -> Actor:
    asked = select(Account).where(Account.name == name)
    with services.reading_unit() as unit:
        account = unit.session.scalar(asked)
    if account is None:
        with services.unit(Actor(name="channels")) as unit:
            account = add_account(unit, name, role=Role.OFFICER, password=secrets.token_urlsafe(32))
            account.disabled_at = unit.clock.now()
    return Actor(name=account.name, account_id=account.id, role=account.role)


def send_off(unit: Unit, settings: Settings, row: Conversation, sender: Sender) -> Report:
    """The report of a conversation that has photos and a place; it is sent then. Of the unit's account.

    Problem when it cannot be one: nothing was changed.
    """
    if row.lat is None or row.lon is None:
        raise ValueError(f"conversation {row.id} has no place")
    photos = _photos(unit, row)
    source = row.place_source if row.place_source in {"shared", "text", "link", "exif", "typed"} else "typed"
    place = Place(row.lat, row.lon, source)  # type: ignore[arg-type]
    draft = Draft(
        photos=[SentPhoto(io.BytesIO(), name=name or "") for name, _ in photos],
        place=place,
        place_text=row.place_text,
        accuracy_m=row.accuracy_m,
        note=row.note,
        key=f"talk-{row.id}",
        channel=row.channel,
        fields={"lat": str(row.lat), "lon": str(row.lon)},
    )
    intake = settings.intake
    report = take_report(
        unit, draft, [original for _, original in photos], doubtful_m=intake.doubtful_m, zone=intake.zone
    )
    row.report_id, row.state, row.ended_why = report.id, ConversationState.SENT, None
    row.changed_at, row.remind_at = unit.clock.now(), None
    row.version += 1
    _give_number(unit, row)
    if sender.agreed_at is None:
        sender.sealed_chat = None
    return report


def _give_number(unit: Unit, row: Conversation) -> None:
    """A number that no other conversation has."""
    for _ in range(RECEIPT_TRIES):
        signs = "".join(secrets.choice(RECEIPT_SIGNS) for _ in range(6))
        try:
            with unit.session.begin_nested():
                row.receipt = f"{signs[:3]}-{signs[3:]}"
                unit.session.flush()
        except IntegrityError:
            continue
        return
    raise RuntimeError("no receipt number was free")


def _photos(unit: Unit, row: Conversation) -> list[tuple[str | None, Original]]:
    asked = (
        select(ConversationPhoto.file_name, Photo)
        .join(Photo, Photo.sha256 == ConversationPhoto.photo_sha256)
        .where(ConversationPhoto.conversation_id == row.id)
        .order_by(ConversationPhoto.position)
    )
    return [(name, _original(photo)) for name, photo in unit.session.execute(asked)]


def _original(photo: Photo) -> Original:
    """The photo as it was examined when it came."""
    facts = None
    if photo.width is not None and photo.height is not None:
        facts = PhotoFacts(
            sha256=photo.sha256,
            format=FORMATS.get(photo.media_type, "JPEG"),
            width=photo.width,
            height=photo.height,
            lat=photo.exif_lat,
            lon=photo.exif_lon,
            taken_at=datetime.fromisoformat(photo.exif_taken_at) if photo.exif_taken_at else None,
            camera=photo.camera,
        )
    return Original(photo.sha256, photo.size_bytes, photo.media_type, facts)

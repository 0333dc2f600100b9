"""Telling the sender what a conversation waits for; sending the report off where nobody is asked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from api.intake.talk import conversations, reports, words
from api.intake.talk.turn import Turn
from models import ArrivalState, Arrived, Conversation, ConversationState, Outgoing

MAP = "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}"


def ask(turn: Turn) -> None:
    """Ask for what is missing; once for a whole album."""
    row = turn.conversation
    if row is None:
        return
    if row.state == ConversationState.PHOTO:
        if _is_to_be_fetched(turn):
            return  # a photo is here, and only the provider does not give it yet
        lat, lon = degrees(row)
        turn.say("ask_photo", lat=lat, lon=lon)
    elif row.state == ConversationState.PLACE:
        if not (turn.only_photos and _asked_just_now(turn, row)):
            turn.tell(request(turn, row), asks_for_place=True)
    elif row.state == ConversationState.CONFIRM:
        if turn.confirms:
            show(turn, row)
        else:
            send_off(turn, row)


def request(turn: Turn, row: Conversation) -> str:
    """The request for a place."""
    photos = len(conversations.photos_of(turn.unit.session, row))
    return words.said("ask_place", turn.language, photos=photos)


def show(turn: Turn, row: Conversation) -> None:
    """What would be sent, with buttons."""
    turn.tell(
        summary(row, len(conversations.photos_of(turn.unit.session, row)), turn.language),
        buttons=tuple(turn.button(action) for action in ("yes", "place", "menu")),
    )


def summary(row: Conversation, photos: int, language: str) -> str:
    """What would be sent."""
    lat, lon = degrees(row)
    exif = words.said("from_exif", language) if row.place_source == "exif" else ""
    link = MAP.format(lat=lat, lon=lon)
    return words.said("ask_confirm", language, photos=photos, lat=lat, lon=lon, exif=exif, link=link)


def degrees(row: Conversation) -> tuple[str, str]:
    """The place in digits, to ten centimetres."""
    return f"{row.lat or 0.0:.6f}", f"{row.lon or 0.0:.6f}"


def send_off(turn: Turn, row: Conversation) -> None:
    """Make the report, and thank."""
    report = reports.send_off(turn.unit, turn.settings, row, turn.sender)
    turn.facts["report"] = report.id
    text = words.said("thanks", turn.language, receipt=row.receipt)
    if turn.confirms:
        text += words.said("thanks_may_tell", turn.language)
    turn.tell(text, buttons=(turn.button("tell"), turn.button("forget")))


def _is_to_be_fetched(turn: Turn) -> bool:
    """Whether something of the sender's waits for another try."""
    put_off = Arrived.sender_id == turn.sender.id, Arrived.state == ArrivalState.WAITING, Arrived.tries > 0
    return turn.unit.session.scalar(select(Arrived.seq).where(*put_off).limit(1)) is not None


def _asked_just_now(turn: Turn, row: Conversation) -> bool:
    """Whether the place was asked for while these photos were on their way: they come one by one from some senders."""
    asked = select(Outgoing).where(Outgoing.conversation_id == row.id).order_by(Outgoing.seq.desc())
    last = turn.unit.session.scalar(asked.limit(1))
    is_recent = last is not None and turn.now - last.made_at < timedelta(seconds=turn.settings.talk.album_s)
    return is_recent and last is not None and bool(last.content.get("asks_for_place"))

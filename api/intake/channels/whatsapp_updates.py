"""From a webhook of the WhatsApp Business Cloud API to what arrived, and to messages of ours that did not.

Read by ourselves: pywa's own `Message` is made of the first message of a body alone, and wants fields that are not
always there. A body may have many messages, of several numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from api.intake.channels.base import Arrival, Media, MediaKind, Spot
from api.intake.channels.sealing import masked
from api.intake.channels.taking import Failed, Taken
from api.settings import Settings

NAME: Final = "whatsapp"
KINDS: Mapping[str, MediaKind] = {
    "image": "photo",
    "document": "document",
    "sticker": "sticker",
    "video": "video",
    "audio": "voice",
    "contacts": "contact",
}
LEFT_OUT = frozenset({"reaction", "system", "request_welcome", "edit", "revoke"})
"""An emoji on a message, a number that changed, a chat that was opened, and what was taken back: the message counts."""
log = structlog.get_logger()
Json = Mapping[str, Any]


def taken_of(settings: Settings, body: object) -> Taken:
    """All that a body brings; what makes no sense is logged and left out, what comes beside it is not.

    A message of a kind that nobody knows yet is something attached of the kind `other`.
    """
    arrivals: list[Arrival] = []
    failed: list[Failed] = []
    for value in _values(body):
        if value.get("errors"):
            log.warning("provider_reports", channel=NAME, codes=[each.get("code") for each in _dicts(value["errors"])])
        number = str(_dict(value.get("metadata")).get("phone_number_id", ""))
        if number != settings.whatsapp.phone_id:
            log.warning("other_number", channel=NAME)  # the same app serves one more: its messages are not for us
            continue
        for message in _dicts(value.get("messages")):
            try:
                found = _arrival(settings, message, value)
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError) as error:
                log.warning("update_not_understood", channel=NAME, error=type(error).__name__)
                continue
            if found is not None:
                arrivals.append(found)
        failed += filter(None, (_failed(settings, each) for each in _dicts(value.get("statuses"))))
    return Taken(tuple(arrivals), tuple(failed))


def name_of(settings: Settings, message_id: str) -> str:
    """Our name for a message: WhatsApp's own has the telephone number in it, hardly hidden."""
    return masked(settings, NAME, message_id)


def _values(body: object) -> Iterator[Json]:
    for entry in _dicts(_dict(body).get("entry")):
        for change in _dicts(entry.get("changes")):
            if change.get("field") == "messages":
                yield _dict(change.get("value"))


def _arrival(settings: Settings, message: Json, value: Json) -> Arrival | None:
    kind = str(message.get("type", ""))
    if kind in LEFT_OUT:
        return None
    # Who took a user name has no number to show, but an id of its own that can be answered.
    sender = str(message.get("from") or message.get("from_user_id") or _contact(value)["user_id"])
    group, context = message.get("group_id"), _dict(message.get("context"))
    content = _dict(message.get(kind))
    button = _button(kind, content)
    text, spot = _text(kind, content), _spot(content) if kind == "location" else None
    media = () if (text is not None and kind not in KINDS) or spot or button is not None else (_media(kind, content),)
    return Arrival(
        channel=NAME,
        provider_id=name_of(settings, str(message["id"])),
        chat=str(group or sender),
        sender=sender,
        sent_at=datetime.fromtimestamp(int(message["timestamp"]), UTC),
        is_group=bool(group),
        text=text,
        spot=spot,
        media=media,
        button=button,
        about=name_of(settings, str(context["id"])) if context.get("id") else None,
        is_forwarded=bool(context.get("forwarded") or context.get("frequently_forwarded")),
    )


def _media(kind: str, content: Json) -> Media:
    """What is attached; of the kind `other`, with nothing to fetch, where the kind is not known."""
    return Media(
        ref=str(content.get("id", "")),
        kind=KINDS.get(kind, "other"),
        media_type=_said(content, "mime_type"),
        file_name=_said(content, "filename"),
    )


def _text(kind: str, content: Json) -> str | None:
    if kind == "text":
        return str(content.get("body", ""))
    if kind == "location":
        said = [_said(content, name) for name in ("name", "address")]
        return "\n".join(filter(None, said)) or None
    return _said(content, "caption")


def _spot(content: Json) -> Spot:
    return Spot(lat=float(content["latitude"]), lon=float(content["longitude"]))


def _button(kind: str, content: Json) -> str | None:
    if kind == "button":  # below a template
        return str(content["payload"])
    if kind == "interactive":
        reply = content.get("button_reply") or content.get("list_reply")
        return str(reply["id"]) if reply else None
    return None


def _failed(settings: Settings, status: Json) -> Failed | None:
    """A message of ours that WhatsApp took and did not deliver; None for one that is on its way, or there."""
    if status.get("status") != "failed" or not status.get("id"):
        return None
    error = next(iter(_dicts(status.get("errors"))), {})
    log.warning("not_delivered", channel=NAME, code=error.get("code"))
    said = _said(_dict(error.get("error_data")), "details") or _said(error, "title") or "not delivered"
    return Failed(NAME, name_of(settings, str(status["id"])), f"whatsapp_{error.get('code', 0)}", said)


def _contact(value: Json) -> Json:
    return next(_dicts(value.get("contacts")))


def _said(content: Json, name: str) -> str | None:
    found = content.get(name)
    return found if isinstance(found, str) and found else None


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _dicts(value: object) -> Iterator[Json]:
    return (each for each in (value if isinstance(value, list) else ()) if isinstance(each, dict))

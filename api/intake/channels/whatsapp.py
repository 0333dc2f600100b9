"""A number of the WhatsApp Business Cloud API as a channel, through pywa."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar
from urllib.parse import urlsplit

import httpx
from pywa.client import WhatsApp as Pywa
from pywa.errors import WhatsAppError
from pywa.types.callback import Button
from pywa.types.media import Media as Uploaded
from pywa.types.sent_update import SentMessage

from api.intake.channels.base import ChannelError, Media, Message
from api.intake.channels.sealing import Unsealable, unmasked
from api.intake.channels.settings import WhatsAppSettings
from api.intake.channels.trouble import IN_TIME_S, copied, of_the_line, tls, too_large
from api.intake.channels.whatsapp_errors import in_our_words, of_a_file
from api.intake.channels.whatsapp_updates import NAME, name_of
from api.settings import Settings

GRAPH_VERSION = "26.0"
LONGEST_TEXT, LONGEST_BODY = 4096, 1024
MOST_BUTTONS, LONGEST_BUTTON = 3, 20
HOSTS = ("fbsbx.com", "whatsapp.net", "facebook.com", "fbcdn.net")
"""Where Meta keeps what was attached; the access token is shown to no other host."""
T = TypeVar("T")


class WhatsApp:
    """Talks through the Cloud API. Called from several threads; connections are shared."""

    name = NAME
    talks = True

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        mine = settings.whatsapp
        self._session = httpx.Client(
            verify=tls(), trust_env=False, timeout=mine.timeout_s, event_hooks={"request": [_Hosts(mine).check]}
        )
        self._pywa = Pywa(
            phone_id=mine.phone_id,
            token=mine.token.get_secret_value(),
            session=self._session,
            api_version=float(GRAPH_VERSION),
        )
        # pywa puts Meta's own address there and offers no setting; relative paths are all that it asks for after that.
        self._session.base_url = httpx.URL(f"{mine.api}/v{GRAPH_VERSION}")

    def fetch(self, media: Media, into: BinaryIO, *, limit_bytes: int) -> None:
        """Write what was attached into a file, as the Protocol says."""
        if not media.ref.isdigit():
            raise ChannelError("media_gone", "WhatsApp gave nothing to fetch", is_final=True)
        about = _ask(lambda: self._pywa.api.get_media_url(media.ref), changes_something=False)
        size, url = about.get("file_size"), str(about.get("url", ""))
        if isinstance(size, int) and size > limit_bytes:
            raise too_large(limit_bytes)
        try:
            with self._pywa.api.stream_media_bytes(url) as answer:
                if answer.status_code != httpx.codes.OK:
                    raise of_a_file(answer.status_code)
                copied(answer, into, limit_bytes=limit_bytes, until_s=time.monotonic() + IN_TIME_S)
        except httpx.HTTPError as error:
            raise of_the_line(error, "WhatsApp", changes_something=False) from error

    def send(self, chat: str, message: Message, *, picture: bytes | None = None) -> str:
        """Send a message; the name of it. Longer texts than WhatsApp takes are cut, further buttons left out."""
        about = self._answered(message.about)
        buttons = [Button(each.text[:LONGEST_BUTTON], each.data) for each in message.buttons[:MOST_BUTTONS]]
        options: dict[str, Any] = {"to": chat, "reply_to_message_id": about}
        body = _cut(message.text, LONGEST_BODY) or "…"
        ask: Callable[[], SentMessage]
        if picture is not None:
            image = _ask(lambda: self._uploaded(picture), changes_something=False)
            ask = lambda: self._pywa.send_image(image=image, caption=body, buttons=buttons or None, **options)  # noqa: E731
        elif buttons:
            ask = lambda: self._pywa.send_message(text=body, buttons=buttons, **options)  # noqa: E731
        elif message.asks_for_place:
            ask = lambda: self._pywa.request_location(text=body, **options)  # noqa: E731
        else:
            text = _cut(message.text, LONGEST_TEXT) or "…"
            ask = lambda: self._pywa.send_message(text=text, preview_url=False, **options)  # noqa: E731
        return name_of(self._settings, str(_ask(ask).id))

    def pressed(self, press: str) -> None:
        """Nothing: a press is a message there, with nothing that waits."""

    def check(self) -> dict[str, Any]:
        """What Meta says of the number. ChannelError."""
        number = _ask(
            lambda: self._pywa.api.get_business_phone_number(
                self._settings.whatsapp.phone_id, ("verified_name", "display_phone_number", "quality_rating")
            ),
            changes_something=False,
        )
        return {name: str(number.get(name, "")) for name in ("verified_name", "display_phone_number", "quality_rating")}

    def close(self) -> None:
        """Give connections back."""
        self._session.close()

    def _uploaded(self, picture: bytes) -> Uploaded:
        return self._pywa.upload_media(picture, mime_type="image/jpeg", filename="wall.jpg")

    def _answered(self, about: str) -> str | None:
        try:
            return unmasked(self._settings, NAME, about) if about else None
        except Unsealable:
            return None


class _Hosts:
    """Refuses requests to hosts that are not Meta's, redirects too: each request shows the access token."""

    def __init__(self, settings: WhatsAppSettings) -> None:
        self._api = urlsplit(settings.api)

    def check(self, request: httpx.Request) -> None:
        """ChannelError for a foreign host."""
        url = request.url
        if (url.scheme, url.netloc.decode("ascii", "replace")) == (self._api.scheme, self._api.netloc):
            return
        if url.scheme == "https" and any(url.host == host or url.host.endswith(f".{host}") for host in HOSTS):
            return
        raise ChannelError("media_refused", "WhatsApp named a file elsewhere: it was not asked for", is_final=True)


def _ask(ask: Callable[[], T], *, changes_something: bool = True) -> T:
    """What the library answers, or ChannelError."""
    try:
        return ask()
    except WhatsAppError as error:
        raise in_our_words(error, changes_something=changes_something) from error
    except httpx.HTTPError as error:
        raise of_the_line(error, "WhatsApp", changes_something=changes_something) from error
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ChannelError(
            "answer_not_understood", "WhatsApp's answer made no sense", is_unknown=changes_something
        ) from error


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"

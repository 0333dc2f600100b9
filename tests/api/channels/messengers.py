"""Messengers of the tests: settings of channels that talk to servers on this machine."""

import io
from contextlib import contextmanager

from api.intake.channels.telegram import Telegram
from api.intake.channels.whatsapp import WhatsApp
from api.settings import Settings
from tests.api.channels import telegram_server, whatsapp_server

BOTH = ["telegram", "whatsapp"]
NOBODY = "http://127.0.0.1:9"


def of_telegram(**more):
    """Settings of a bot."""
    mine = {"token": telegram_server.TOKEN, "webhook_secret": telegram_server.SECRET, "api": NOBODY, "timeout_s": 5}
    return mine | more


def of_whatsapp(**more):
    """Settings of a number."""
    mine = {
        "phone_id": whatsapp_server.PHONE_ID,
        "token": whatsapp_server.TOKEN,
        "app_secret": whatsapp_server.APP_SECRET,
        "verify_token": whatsapp_server.VERIFY,
        "api": NOBODY,
        "timeout_s": 5,
    }
    return mine | more


def both(telegram=None, whatsapp=None, **groups):
    """Settings with both messengers."""
    return Settings(
        stage="development",
        telegram=of_telegram(**(telegram or {})),
        whatsapp=of_whatsapp(**(whatsapp or {})),
        **groups,
    )


@contextmanager
def talking(server, make):
    """A server of the test's own, and a channel that talks to it."""
    with server.open():
        channel = make(server.url)
        try:
            yield server, channel
        finally:
            channel.close()


def telegram_at(url, **more):
    return Telegram(both(telegram={"api": url} | more))


def whatsapp_at(url, **more):
    return WhatsApp(both(whatsapp={"api": url} | more))


def fetched(channel, media, limit_bytes=2**20):
    into = io.BytesIO()
    channel.fetch(media, into, limit_bytes=limit_bytes)
    return into.getvalue()

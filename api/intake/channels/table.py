"""Which channels an installation has: one visible table; heavy imports inside the factories."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from api.intake.channels.base import Channel
from api.services import Services

Factory = Callable[[Services], Channel | None]
_lock = threading.Lock()


def channels(services: Services) -> Mapping[str, Channel]:
    """The channels that the settings name, by name: the same ones each time. They are closed with the services."""
    with _lock:
        if not services.channels:
            for name, make in FACTORIES.items():
                if (channel := make(services)) is not None:
                    services.channels[name] = channel
        return services.channels


def _telegram(services: Services) -> Channel | None:
    if not services.settings.telegram.token.get_secret_value():
        return None
    from api.intake.channels.telegram import Telegram  # noqa: PLC0415 - the library comes with it

    return Telegram(services.settings)


def _whatsapp(services: Services) -> Channel | None:
    if not services.settings.whatsapp.phone_id:
        return None
    from api.intake.channels.whatsapp import WhatsApp  # noqa: PLC0415 - the library comes with it

    return WhatsApp(services.settings)


def _mail(services: Services) -> Channel | None:
    from api.intake.channels.mail import mail_channel  # noqa: PLC0415 - the library comes with it

    return mail_channel(services)


def _folder(services: Services) -> Channel | None:
    from api.intake.channels.watched import folder_channel  # noqa: PLC0415 - as the others

    return folder_channel(services)


FACTORIES: Mapping[str, Factory] = {
    "telegram": _telegram,
    "whatsapp": _whatsapp,
    "mail": _mail,
    "folder": _folder,
}

"""Names of people and chats: known again by a keyed hash, and readable only with the installation's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from api.settings import Settings


class Unsealable(Exception):
    """Sealed with another secret than the installation has now."""


def hashed(settings: Settings, channel: str, name: str) -> str:
    """64 hex digits that stand for a name on a channel: the same each time, of no use without the secret."""
    return hmac.new(_key(settings, "hash"), f"{channel}\0{name}".encode(), hashlib.sha256).hexdigest()


def sealed(settings: Settings, text: str) -> bytes:
    """The text, encrypted and authenticated."""
    return _box(settings).encrypt(text.encode())


def opened(settings: Settings, data: bytes) -> str:
    """What was sealed; Unsealable when the secret is another one by now."""
    try:
        return _box(settings).decrypt(data).decode()
    except InvalidToken:
        raise Unsealable from None


def _box(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(settings, "seal")))


def _key(settings: Settings, what: str) -> bytes:
    return hmac.new(settings.secret.get_secret_value().encode(), f"channels\0{what}".encode(), hashlib.sha256).digest()

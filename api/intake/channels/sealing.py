"""Names of people and chats: known again by a keyed hash, and readable only with the installation's secret."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from api.settings import Settings

LONGEST_NAME = 170  # masked it is shorter than the 255 characters that tables have for a provider's id


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


def masked(settings: Settings, channel: str, name: str) -> str:
    """A provider's id of a message, readable only with the secret and the same each time (AES-SIV, RFC 5297).

    Providers put phone numbers and chats into such ids, and an id must be found again in the tables.
    """
    if len(name.encode()) > LONGEST_NAME:
        return hashed(settings, channel, name)
    data = AESSIV(_key(settings, "mask")).encrypt(name.encode(), [channel.encode()])
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unmasked(settings: Settings, channel: str, mask: str) -> str:
    """The provider's id; Unsealable when this is no mask of this channel, or of another secret."""
    try:
        data = base64.urlsafe_b64decode(mask + "=" * (-len(mask) % 4))
        return AESSIV(_key(settings, "mask")).decrypt(data, [channel.encode()]).decode()
    except (InvalidTag, ValueError):
        raise Unsealable from None


def _box(settings: Settings) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(_key(settings, "seal")))


def _key(settings: Settings, what: str) -> bytes:
    return hmac.new(settings.secret.get_secret_value().encode(), f"channels\0{what}".encode(), hashlib.sha256).digest()

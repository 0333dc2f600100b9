"""The key that packs are signed with: one for an installation, not the one that seals the audit log."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from api.audit.seal import write_once
from api.private import private_folder
from api.settings import Settings

KEY_FILE = "evidence-key"


class KeyRefused(Exception):
    """What was given is no public key, or no fingerprint of one; the message says what is wanted."""


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """The key of the setting; without one that of the data folder, made on first use and readable by its owner only."""
    if given := settings.evidence.signing_key.get_secret_value():
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given))
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        private_folder(settings.data_dir)
        write_once(path, Ed25519PrivateKey.generate().private_bytes_raw().hex() + "\n")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))


def is_there(settings: Settings) -> bool:
    """Whether the installation has a key already."""
    return bool(settings.evidence.signing_key.get_secret_value()) or (settings.data_dir / KEY_FILE).exists()


def fingerprint(key: Ed25519PublicKey) -> str:
    """What people compare: the SHA-256 of the 32 bytes of the public key, hex in groups of eight."""
    digest = hashlib.sha256(key.public_bytes_raw()).hexdigest()
    return " ".join(digest[at : at + 8] for at in range(0, 64, 8))


def plain_fingerprint(text: str) -> str:
    """A fingerprint as somebody typed it, without spaces, colons and capitals. KeyRefused."""
    plain = "".join(each for each in text.lower() if each not in " :-\t\n")
    if len(plain) != 64 or not set(plain) <= set("0123456789abcdef"):
        raise KeyRefused("a fingerprint has 64 hex digits, as `GET /v1/evidence/key` shows them")
    return plain


def as_pem(key: Ed25519PublicKey) -> bytes:
    """The public key as other programs take it (PEM, SubjectPublicKeyInfo)."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_key_of(path: Path) -> Ed25519PublicKey:
    """The public key in a file: PEM, or 64 hex digits. KeyRefused, OSError."""
    with path.open("rb") as file:
        data = file.read(10_000)
    try:
        if b"-----BEGIN" in data:
            key = load_pem_public_key(data)
        else:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(data.decode("ascii").strip()))
    except ValueError as error:
        raise KeyRefused(f"{path} holds no public key: PEM or 64 hex digits are wanted") from error
    if not isinstance(key, Ed25519PublicKey):
        raise KeyRefused(f"{path} holds a key of another kind than Ed25519")
    return key

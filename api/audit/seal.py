"""Seals: the chain's head signed with a key that is not in the database."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.audit.service import Break, canonical
from api.services import Services
from api.unit import Unit
from models import AuditEntry, AuditSeal

EVERY = timedelta(hours=1)
KEY_FILE = "audit-key"
TRUSTED_FILE = "audit-keys.txt"
FOLDER = "seals"


def seal_if_due(services: Services) -> AuditSeal | None:
    """Seal the chain's head when it moved and the last seal is an hour old; also written to the folder `seals`.

    Copy that folder to another machine: a chain alone proves nothing against someone who can rewrite the database.
    """
    with services.reading_unit() as unit:
        last = unit.session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
        head = unit.session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1))
        if head is None or (last and (last.seq == head or unit.clock.now() - last.at < EVERY)):
            return None
    return seal_now(services)


def seal_now(services: Services) -> AuditSeal | None:
    """Seal the chain's head; None when there is nothing to seal, or another process sealed it first."""
    key = signing_key(services.settings.data_dir)
    try:
        with services.unit() as unit:
            made = seal(unit, key)
    except IntegrityError:
        return None
    if made is not None:
        _write(services.settings.data_dir / FOLDER / f"{made.seq:012}.json", json.dumps(as_json(made), indent=1) + "\n")
    return made


def seal(unit: Unit, key: Ed25519PrivateKey) -> AuditSeal | None:
    """A signature over the newest entry's number and digest; None when the log is empty."""
    entry = unit.session.scalar(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1))
    if entry is None:
        return None
    made = AuditSeal(
        seq=entry.seq,
        at=unit.clock.now(),
        entry_sha256=entry.entry_sha256,
        public_key=key.public_key().public_bytes_raw().hex(),
        signature="",
    )
    made.signature = key.sign(_signed(made)).hex()
    unit.session.add(made)
    unit.session.flush()
    return made


def broken_seals(services: Services) -> Iterator[Break]:
    """Every seal, in the database or in the folder, that is forged or that the chain does not bear out."""
    folder = services.settings.data_dir
    trusted = trusted_keys(folder)
    with services.reading_unit() as unit:
        kept = {made.seq: made for made in unit.session.scalars(select(AuditSeal).order_by(AuditSeal.seq))}
    for made in kept.values():
        with services.reading_unit() as unit:
            yield from list(_check(unit, made, trusted, "the seal"))
    for path in sorted((folder / FOLDER).glob("*.json")):
        exported = _from_file(path)
        if exported is None:
            yield Break(0, f"the exported seal {path.name} is damaged")
            continue
        if exported.seq not in kept:
            yield Break(exported.seq, "was sealed, and the database no longer has the seal")
        with services.reading_unit() as unit:
            yield from list(_check(unit, exported, trusted, "the exported seal"))


def _check(unit: Unit, made: AuditSeal, trusted: frozenset[str], what: str) -> Iterator[Break]:
    if made.public_key not in trusted:
        yield Break(made.seq, f"{what} was signed with a key that is not in {TRUSTED_FILE}")
    if not is_genuine(made):
        yield Break(made.seq, f"{what} has a signature that is not genuine")
    digest = unit.session.scalar(select(AuditEntry.entry_sha256).where(AuditEntry.seq == made.seq))
    if digest != made.entry_sha256:
        yield Break(made.seq, f"{what} is of an entry that is gone or was rewritten")


def is_genuine(made: AuditSeal) -> bool:
    """Whether the seal was signed with the key that it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(made.public_key))
        key.verify(bytes.fromhex(made.signature), _signed(made))
    except (InvalidSignature, ValueError):
        return False
    return True


def signing_key(data_dir: Path) -> Ed25519PrivateKey:
    """The installation's key, made on first use, readable by its owner only; its public half is noted as trusted."""
    path = data_dir / KEY_FILE
    if not path.exists():
        made = Ed25519PrivateKey.generate()
        public = made.public_key().public_bytes_raw().hex()
        trusted = trusted_keys(data_dir) | {public}
        _write(data_dir / TRUSTED_FILE, "".join(f"{each}\n" for each in sorted(trusted)))
        write_once(path, made.private_bytes_raw().hex() + "\n")
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text("ascii").strip()))


def trusted_keys(data_dir: Path) -> frozenset[str]:
    """Public keys (hex) that seals of this installation may be signed with."""
    try:
        return frozenset((data_dir / TRUSTED_FILE).read_text("ascii").split())
    except FileNotFoundError:
        return frozenset()


def as_json(made: AuditSeal) -> dict[str, str | int]:
    """The seal as it is exported."""
    return {
        "seq": made.seq,
        "at": made.at.isoformat(),
        "entry_sha256": made.entry_sha256,
        "public_key": made.public_key,
        "signature": made.signature,
    }


def _from_file(path: Path) -> AuditSeal | None:
    try:
        said = json.loads(path.read_text("utf-8"))
        names = ("entry_sha256", "public_key", "signature")
        return AuditSeal(seq=int(said["seq"]), **{name: str(said[name]) for name in names})
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _signed(made: AuditSeal) -> bytes:
    return canonical({"seq": made.seq, "entry_sha256": made.entry_sha256}).encode()


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def write_once(path: Path, text: str) -> None:
    """Write a secret whole, for its owner only, unless somebody else wrote it first."""
    handle, name = tempfile.mkstemp(dir=path.parent)  # made with 0600
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()

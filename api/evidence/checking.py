"""Checks a pack without a server, a database or a network: what holds, and what does not, with the name of the file."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from api.audit.service import canonical
from api.evidence.custody import breaks
from api.evidence.keys import as_pem, fingerprint, plain_fingerprint
from api.evidence.pack import CUSTODY, FACTS, FORMAT, KEY, MANIFEST, README, REPORT, SIGNATURE, SUMS
from api.evidence.zips import ChecksumWrong, NotAPack, walk

UNLISTED = frozenset({MANIFEST, SIGNATURE})
"""What the manifest cannot name: itself and what is made of it."""
ALWAYS = frozenset({README, REPORT, FACTS, CUSTODY, KEY, SUMS})
READ_WHOLE = UNLISTED | {CUSTODY, KEY}
LONGEST_TEXT = 64 * 2**20


@dataclass(slots=True)
class Verdict:
    """What was found: sentences for a person.

    Attributes:
        holds: what was looked at and is right.
        wrong: what is not, with the file's name; empty when the pack is as it was made.
        notes: what only a person can tell.
    """

    holds: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Contents:
    sums: dict[str, tuple[int, str]] = field(default_factory=dict)
    texts: dict[str, bytes] = field(default_factory=dict)
    is_cut: bool = False


def check_pack(path: Path, *, key: str | None = None, public_key: Ed25519PublicKey | None = None) -> Verdict:
    """Everything that is right or wrong with a pack. Nothing is unpacked.

    Args:
        path: of the ZIP.
        key: the fingerprint that its key must have.
        public_key: the key that it must be signed with.

    Raises:
        OSError: the file cannot be read.
        KeyRefused: `key` is no fingerprint.
    """
    wanted = plain_fingerprint(key) if key else None
    verdict, contents = Verdict(), _Contents()
    with path.open("rb") as file:
        try:
            _read(file, contents, verdict)
        except NotAPack as error:
            verdict.wrong.append(f"This is not a whole pack: {error}.")
            contents.is_cut = True
    manifest = _manifest(contents, verdict)
    if manifest is None:
        return verdict
    signer = _check_signature(contents, manifest, verdict)
    if signer is not None:
        _check_key(signer, wanted, public_key, verdict)
    _check_files(contents, manifest, verdict)
    _check_custody(contents, manifest, verdict)
    if not verdict.wrong:
        made = f"made {manifest.get('made_at')} by {manifest.get('made_by')}"
        verdict.holds.insert(0, f"The pack is of {manifest.get('about')} {manifest.get('name')}, {made}.")
    return verdict


def _read(file: IO[bytes], contents: _Contents, verdict: Verdict) -> None:
    for found in walk(file):
        digest, kept = hashlib.sha256(), []
        if found.name in READ_WHOLE and found.size_bytes > LONGEST_TEXT:
            raise NotAPack(f"{found.name} is larger than {LONGEST_TEXT // 2**20} MiB")
        try:
            for piece in found.pieces:
                digest.update(piece)
                if found.name in READ_WHOLE:
                    kept.append(piece)
        except ChecksumWrong as error:
            verdict.wrong.append(f"{error}.")
        contents.sums[found.name] = found.size_bytes, digest.hexdigest()
        if found.name in READ_WHOLE:
            contents.texts[found.name] = b"".join(kept)


def _manifest(contents: _Contents, verdict: Verdict) -> dict[str, Any] | None:
    if MANIFEST not in contents.texts:
        if not contents.is_cut:
            verdict.wrong.append(f"{MANIFEST} is missing.")
        return None
    try:
        said = json.loads(contents.texts[MANIFEST])
        is_ours = canonical(said).encode() == contents.texts[MANIFEST] and said["format"] == FORMAT
        names = [each["path"] for each in said["files"]]
        is_ours = is_ours and len(set(names)) == len(names) and all(map(_is_listing, said["files"]))
    except (ValueError, LookupError, TypeError, RecursionError):
        is_ours = False
    if not is_ours:
        verdict.wrong.append(f"{MANIFEST} is not the manifest of a pack of this kind ({FORMAT}).")
        return None
    manifest: dict[str, Any] = said
    return manifest


def _is_listing(said: dict[str, Any]) -> bool:
    return isinstance(said["path"], str) and type(said["size_bytes"]) is int


def _check_signature(contents: _Contents, manifest: dict[str, Any], verdict: Verdict) -> Ed25519PublicKey | None:
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(manifest["public_key"]))
    except (ValueError, LookupError, TypeError):
        verdict.wrong.append(f"{MANIFEST} names no public key.")
        return None
    if contents.texts.get(KEY) != as_pem(key):
        verdict.wrong.append(f"{KEY} is not the key that {MANIFEST} names.")
    try:
        key.verify(contents.texts.get(SIGNATURE, b""), contents.texts[MANIFEST])
    except InvalidSignature:
        verdict.wrong.append(f"{SIGNATURE} is not a genuine signature of {MANIFEST}: one of the two was changed.")
        return None
    verdict.holds.append(f"The signature is genuine. Key: {fingerprint(key)}")
    return key


def _check_key(signer: Ed25519PublicKey, wanted: str | None, given: Ed25519PublicKey | None, verdict: Verdict) -> None:
    if wanted is None and given is None:
        verdict.notes.append(
            "Anybody can sign with a key of their own: compare the fingerprint with the one that the department which"
            " made the pack tells you, or give it with --key."
        )
        return
    is_wanted = wanted in (None, plain_fingerprint(fingerprint(signer)))
    is_given = given is None or given.public_bytes_raw() == signer.public_bytes_raw()
    if is_wanted and is_given:
        verdict.holds.append("The key is the one you named.")
    else:
        verdict.wrong.append(f"{MANIFEST} was signed with another key than the one you named: {fingerprint(signer)}.")


def _check_files(contents: _Contents, manifest: dict[str, Any], verdict: Verdict) -> None:
    listed = {each["path"]: (each["size_bytes"], each.get("sha256")) for each in manifest["files"]}
    before = len(verdict.wrong)
    for name in sorted(listed.keys() | ALWAYS):
        if name not in contents.sums:
            verdict.wrong.append(f"{name} is missing." if not contents.is_cut else f"{name} was not reached.")
        elif name in listed and contents.sums[name] != listed[name]:
            verdict.wrong.append(f"{name} was changed: it is not the file that {MANIFEST} names.")
    added = sorted(contents.sums.keys() - listed.keys() - UNLISTED)
    verdict.wrong.extend(f"{name} was added: {MANIFEST} does not name it." for name in added)
    if len(verdict.wrong) == before:
        verdict.holds.append(f"All {len(listed)} files are there and unchanged, and there are no others.")


def _check_custody(contents: _Contents, manifest: dict[str, Any], verdict: Verdict) -> None:
    try:
        said = json.loads(contents.texts[CUSTODY])
        found = list(breaks(said))
        if not found and said["head"] != manifest["audit_head"]:
            found.append(f"its head is not the one that {MANIFEST} names")
        count = len(said["entries"]) if not found else 0
    except (ValueError, LookupError, TypeError, RecursionError):
        found, count = ["it is not JSON"], 0
    verdict.wrong.extend(f"{CUSTODY}: {each}." for each in found)
    if not found:
        verdict.holds.append(f"The custody log holds: {count} entries, each with its own sum.")

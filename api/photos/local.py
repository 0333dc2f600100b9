"""Originals in a local folder, durable before anything refers to them."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from api.photos.blobs import BlobMissing, BlobsUnavailable, BlobTooLarge, Stored

INCOMING = "incoming"
STALE_S = 24 * 3600.0  # no upload takes a day: what is older was left by a crash


class LocalBlobs:
    """`ab/abcdef…` under a folder: temporary file, fsync, rename, fsync of the folder.

    A crash leaves either nothing, or a file in `incoming/` that nothing refers to, or the whole file under its name.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._incoming = root / INCOMING

    def clear_incoming(self, *, older_than_s: float = STALE_S) -> int:
        """Remove what a crash left half-written, and say how many files that were."""
        limit = time.time() - older_than_s
        stale = [path for path in self._incoming.glob("*") if path.is_file() and path.stat().st_mtime <= limit]
        for path in stale:
            path.unlink(missing_ok=True)
        return len(stale)

    def put(self, chunks: Iterator[bytes], *, limit_bytes: int) -> Stored:
        """Store a stream durably; the same bytes again change nothing. BlobTooLarge keeps nothing."""
        with _disk_errors():
            self._incoming.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._incoming)
            path = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    stored = _copy(chunks, file, limit_bytes)
                    file.flush()
                    os.fsync(file.fileno())
                self._name(path, stored.sha256)
            finally:
                path.unlink(missing_ok=True)
        return stored

    def _name(self, path: Path, sha256: str) -> None:
        target = self._path(sha256)
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            path.chmod(0o440)
            path.rename(target)
        # Also when it was there: whoever named it may not have come to this line yet.
        for folder in (target.parent, self._root):
            _sync_folder(folder)

    def get(self, sha256: str) -> bytes:
        """The bytes; BlobMissing when there are none."""
        with self.open(sha256) as file, _disk_errors():
            return file.read()

    def open(self, sha256: str) -> BinaryIO:
        """A readable stream of the bytes; BlobMissing when there are none."""
        with _disk_errors():
            try:
                return self._path(sha256).open("rb")
            except FileNotFoundError:
                raise BlobMissing(sha256) from None

    def has(self, sha256: str) -> bool:
        """Whether the bytes are here."""
        return self._path(sha256).is_file()

    def each(self) -> Iterator[str]:
        """Every stored SHA-256, in order."""
        for folder in sorted(self._root.glob("*/")):
            if folder.name != INCOMING:
                yield from sorted(path.name for path in folder.iterdir())

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise BlobMissing(sha256)
        return self._root / sha256[:2] / sha256


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BlobsUnavailable(f"photos cannot be kept or fetched: {error.strerror or error}") from error


def _copy(chunks: Iterator[bytes], file: BinaryIO, limit_bytes: int) -> Stored:
    digest, size = hashlib.sha256(), 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit_bytes:
            raise BlobTooLarge(limit_bytes)
        digest.update(chunk)
        file.write(chunk)
    return Stored(digest.hexdigest(), size)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

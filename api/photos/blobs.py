"""Where originals are kept: content-addressed, so writing twice is writing once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol


class BlobStore(Protocol):
    """Keeps bytes under their SHA-256; nothing in it is ever changed or removed by the service.

    Every call may raise BlobsUnavailable: the disk is full, the bucket does not answer.
    """

    def put(self, chunks: Iterator[bytes], *, limit_bytes: int) -> Stored:
        """Store a stream durably; the same bytes again change nothing.

        Raises:
            BlobTooLarge: more than `limit_bytes` came; nothing is kept.
        """

    def get(self, sha256: str) -> bytes:
        """The bytes; BlobMissing when there are none."""

    def open(self, sha256: str) -> BinaryIO:
        """A readable stream of the bytes; BlobMissing when there are none."""

    def has(self, sha256: str) -> bool:
        """Whether the bytes are here."""

    def each(self) -> Iterator[str]:
        """Every stored SHA-256, in order."""


class Stored:
    """What was stored."""

    __slots__ = ("sha256", "size_bytes")

    def __init__(self, sha256: str, size_bytes: int) -> None:
        self.sha256 = sha256
        self.size_bytes = size_bytes


class BlobMissing(Exception):
    """No bytes are stored under this SHA-256."""


class BlobTooLarge(Exception):
    """The stream is longer than allowed."""


class BlobsUnavailable(Exception):
    """The store itself cannot be used now; the message says why."""

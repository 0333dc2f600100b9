"""What was attached, kept at arrival: in the photo store under its SHA-256, where any process finds it again.

Why not left where it came from until somebody fetches it: people delete and move mails and files, a mailbox changes
its numbers (UIDVALIDITY), and who fetches may run on a machine that has neither the folder nor the mailbox's password.
So bytes are durable before the arrival is written, and the arrival before a mail or a file is marked as taken. Killed
in between, all of it is done again and stores nothing twice. Bytes whose arrival was never written stay behind unnamed,
as those of an upload that was cut off do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from api.intake.channels.base import ChannelError, Media
from api.photos.blobs import BlobMissing, BlobStore, BlobsUnavailable, Stored

KEPT, LEFT = "kept:", "left:"
_SHA256 = re.compile("[0-9a-f]{64}")
PIECE_BYTES = 2**20

WHY = {
    "archive": "An archive is not unpacked: send the pictures themselves.",
    "winmail": "winmail.dat can be read by Outlook only: send the picture as it is, in a mail in HTML or plain text.",
    "media_too_large": "The file is larger than a photo may be.",
    "too_many": "There were more pictures in it than one mail may bring: send the others in another one.",
    "no_picture": "This file is no picture.",
    "encoding": "The file came in an encoding that is not known here.",
    "empty": "The file is empty.",
}
"""Why something that came along was not kept, by the word in its `ref`."""


def keep(blobs: BlobStore, pieces: Iterator[bytes], *, limit_bytes: int) -> Stored:
    """Make bytes durable; BlobTooLarge keeps nothing. ChannelError when the store does not take them now."""
    try:
        return blobs.put(pieces, limit_bytes=limit_bytes)
    except BlobsUnavailable as error:
        raise ChannelError("photo_store_unavailable", str(error)) from error


def fetch(blobs: BlobStore, media: Media, into: BinaryIO, *, limit_bytes: int) -> None:
    """Write what was kept into a file.

    Raises:
        ChannelError: `media_too_large`, `media_gone`, or a word of `WHY` (all final); `photo_store_unavailable`.
    """
    kind, _, name = media.ref.partition(":")
    if f"{kind}:" == LEFT:
        raise ChannelError(name, WHY.get(name, WHY["no_picture"]), is_final=True)
    if f"{kind}:" != KEPT or not _SHA256.fullmatch(name):
        raise ChannelError("media_gone", "Nothing was kept under this name.", is_final=True)
    try:
        with blobs.open(name) as file:
            _copy(file, into, limit_bytes)
    except BlobMissing:
        raise ChannelError("media_gone", "The photo store has these bytes no more.", is_final=True) from None
    except BlobsUnavailable as error:
        raise ChannelError("photo_store_unavailable", str(error)) from error


def _copy(file: BinaryIO, into: BinaryIO, limit_bytes: int) -> None:
    size = 0
    while piece := file.read(PIECE_BYTES):
        size += len(piece)
        if size > limit_bytes:
            raise ChannelError("media_too_large", WHY["media_too_large"], is_final=True)
        into.write(piece)

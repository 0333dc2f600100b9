"""Getting what somebody attached, outside of any transaction: into a temporary file, examined, and durable."""

from __future__ import annotations

import tempfile

from api.errors import PhotoRefused
from api.intake.channels.base import Arrival, Channel, ChannelError, Media
from api.intake.folder import SUFFIXES
from api.intake.talk import words
from api.intake.talk.turn import Picture
from api.languages.refusals import in_words
from api.photos.service import PhotoChanged, PhotoStoreUnavailable, examine, keep_bytes
from api.services import Services

LARGE, GONE = "media_too_large", "media_gone"


class Later(Exception):
    """Something that was attached cannot be had now; `retry_after_s` as the provider says, if it does."""

    def __init__(self, code: str, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.retry_after_s = code, message, retry_after_s


def pictures_in(arrival: Arrival) -> list[Media]:
    """What may be a picture: photos, and files that are not said to be something else."""
    return [media for media in arrival.media if media.kind == "photo" or _may_be_picture(media)]


def _may_be_picture(media: Media) -> bool:
    if media.kind != "document":
        return False
    kind, name = (media.media_type or "").lower(), (media.file_name or "").lower()
    if kind.startswith("image/") or any(name.endswith(suffix) for suffix in SUFFIXES):
        return True
    return kind in {"", "application/octet-stream"} and "." not in name


def fetch(services: Services, channel: Channel, media: Media, *, language: str) -> Picture:
    """The picture, kept; or its refusal in the sender's language. Later when it is to be tried again."""
    limit_bytes = services.settings.limits.photo_bytes
    if media.size_bytes is not None and media.size_bytes > limit_bytes:
        return refused(media, LARGE, language, limit_bytes=limit_bytes)
    with tempfile.TemporaryFile() as file:
        try:
            channel.fetch(media, file, limit_bytes=limit_bytes)
        except ChannelError as error:
            if not error.is_final:
                raise Later(error.code, str(error), error.retry_after_s) from error
            return refused(media, LARGE if error.code == LARGE else GONE, language, limit_bytes=limit_bytes)
        file.seek(0)
        try:
            original = examine(file, limit_bytes=limit_bytes)
            file.seek(0)
            keep_bytes(services.blobs, file, original, limit_bytes=limit_bytes)
        except PhotoRefused as refusal:
            return Picture(media, code=refusal.code, refusal=in_words(refusal.as_json(), language))
        except (PhotoStoreUnavailable, PhotoChanged) as trouble:
            raise Later(trouble.code, trouble.message) from trouble
    return Picture(media, original)


def refused(media: Media, code: str, language: str, *, limit_bytes: int) -> Picture:
    """A picture that is not to be had."""
    return Picture(media, code=code, refusal=words.said(code, language, limit_mib=limit_bytes // 2**20))

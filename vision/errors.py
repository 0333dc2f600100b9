"""Reasons a photo cannot be read, in words about pixels and files. No HTTP here."""

from __future__ import annotations


class PhotoError(Exception):
    """A photo that cannot be read; `code` is stable and the message tells a person what to do."""

    code = "photo_unreadable"

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__class__.__doc__ or self.code)


class PhotoEmpty(PhotoError):
    """The file is empty: send the photo again."""

    code = "photo_empty"


class PhotoNotAFile(PhotoError):
    """This is not an ordinary file: give the path of a photo."""

    code = "photo_not_a_file"


class PhotoMissing(PhotoError):
    """There is no such file: check the path."""

    code = "photo_missing"


class PhotoForbidden(PhotoError):
    """This file may not be opened: check who may read it."""

    code = "photo_forbidden"


class PhotoTypeUnknown(PhotoError):
    """This is not a JPEG, PNG, WebP or HEIC picture: send the photo as the camera made it."""

    code = "photo_type_unknown"


class PhotoTooLarge(PhotoError):
    """The file is larger than a photo may be."""

    code = "photo_too_large"


class PhotoTooManyPixels(PhotoError):
    """The picture has more pixels than a photo may have."""

    code = "photo_too_many_pixels"


class PhotoTooSmall(PhotoError):
    """The picture is too small to hold a readable line."""

    code = "photo_too_small"


class PhotoTooManyScans(PhotoError):
    """The JPEG is made of too many scans: save it anew as an ordinary JPEG."""

    code = "photo_too_many_scans"


class PhotoAnimated(PhotoError):
    """The picture moves: send a still photo."""

    code = "photo_animated"


class PhotoDamaged(PhotoError):
    """The picture is cut off or damaged and cannot be decoded: look for another copy of the photo."""

    code = "photo_damaged"


class PhotoTookTooLong(PhotoError):
    """Decoding the picture took longer or more memory than a photo may."""

    code = "photo_took_too_long"


class EngineError(Exception):
    """The reader itself cannot run; the message names the file or setting to mend."""

    code = "engine_unavailable"


class DecoderUnavailable(EngineError):
    """The program that decodes photos does not start: check that Python can start programs and has Pillow."""

    code = "decoder_unavailable"


class WeightsMissing(EngineError):
    """A weights file is not on disk; the message names it and the folder it belongs in."""

    code = "weights_missing"


class WeightsChanged(EngineError):
    """A weights file's sha256 is not the one in the manifest: it is not opened."""

    code = "weights_changed"


class EngineUnknown(EngineError):
    """No engine has this name; the message lists those that exist."""

    code = "engine_unknown"

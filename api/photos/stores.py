"""Blob stores by setting."""

from __future__ import annotations

from api.photos.blobs import BlobStore
from api.settings import Settings


def make_blob_store(settings: Settings) -> BlobStore:
    """The store that the settings name; heavy imports stay inside."""
    if settings.blobs.store == "s3":
        from api.photos.s3 import S3Blobs  # noqa: PLC0415 - boto3 is an extra

        return S3Blobs(settings.blobs)
    from api.photos.local import LocalBlobs  # noqa: PLC0415

    return LocalBlobs(settings.data_dir / "blobs")

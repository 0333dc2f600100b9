"""Originals in an S3-compatible bucket."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from api.photos.blobs import BlobMissing, BlobsUnavailable, BlobTooLarge, Stored
from api.settings import BlobSettings

MEMORY_BYTES = 8 * 2**20  # larger originals wait on disk while they are hashed
NOT_THERE = frozenset({"404", "NoSuchKey", "NotFound"})


class S3Blobs:
    """`<prefix>ab/abcdef…` in a bucket; the store checks the SHA-256 of what it was sent before it says yes.

    One client serves all threads. Turn on versioning or object lock in the bucket: the program never deletes, but
    whoever holds its key could.
    """

    def __init__(self, settings: BlobSettings) -> None:
        self._bucket = settings.bucket
        self._prefix = f"{settings.prefix.strip('/')}/" if settings.prefix.strip("/") else ""
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=settings.endpoint or None,
            region_name=settings.region,
            aws_access_key_id=settings.access_key.get_secret_value() or None,
            aws_secret_access_key=settings.secret_key.get_secret_value() or None,
            config=Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}),
        )

    def put(self, chunks: Iterator[bytes], *, limit_bytes: int) -> Stored:
        """Store a stream durably; the same bytes again change nothing. BlobTooLarge keeps nothing."""
        digest, size = hashlib.sha256(), 0
        with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit_bytes:
                    raise BlobTooLarge(limit_bytes)
                digest.update(chunk)
                file.write(chunk)
            stored = Stored(digest.hexdigest(), size)
            if not self.has(stored.sha256):
                file.seek(0)
                with self._errors(stored.sha256):
                    self._client.put_object(
                        Bucket=self._bucket,
                        Key=self._key(stored.sha256),
                        Body=file,
                        ContentLength=size,
                        ChecksumSHA256=base64.b64encode(digest.digest()).decode(),
                    )
        return stored

    def get(self, sha256: str) -> bytes:
        """The bytes; BlobMissing when there are none."""
        with self.open(sha256) as file, self._errors(sha256):
            return file.read()

    def open(self, sha256: str) -> BinaryIO:
        """A readable stream of the bytes; BlobMissing when there are none."""
        with self._errors(sha256):
            body = self._client.get_object(Bucket=self._bucket, Key=self._key(sha256))["Body"]
        return cast("BinaryIO", body)

    def has(self, sha256: str) -> bool:
        """Whether the bytes are here."""
        try:
            with self._errors(sha256):
                self._client.head_object(Bucket=self._bucket, Key=self._key(sha256))
        except BlobMissing:
            return False
        return True

    def each(self) -> Iterator[str]:
        """Every stored SHA-256, in order."""
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix))
        while True:
            with self._errors(""):
                page = next(pages, None)
            if page is None:
                return
            yield from (entry["Key"].rsplit("/", 1)[-1] for entry in page.get("Contents", ()))

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{sha256[:2]}/{sha256}"

    @contextmanager
    def _errors(self, sha256: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            # A bucket that is missing is not an original that is missing: nothing may be given up for it.
            if code in NOT_THERE and sha256:
                raise BlobMissing(sha256) from None
            raise BlobsUnavailable(f"the bucket {self._bucket} refuses: {error}") from error
        except BotoCoreError as error:
            raise BlobsUnavailable(f"the bucket {self._bucket} does not answer: {error}") from error

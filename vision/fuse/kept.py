"""Features as bytes, so that a photo need not be decoded again when a later one may show the same wall.

Places are kept to 1/64 of a working pixel, descriptors in 256 steps: 132 bytes a feature, 185 kB a photo at most. The
distance between two descriptors changes by about a hundredth, a tenth of what tells two features apart.
"""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np

from vision.fuse.match import Features, features_of
from vision.photo import Photo

HEAD = struct.Struct("<4sIIdI")
MAGIC = b"WWF1"
"""Another one when features are found or kept in another way: old and new ones cannot be compared."""

STEPS = 64
SIZE = 128


def features_of_photo(photo: Photo) -> Features:
    """The features of a photo that is open, in the pixels of the photo as received."""
    found = features_of(photo.pixels)
    points = photo.frame.back(found.points) if len(found.points) else found.points
    scale = found.scale * photo.facts.width / found.width
    return replace(found, points=points, width=photo.facts.width, height=photo.facts.height, scale=scale)


def packed(features: Features) -> bytes:
    """The features as bytes; `unpacked` gives nearly the same ones back."""
    places = np.clip(np.rint(features.points / features.scale * STEPS), 0, 65_535).astype("<u2")
    steps = np.clip(np.rint(features.descriptors * 255), 0, 255).astype(np.uint8)
    head = HEAD.pack(MAGIC, features.width, features.height, features.scale, len(places))
    return head + places.tobytes() + steps.tobytes()


def unpacked(data: bytes) -> Features:
    """What `packed` was given; ValueError for bytes of another form."""
    if len(data) < HEAD.size:
        raise ValueError("these bytes hold no features")
    magic, width, height, scale, count = HEAD.unpack_from(data)
    if magic != MAGIC or len(data) != HEAD.size + count * (4 + SIZE):
        raise ValueError("these bytes hold no features of this form")
    places = np.frombuffer(data, "<u2", 2 * count, HEAD.size).reshape(count, 2)
    steps = np.frombuffer(data, np.uint8, SIZE * count, HEAD.size + 4 * count).reshape(count, SIZE)
    rooted = steps.astype(np.float32)
    rooted /= np.maximum(np.linalg.norm(rooted, axis=1, keepdims=True), 1e-6)  # unit length, as `match` relies on
    return Features(places / STEPS * scale, rooted, width, height, scale)

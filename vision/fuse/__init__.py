"""Many photos, one truth: readings of one inscription, and of one address on other walls, put together.

`on_one_wall` tells which photos show the same inscription and how they lie upon each other, `fuse` adds up what their
readings say. Pure: no photo, no database is opened here. How it is called, and what it gains: docs/fusion.md.
"""

from __future__ import annotations

from vision.fuse.kept import features_of_photo, packed, unpacked
from vision.fuse.match import Features, Match, features_of, match, same_lines
from vision.fuse.seen import Fused, Seen, framed, on_one_wall
from vision.fuse.together import fuse

__all__ = [
    "Features",
    "Fused",
    "Match",
    "Seen",
    "features_of",
    "features_of_photo",
    "framed",
    "fuse",
    "match",
    "on_one_wall",
    "packed",
    "same_lines",
    "unpacked",
]

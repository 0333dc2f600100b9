"""Frozen values that vision hands out: lines, findings, the engine card, the reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from vision.recognise.lattice import Lattice

Picture: TypeAlias = NDArray[np.uint8]
"""(height, width, 3) uint8, BGR as OpenCV has it; never empty."""

Points: TypeAlias = NDArray[np.float64]
"""(N, 2) float64, x then y, in pixels of some frame; N may be 0."""

Point: TypeAlias = tuple[float, float]

Box: TypeAlias = tuple[Point, Point, Point, Point]
"""Corners top-left, top-right, bottom-right, bottom-left as the text is read."""

Ribbon: TypeAlias = tuple[tuple[Point, Point], ...]
"""A curved line's top and bottom edge, pair by pair from its start to its end; empty for a straight one."""


class Kind(StrEnum):
    """What an address is; with the canonical value it is the address's identity."""

    TELEGRAM = "telegram"
    TELEGRAM_INVITE = "telegram_invite"
    DOMAIN = "domain"
    ONION = "onion"
    PHONE = "phone"
    WHATSAPP = "whatsapp"
    INSTAGRAM = "instagram"
    VK = "vk"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Card:
    """What an engine is: stored with every reading so that it can be run again.

    Attributes:
        name: the engine's name in the engine table.
        version: changes whenever the same photo could read differently.
        weights: file name to sha256 of every weights file that was opened.
    """

    name: str
    version: str
    weights: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One painted line as the recogniser saw it.

    Attributes:
        text: NFC text, never with a line break.
        confidence: 0..1, the mean probability of the characters.
        box: in photo pixels.
        lattice: log-probabilities behind the text, for decoding with a grammar; absent for typed text.
        others: further lattices of the same steps: of another network, of other looks at the line.
    """

    text: str
    confidence: float
    box: Box
    lattice: Lattice | None = field(default=None, compare=False, repr=False)
    others: tuple[Lattice, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another canonical value that the same paint may mean, of the finding's kind; confidence 0..1."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Repair:
    """One step from the text as read towards the value: what rule, what it saw, what it made."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A character of a value that may be another one.

    Attributes:
        position: of the character in the finding's value, from 0.
        char: what stands there.
        rivals: what may stand there instead ("" for nothing at all), each with its probability, the likeliest first.
    """

    position: int
    char: str
    rivals: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One candidate address in a reading.

    Attributes:
        kind: with `value` the identity of the address.
        value: canonical, as ADDRESSES in docs defines it for the kind.
        confidence: 0..1, how often a finding like this one is exactly right.
        accepted: good enough for the watchlist without a person.
        text: as read, before any repair; line breaks are painted line breaks.
        box: in photo pixels, around all lines that the address came from.
        alternatives: other values, the most probable first, never `value` itself.
        trail: repairs in the order they were made; empty when the paint was clean.
        facts: further views by name: `registrable`, `punycode`, `referral`, `path`, `truncated` …
        source: "ocr", or the symbology ("QRCode", …) the address was decoded from.
        uncertain: the characters of the value that are in doubt, in order; known only where a lattice was.
    """

    kind: Kind
    value: str
    confidence: float
    accepted: bool
    text: str
    box: Box
    alternatives: tuple[Alternative, ...] = ()
    trail: tuple[Repair, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    source: str = "ocr"
    uncertain: tuple[Uncertain, ...] = ()


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a photo says of itself. EXIF can lie: nothing here overrules what a person typed.

    Attributes:
        sha256: hex digest of the bytes as received.
        format: "JPEG", "PNG", "WEBP" or "HEIF".
        width, height: pixels after the EXIF turn.
        lat, lon: WGS 84 degrees from the device's GPS fix; None when absent or impossible.
        taken_at: aware when EXIF gives an offset; naive local time otherwise.
        camera: make and model, as printable text.
    """

    sha256: str
    format: str
    width: int
    height: int
    lat: float | None = None
    lon: float | None = None
    taken_at: datetime | None = None
    camera: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What one version of the reader saw in one photo.

    Attributes:
        stages: seconds by stage name, in the order the stages ran.
        quarter_turns: clockwise quarter turns that set the wall upright before it was read (0..3).
        unread: those of `lines` that are painted as addresses and could not be read as any: for a person.
    """

    photo: PhotoFacts
    findings: tuple[Finding, ...]
    lines: tuple[Line, ...]
    card: Card
    stages: Mapping[str, float]
    quarter_turns: int = 0
    unread: tuple[Line, ...] = ()

    @property
    def seconds(self) -> float:
        """Wall time of the whole reading, in seconds."""
        return sum(self.stages.values())

"""Onion services, version 3: base32(public key ‖ checksum ‖ version), rend-spec-v3 of the Tor project.

The checksum decides: repair may search, and never mends without it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator

from vision.addresses.passage import Passage
from vision.addresses.rank import Candidate
from vision.types import Kind, Repair

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
LENGTH = 56
ENDING = re.compile(r"\s?[.,·•]?\s?[o0]n[il1]on(?![a-z0-9])")
CONFUSED = {"0": "o", "1": "li", "8": "b", "9": "gq", "|": "li", "!": "li", "$": "s", "@": "a"}
SEARCHES = 8  # damaged addresses in one passage that are searched; each costs up to 1,736 checksums
REACH = 90  # characters before the ending: 56 and the spaces that paint and line breaks put between


def is_onion(label: str) -> bool:
    """Whether 56 base32 characters carry their own checksum."""
    if len(label) != LENGTH or not set(label) <= set(ALPHABET):
        return False
    raw = base64.b32decode(label.upper())
    key, checksum, version = raw[:32], raw[32:34], raw[34:]
    return version == b"\x03" and hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] == checksum


def find(where: Passage) -> Iterator[Candidate]:
    """Every onion service; one whose checksum is wrong is mended by search, or left to a person as it is."""
    for match, _ in zip(ENDING.finditer(where.latin), range(SEARCHES), strict=False):
        low = max(0, match.start() - REACH)
        places = [
            at for at in range(low, match.start()) if not where.latin[at].isspace() and where.latin[at] not in "-."
        ]
        if len(places) < LENGTH:
            continue
        places = places[-LENGTH:]
        painted = "".join(where.latin[at] for at in places)
        label = mend(painted)
        if label is None:
            if places[-1] - places[0] == LENGTH - 1:  # no gap: painted as an address, so a person shall see it
                broken = Repair("checksum fails", painted, painted)
                yield Candidate(Kind.ONION, f"{painted}.onion", places[0], match.end(), (broken,))
            continue
        spread = places[-1] - places[0] + 1 > LENGTH
        trail = [] if label == painted else [Repair("checksum", painted, label)]
        trail += [Repair("separator", where.text[places[0] : match.end()], f"{label}.onion")] if spread else []
        yield Candidate(Kind.ONION, f"{label}.onion", places[0], match.end(), tuple(trail))


def mend(painted: str) -> str | None:
    """The one address that the paint can mean, if its checksum agrees; None otherwise."""
    certain = [CONFUSED.get(char, char) for char in painted]
    options = [""]
    for choices in certain:
        if len(options) * len(choices) > 64:
            return None
        options = [front + char for front in options for char in choices]
    right = [label for label in options if is_onion(label)]
    if right:
        return right[0] if len(right) == 1 else None
    if len(options) > 4:
        return None
    near = {
        changed
        for label in options
        for at in range(LENGTH)
        for char in ALPHABET
        if char != label[at] and is_onion(changed := label[:at] + char + label[at + 1 :])
    }
    return near.pop() if len(near) == 1 else None

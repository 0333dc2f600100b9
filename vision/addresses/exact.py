"""Addresses in what a code says: exact text, so nothing is mended and nothing is doubted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from vision.addresses.painted import candidates
from vision.addresses.passage import passage
from vision.addresses.rank import Claim, finding, settle
from vision.types import Box, Finding, Line

LONGEST = 4096
FLAT = frozenset({"EAN13", "EAN8", "UPCA", "UPCE", "ITF", "Code128", "Code39", "Code93", "Codabar", "DataBar"})
"""Symbologies of goods: a number in them is an article, not a phone."""

FIELD = re.compile(
    r"(?i)\b(?:mailto|matmsg|sms(?:to)?|tel|mecard|begin|version|url|to|email|sub|body|n|fn|org|end)"
    r"(?:;[\w=,;-]{1,60})?:"
)
QUERY_PHONE = re.compile(r"(?i)[?&]phone=\+?(\d{10,15})")
HANDLED = frozenset({"@ misread", "@ guessed"})


def parse_code(text: str, symbology: str, box: Box) -> tuple[Finding, ...]:
    """Findings in the payload of a QR code or barcode, all of them certain; `source` is the symbology."""
    found: dict[tuple[str, str], Finding] = {}
    for part in _parts(text[:LONGEST], symbology):
        where = passage([Line(part, 1.0, box)])
        clean = [Claim(each, where) for each in candidates(where) if _is_exact(each.trail, each.evidence)]
        for claim, _ in settle(clean):
            made = finding(claim, (), threshold=0.0)
            made = replace(made, confidence=1.0, accepted=True, alternatives=(), box=box, source=symbology)
            found.setdefault((made.kind, made.value), made)
    return tuple(found.values())


def _is_exact(trail: tuple[object, ...], evidence: str) -> bool:
    return not trail and evidence in ("plain", "keyword", "rare ending")


def _parts(text: str, symbology: str) -> Iterator[str]:
    """The parts of a payload that may each be an address: a link whole, the fields of a card one by one."""
    if symbology in FLAT and re.fullmatch(r"[\s\d-]*", text):
        return
    if re.match(r"(?i)wifi:", text):
        return  # a network and its password
    for part in re.split(r"[\r\n]+|(?<!\\);", FIELD.sub("\n", text)):
        piece = part.strip()
        if re.match(r"(?i)https?://[^/?#\s]*@", piece):
            piece = re.sub(r"(?i)^(https?://)[^/?#\s]*@", r"\1", piece)  # what stands before @ is no host
        if piece:
            yield piece.replace("%2B", "+").replace("%40", "@")

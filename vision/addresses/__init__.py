"""Painted text to typed addresses: pure, offline, linear in its input, never raising on any text.

`extract` takes lines with geometry, `extract_text` plain text whose line breaks are painted ones, `parse_code` the
payload of a QR code. Rules and examples: docs/addresses.md.
"""

from __future__ import annotations

from vision.addresses.exact import parse_code
from vision.addresses.forms import AddressInvalid, canonical, defang
from vision.addresses.painted import THRESHOLD, extract, extract_text
from vision.addresses.unread import left_over

VERSION = "5"
"""Rises with every change that makes the same lines yield other findings."""

__all__ = [
    "THRESHOLD",
    "VERSION",
    "AddressInvalid",
    "canonical",
    "defang",
    "extract",
    "extract_text",
    "left_over",
    "parse_code",
]

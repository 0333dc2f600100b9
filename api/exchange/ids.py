"""Ids that are the same in every export: name-based UUIDs of ours, and those that STIX itself prescribes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:wallwatch:exchange")
"""Of everything that is ours to name: a UUIDv5 of what it is and of the id of its row."""

OBSERVABLES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""STIX 2.1, 2.9: two producers who saw the same name give it the same id."""


def stable(what: str, key: str) -> str:
    """The UUID of one thing: the same every time, another for another kind of thing with the same key."""
    return str(uuid.uuid5(NAMESPACE, f"{what}:{key}"))


def stix_id(kind: str, key: str) -> str:
    """The STIX id of an object of ours that stands for the row with this key."""
    return f"{kind}--{stable(kind, key)}"


def observable_id(kind: str, contributing: Mapping[str, str]) -> str:
    """The STIX id of a cyber observable: UUIDv5 of the canonical JSON (RFC 8785) of what makes it what it is."""
    text = json.dumps(dict(contributing), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{kind}--{uuid.uuid5(OBSERVABLES, text)}"

"""What the routes of packs give."""

from __future__ import annotations

from pydantic import BaseModel, Field


class KeyOut(BaseModel):
    """The public half of the key that packs are signed with."""

    algorithm: str = "Ed25519"
    fingerprint: str = Field(description="the SHA-256 of the key's 32 bytes: tell it by phone or on paper")
    public_key: str = Field(description="64 hex digits")
    pem: str

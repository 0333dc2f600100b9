"""One transaction and what it may use."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from api.clock import Clock
from api.photos.blobs import BlobStore
from vision.addresses import THRESHOLD


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with what it may do, or the program itself.

    Attributes:
        key_id: the API key it came with; None for a person's browser and for the program.
        session_id: the browser session it came with.
    """

    name: str
    account_id: str | None = None
    role: str | None = None
    scopes: frozenset[str] = frozenset()
    key_id: str | None = None
    session_id: str | None = None


SYSTEM = Actor(name="system")


@dataclass(slots=True)
class Unit:
    """Lives as long as one transaction. A service uses it and never commits; the edge commits once.

    Attributes:
        owed: workflow ids (`sha256:want`) of readings that the edge asks for once the transaction is durable. A crash
            in between loses nothing: workers look for photos that are owed a reading.
        listed_from: confidence from which several photos together put an address on the list.
    """

    session: Session
    blobs: BlobStore
    clock: Clock
    actor: Actor = SYSTEM
    request_id: str | None = None
    owed: list[str] = field(default_factory=list)
    listed_from: float = THRESHOLD

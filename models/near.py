"""Which addresses are likely one shop, and what people decided about that."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base
from models.watchlist import Address, Bytewise


class Verdict(StrEnum):
    """What is known of a pair of addresses."""

    OPEN = "open"
    SEPARATE = "separate"


class Relation(StrEnum):
    """What a merged address is: a name that nobody painted, or another address of the same shop."""

    MISREADING = "misreading"
    MIRROR = "mirror"


class AddressKey(Base):
    """A number that an address is found by when one near it is looked for (`vision.addresses.likeness.keys_of`).

    Written with the address, in the same transaction, and never changed: an address's kind and value never are.
    """

    __tablename__ = "address_keys"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)


class AddressPair(Base):
    """Two addresses that are likely one shop, or of which a person said that they are not; `one_id` < `other_id`.

    `likeness` is that of their values, 0 where a person found a pair that the program sees nothing in. A pair is open
    until somebody merges the two, which is written in `address_merges`, or declares them separate. `version` rises with
    every such declaration.
    """

    __tablename__ = "address_pairs"
    __table_args__ = (
        CheckConstraint("verdict IN ('open','separate')", name="verdict"),
        Index("ix_address_pairs_open", "verdict", "likeness", "one_id", "other_id"),
        Index("ix_address_pairs_other_id", "other_id", "one_id"),
    )

    one_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    other_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    likeness: Mapped[float]
    verdict: Mapped[str] = mapped_column(String(12), default=Verdict.OPEN)
    version: Mapped[int] = mapped_column(default=1)
    judged_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    judged_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)


class AddressMerge(Base):
    """An address that is shown as another one for now; gone when a person takes that back.

    `into_id` is the address that it was merged into, `kept_id` the one at the end of the line: the same, unless that
    one was merged later. `kind` and `value` are the merged address's, to be found by. `undo` says what the merge added
    to the kept one, and what it took from the merged.
    """

    __tablename__ = "address_merges"
    __table_args__ = (
        CheckConstraint("relation IN ('misreading','mirror')", name="relation"),
        CheckConstraint("alias_id <> kept_id", name="two"),
        Index("ix_address_merges_kept_id", "kept_id", "alias_id"),
        Index("ix_address_merges_into_id", "into_id"),
        Index("ix_address_merges_value", "value", "kind"),
    )

    alias_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)
    into_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"))
    kept_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"))
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(Bytewise)
    relation: Mapped[str] = mapped_column(String(12))
    merged_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    merged_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    undo: Mapped[dict[str, Any]]

    alias: Mapped[Address] = relationship(foreign_keys=[alias_id])
    kept: Mapped[Address] = relationship(foreign_keys=[kept_id])

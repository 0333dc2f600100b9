"""Which address an object of the TAXII collection is made of."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class StixId(Base):
    """An object's STIX id and its address: the id is a digest, so it cannot be turned back into the address."""

    __tablename__ = "stix_ids"
    __table_args__ = (Index("ix_stix_ids_address_id", "address_id"),)

    object_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("addresses.id"), primary_key=True)

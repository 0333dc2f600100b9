"""Settings that were changed while the program runs; what is not here is as the environment has it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class RuntimeSetting(Base):
    """One setting that was changed. `is_set` is false once it went back to its default; the row keeps its version.

    `value` is as JSON writes it; None is a value of some settings. `version` rises with every change.
    """

    __tablename__ = "runtime_settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON, nullable=True)
    is_set: Mapped[bool]
    version: Mapped[int]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(String(64))

"""Keeping pages made, so that few days have to be counted from the tables."""

from __future__ import annotations

from sqlalchemy import select

from api.services import Services
from api.stats.pages import remake
from models import StatMark


def remake_pages(services: Services, *, most: int) -> int:
    """Make the pages of at most so many days anew; how many those were. Without marks nobody is kept waiting."""
    with services.reading_unit() as unit:
        if unit.session.scalar(select(StatMark.id).limit(1)) is None:
            return 0
    with services.unit() as unit:
        return remake(unit, most=most)

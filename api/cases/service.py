"""Cases: numbers that tie addresses together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, tuple_
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.cases.numbers import case_number
from api.errors import NotFound, Problem
from api.intake.text import clean_line, clean_note
from api.near.aliases import must_stand_alone
from api.unit import Unit
from api.watchlist.repository import address as address_of
from models import AddressMerge, Case, CaseAddress, CaseBook


class CaseKnown(Problem):
    """A number that is here already."""

    status = 409

    def __init__(self, case: Case) -> None:
        super().__init__(f"The case {case.book} {case.number} is here already: use that one.")
        self.case_id = case.id


class CaseChanged(Problem):
    """Somebody changed the case meanwhile."""

    status = 409

    def __init__(self, *, version: int) -> None:
        super().__init__("Somebody has changed this case since you loaded it: look again before you change it.")
        self.version = version


def open_case(unit: Unit, *, book: CaseBook, number: str, title: str = "", note: str = "") -> Case:
    """A new case. CaseNumberRefused, CaseKnown."""
    now = unit.clock.now()
    case = Case(
        book=book,
        number=case_number(book, number, year_now=now.year),
        title=clean_line(title),
        note=clean_note(note),
        created_by=unit.actor.account_id,
        created_at=now,
    )
    try:
        with unit.session.begin_nested():
            unit.session.add(case)
    except IntegrityError:
        known = select(Case).where(Case.book == book, Case.number == case.number)
        raise CaseKnown(unit.session.scalars(known).one()) from None
    record(unit, "case.open", case.id, book=str(book), number=case.number)
    return case


def edit_case(unit: Unit, case_id: str, *, version: int, title: str | None, note: str | None) -> Case:
    """The case with what is given changed. NotFound, CaseChanged."""
    case = unit.session.get(Case, case_id, with_for_update=True, populate_existing=True)
    if case is None:
        raise NotFound("case")
    if case.version != version:
        raise CaseChanged(version=case.version)
    if title is not None:
        case.title = clean_line(title)
    if note is not None:
        case.note = clean_note(note)
    case.version += 1
    record(unit, "case.edit", case.id, title=title is not None, note=note is not None)
    return case


def put_in(unit: Unit, case_id: str, address_id: str) -> None:
    """Let an address belong to a case; again changes nothing. NotFound, AddressMerged."""
    case_of(unit, case_id)
    address_of(unit, address_id)
    must_stand_alone(unit.session, address_id)
    row = CaseAddress(case_id=case_id, address_id=address_id, added_by=unit.actor.account_id, added_at=unit.clock.now())
    try:
        with unit.session.begin_nested():
            unit.session.add(row)
    except IntegrityError:
        return
    record(unit, "case.address", case_id, address=address_id)


def take_out(unit: Unit, case_id: str, address_id: str) -> None:
    """Let an address no longer belong to a case; when it does not, nothing changes. NotFound."""
    case_of(unit, case_id)
    row = unit.session.get(CaseAddress, (case_id, address_id))
    if row is not None:
        unit.session.delete(row)
        record(unit, "case.address_removed", case_id, address=address_id)


def case_of(unit: Unit, case_id: str) -> Case:
    """The case; NotFound."""
    case = unit.session.get(Case, case_id)
    if case is None:
        raise NotFound("case")
    return case


def cases(
    unit: Unit, *, book: CaseBook | None, number: str | None, before: tuple[datetime, str] | None, limit: int
) -> Sequence[Case]:
    """Cases, the newest first; one more than `limit` when there are more. CaseNumberRefused for a number of no book."""
    query = select(Case)
    if number is not None:
        year = unit.clock.now().year
        # A number may be of either book: КУИ takes all that ЕРДР does.
        meant = [(str(each), case_number(book or CaseBook.KUI, number, year_now=year)) for each in CaseBook]
        meant = [one for one in meant if book in (None, one[0])]
        query = query.where(tuple_(Case.book, Case.number).in_(meant))
    elif book is not None:
        query = query.where(Case.book == book)
    key = Case.created_at, Case.id
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    return unit.session.scalars(query.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()


def sizes_of(unit: Unit, ids: Sequence[str]) -> dict[str, int]:
    """How many addresses belong to each of these cases; one without any is not in it."""
    query = select(CaseAddress.case_id, func.count()).where(CaseAddress.case_id.in_(ids))
    query = query.where(CaseAddress.address_id.not_in(select(AddressMerge.alias_id)))  # its kept one is in the case
    rows = unit.session.execute(query.group_by(CaseAddress.case_id))
    return {row[0]: row[1] for row in rows}

"""What people put to an address: who works on it, how far it may be passed on, tags, notes. Decay goes on."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session, joinedload

from api.accounts.roles import Scope, scopes_of
from api.audit.service import record
from api.errors import Problem
from api.intake.text import clean_note
from api.lifecycle.service import changing
from api.near.aliases import group_of, must_stand_alone
from api.unit import Unit
from api.watchlist.repository import address as address_of
from api.watchlist.turn import take_turn
from models import Account, Address, AddressNote, AddressStep, AddressTag, Case, CaseAddress, Role, Tlp

MOST_TAGS = 50
MOST_NAMED = 200
TAG = re.compile(r"[\w][\w.:+-]{0,63}")


class AssigneeUnknown(Problem):
    """Somebody who cannot work on addresses."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no account {name[:64]} that may work on addresses: give an investigator's name.")


class TagRefused(Problem):
    """A tag of another form."""

    status = 422

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"{tag[:80]!r} is no tag: a tag is one word of 1 to 64 letters and digits, with . : + _ - inside it."
        )


class TooManyTags(Problem):
    """More tags than anybody reads."""

    status = 422

    def __init__(self) -> None:
        super().__init__(f"An address has at most {MOST_TAGS} tags.")
        self.limit = MOST_TAGS


class NoteEmpty(Problem):
    """A note of which nothing is left that can be read."""

    status = 422

    def __init__(self) -> None:
        super().__init__("The note holds nothing that can be read: write something.")


def assign(unit: Unit, address: Address, name: str | None) -> None:
    """Give an address to an investigator, or to nobody. AssigneeUnknown."""
    account = unit.session.scalar(select(Account).where(Account.name == name)) if name else None
    if name and (account is None or account.disabled_at or Scope.WATCHLIST_WRITE not in scopes_of(account.role)):
        raise AssigneeUnknown(name)
    address.assignee_id = account.id if account else None


def retag(unit: Unit, address: Address, tags: Iterable[str]) -> list[str]:
    """Give an address exactly these tags, in one spelling; answers them in order. TagRefused, TooManyTags."""
    wanted = sorted({tag_of(tag) for tag in tags})
    if len(wanted) > MOST_TAGS:
        raise TooManyTags
    unit.session.execute(delete(AddressTag).where(AddressTag.address_id == address.id))
    unit.session.add_all(AddressTag(address_id=address.id, tag=tag) for tag in wanted)
    return wanted


def tag_of(text: str) -> str:
    """The one spelling of a tag: NFC, lower case. TagRefused."""
    tag = unicodedata.normalize("NFC", text).strip().lower()
    if not TAG.fullmatch(tag):
        raise TagRefused(text)
    return tag


def edit(
    unit: Unit,
    address_id: str,
    *,
    version: int,
    tlp: Tlp | None = None,
    tags: Sequence[str] | None = None,
    assignee: str | None = None,
    is_assigning: bool = False,
) -> Address:
    """The address with what is given changed, and the rest as it was.

    With `is_assigning` the assignee is given, too, and None means nobody.

    Raises:
        NotFound, AddressChanged, AssigneeUnknown, TagRefused, TooManyTags: each as its name says; nothing was changed.
    """
    address = changing(unit, address_id, version=version)
    facts: dict[str, object] = {}
    if is_assigning:
        assign(unit, address, assignee)
        facts["assignee"] = assignee
    if tlp is not None:
        facts["tlp"] = [address.tlp, str(tlp)]
        address.tlp = tlp
    if tags is not None:
        facts["tags"] = retag(unit, address, tags)
    address.version += 1
    record(unit, "address.edit", address.id, **facts)
    return address


def write_note(unit: Unit, address_id: str, text: str) -> AddressNote:
    """A new note; nobody can change it afterwards. NotFound, AddressMerged, NoteEmpty."""
    take_turn(unit.session)
    address_of(unit, address_id)
    must_stand_alone(unit.session, address_id)
    said = clean_note(text)
    if not said:
        raise NoteEmpty
    note = AddressNote(address_id=address_id, written_by=unit.actor.account_id, written_at=unit.clock.now(), text=said)
    unit.session.add(note)
    unit.session.flush()
    record(unit, "address.note", address_id, note=note.id, length=len(said))
    return note


def notes(unit: Unit, address_id: str, *, before: tuple[datetime, str] | None, limit: int) -> Sequence[AddressNote]:
    """An address's notes and those of what is merged into it, the newest first; one more than `limit` if there are.

    NotFound.
    """
    address_of(unit, address_id)
    ids = group_of(unit.session, address_id)
    query = select(AddressNote).where(AddressNote.address_id.in_(ids)).options(joinedload(AddressNote.writer))
    key = AddressNote.written_at, AddressNote.id
    if before is not None:
        query = query.where(tuple_(*key) < tuple_(*before))
    return unit.session.scalars(query.order_by(*(column.desc() for column in key)).limit(limit + 1)).all()


def steps(unit: Unit, address_id: str, *, after: int, limit: int) -> Sequence[AddressStep]:
    """An address's steps behind a number, in order; one more than `limit` when there are more. NotFound."""
    address_of(unit, address_id)
    query = select(AddressStep).where(AddressStep.address_id == address_id, AddressStep.number > after)
    query = query.options(joinedload(AddressStep.maker)).order_by(AddressStep.number).limit(limit + 1)
    return unit.session.scalars(query).all()


def tags_of(session: Session, ids: Sequence[str]) -> dict[str, list[str]]:
    """The tags of several addresses, in order; an address without any is not in it."""
    found: dict[str, list[str]] = {}
    query = select(AddressTag).where(AddressTag.address_id.in_(ids)).order_by(AddressTag.address_id, AddressTag.tag)
    for row in session.scalars(query):
        found.setdefault(row.address_id, []).append(row.tag)
    return found


def names_of(session: Session, rows: Iterable[Address]) -> dict[str, str]:
    """The names of those who work on these addresses, by account."""
    ids = sorted({row.assignee_id for row in rows if row.assignee_id})
    return {row.id: row.name for row in session.scalars(select(Account).where(Account.id.in_(ids)))} if ids else {}


def who_may_work(session: Session) -> list[str]:
    """The names of those to whom an address may be given, in order; `MOST_NAMED` at most."""
    roles = [role for role in Role if Scope.WATCHLIST_WRITE in scopes_of(role)]
    query = select(Account.name).where(Account.role.in_(roles), Account.disabled_at.is_(None))
    return list(session.scalars(query.order_by(Account.name).limit(MOST_NAMED)))


def cases_of(session: Session, address_id: str) -> Sequence[Case]:
    """The cases that an address belongs to."""
    query = select(Case).join(CaseAddress, CaseAddress.case_id == Case.id)
    return session.scalars(query.where(CaseAddress.address_id == address_id).order_by(Case.book, Case.number)).all()

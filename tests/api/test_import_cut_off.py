"""An import that was cut off: its row says so, and the same file again finishes it."""

import io

import pytest
from sqlalchemy import select

from api.exchange.incoming import staging
from api.exchange.incoming.service import Fate, take_in
from api.unit import SYSTEM
from models import Address, AuditEntry, Import, ImportedAddress
from tests.api.seen import see, wall

NAMES = [f"qz_tuman_lis_{n:03}" for n in range(210)]
KNOWN = "qz_tuman_lis_007"
FILE = ("value,kind,first_seen_at\n" + "".join(f"{name},telegram,2020-01-01T00:00:00Z\n" for name in NAMES)).encode()
EXPECTED = {"added": 209, "merged": 1, "known": 0, "refused": 0}


class Killed(BaseException):
    """The process ends here: nothing of ours catches it."""


def bring(services, *, killed_after=None):
    told = []

    def tell(each):
        told.append(each)
        if len(told) == killed_after:
            raise Killed

    return take_in(services, SYSTEM, io.BytesIO(FILE), name="theirs.csv", is_dry_run=False, tell=tell)


def rows(services):
    with services.reading_unit() as unit:
        return list(unit.session.scalars(select(Import).order_by(Import.made_at, Import.id)))


def counts(row):
    return {str(fate): getattr(row, fate) for fate in Fate}


@pytest.mark.parametrize("killed_after", [1, 201])
def test_the_same_file_again_finishes_it_with_the_counts_of_one_that_was_never_cut_off(
    services, accounts, clock, killed_after
):
    see(services, accounts["officer"], wall(KNOWN), photo="a")
    with pytest.raises(Killed):
        bring(services, killed_after=killed_after)
    (row,) = rows(services)
    assert row.finished_at is None
    assert row.added + row.merged == min(210, -(-killed_after // staging.BATCH) * staging.BATCH)
    clock.move(minutes=5)
    outcome = bring(services)
    (row,) = rows(services)
    assert (outcome.import_id, outcome.is_resumed) == (row.id, True)
    assert counts(row) == counts(outcome) == EXPECTED
    assert row.finished_at == clock.now()
    with services.reading_unit() as unit:
        assert len(unit.session.scalars(select(ImportedAddress)).all()) == 210
        assert len(unit.session.scalars(select(Address)).all()) == 210
        (entry,) = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "watchlist.import"))
        assert entry.facts["resumed"] is True
    again = bring(services)
    assert (again.is_resumed, again.known, len(rows(services))) == (False, 210, 2)


def test_two_at_once_of_one_file_end_with_the_same_counts(services, accounts):
    see(services, accounts["officer"], wall(KNOWN), photo="a")
    inner = []

    def tell(each):
        if not inner:
            inner.append(bring(services))

    outer = take_in(services, SYSTEM, io.BytesIO(FILE), name="theirs.csv", is_dry_run=False, tell=tell)
    assert counts(outer) == counts(inner[0]) == EXPECTED
    (row,) = rows(services)
    assert counts(row) == EXPECTED
    assert row.finished_at is not None

"""Sums of the watchlist stay true, whatever comes in whatever order, and however two come at once."""

import hashlib
import threading
from datetime import UTC, datetime, timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.readings.service import store_reading
from api.watchlist.service import sight, sight_report, unsight
from models import Address, Finding, Photo, PhotoState, Report, ReportPhoto, Sighting, SightingState
from tests.api.walls import finding, reading

START = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = ("qz_tuman_lis_77", "qz_tuman_kot_88", "qz_tuman_yol_99")

photos = st.integers(0, 2)
reports = st.tuples(st.just("report"), photos, st.integers(0, 9))
decisions = st.tuples(st.sampled_from(["confirm", "correct", "reject"]), photos, st.integers(0, 2))
numbers = count()


def sha(photo):
    return hashlib.sha256(photo.encode()).hexdigest()


def add_photo(unit, photo):
    unit.session.add(
        Photo(sha256=sha(photo), size_bytes=1, media_type="image/jpeg", received_at=START, state=PhotoState.OWED)
    )
    unit.session.flush()


def add_report(unit, account, photo, *, hours=0):
    report = Report(
        account_id=account.id, channel="test", received_at=START, seen_at=START + timedelta(hours=hours),
        lat=54.87 + hours / 100, lon=69.15, place_source="typed",
    )  # fmt: skip
    unit.session.add(report)
    unit.session.flush()
    carried = ReportPhoto(report_id=report.id, position=0, photo_sha256=sha(photo))
    unit.session.add(carried)
    unit.session.flush()
    sight_report(unit, carried)


def read(unit, photo, *found):
    return store_reading(unit, sha(photo), reading(sha(photo), *found)).findings


def summed(unit, address):
    """What the address should say, counted here."""
    seen = [s for s in unit.session.query(Sighting).filter_by(address_id=address.id) if s.state != "rejected"]
    if not seen:
        return ("rejected", 0, 0, 0.0)
    status = "confirmed" if any(s.state == "confirmed" for s in seen) else "new"
    times = min(s.seen_at for s in seen), max(s.seen_at for s in seen)
    return (status, len(seen), len({s.photo_sha256 for s in seen}), max(s.confidence for s in seen), *times)


def said(address):
    sums = (address.status, address.sighting_count, address.photo_count, address.best_confidence)
    return (*sums, address.first_seen_at, address.last_seen_at) if address.sighting_count else sums


def do(unit, account, prefix, step):
    verb, photo, number = step
    if verb == "report":
        add_report(unit, account, f"{prefix}-{photo}", hours=number)
        return
    row = unit.session.query(Finding).filter_by(photo_sha256=sha(f"{prefix}-{photo}")).order_by("position").first()
    if verb == "reject":
        unsight(unit, row)
    else:
        meant = f"{prefix}_{NAMES[number]}" if verb == "correct" else row.value
        sight(unit, row, kind="telegram", value=meant, state=SightingState.CONFIRMED)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.one_of(reports, decisions), max_size=12))
def test_after_any_sequence_the_sums_are_those_of_the_sightings(services, accounts, steps):
    prefix = f"n{next(numbers)}"  # examples share a database and none of its rows
    with services.unit() as unit:
        for photo in range(3):
            add_photo(unit, f"{prefix}-{photo}")
            add_report(unit, accounts["officer"], f"{prefix}-{photo}")
            read(unit, f"{prefix}-{photo}", finding(f"{prefix}_{NAMES[photo % 2]}", confidence=0.8 + photo / 100))
    for step in steps:
        with services.unit() as unit:
            do(unit, accounts["officer"], prefix, step)
    with services.reading_unit() as unit:
        for address in unit.session.query(Address).filter(Address.value.startswith(prefix + "_")):
            assert said(address) == summed(unit, address)


def at_once(first, second, services):
    """Run `second` in a thread while the transaction of `first` is open."""
    with services.unit() as unit:
        first(unit)
        errors = []
        thread = threading.Thread(target=run, args=(services, second, errors))
        thread.start()
        thread.join(0.3)  # long enough to reach what it must wait for
    thread.join(30)
    assert not thread.is_alive()
    assert errors == []


def run(services, task, errors):
    try:
        with services.unit() as unit:
            task(unit)
    except Exception as error:  # noqa: BLE001 - shown by the test that started the thread
        errors.append(error)


def counted(services):
    with services.reading_unit() as unit:
        return {row.value: row.sighting_count for row in unit.session.query(Address)}


def test_a_report_that_comes_while_its_photo_is_being_stored_gets_its_sighting(services, accounts):
    with services.unit() as unit:
        add_photo(unit, "a")
        add_report(unit, accounts["officer"], "a")
    at_once(
        lambda unit: read(unit, "a", finding(NAMES[0])),
        lambda unit: add_report(unit, accounts["officer"], "a", hours=3),
        services,
    )
    assert counted(services) == {NAMES[0]: 2}


def test_a_reading_that_ends_while_a_report_is_being_taken_sees_that_report(services, accounts):
    with services.unit() as unit:
        add_photo(unit, "a")
        add_report(unit, accounts["officer"], "a")
    at_once(
        lambda unit: add_report(unit, accounts["officer"], "a", hours=3),
        lambda unit: read(unit, "a", finding(NAMES[0])),
        services,
    )
    assert counted(services) == {NAMES[0]: 2}


def test_photos_with_the_same_new_addresses_in_another_order_do_not_wait_for_each_other(services, accounts):
    for photo in "ab":
        with services.unit() as unit:
            add_photo(unit, photo)
            add_report(unit, accounts["officer"], photo)
    at_once(
        lambda unit: read(unit, "a", finding(NAMES[0]), finding(NAMES[1])),
        lambda unit: read(unit, "b", finding(NAMES[1]), finding(NAMES[0])),
        services,
    )
    assert counted(services) == {NAMES[0]: 2, NAMES[1]: 2}


def test_what_fails_in_the_middle_leaves_no_sighting_and_no_sum(services, accounts):
    with services.unit() as unit:
        add_photo(unit, "a")
        add_report(unit, accounts["officer"], "a")
        read(unit, "a", finding(NAMES[0]))
    errors = []
    run(services, lambda unit: (add_report(unit, accounts["officer"], "a", hours=5), 1 / 0), errors)
    assert [type(error) for error in errors] == [ZeroDivisionError]
    assert counted(services) == {NAMES[0]: 1}


def test_a_confirmed_sighting_stays_confirmed_when_another_report_brings_the_photo(services, accounts):
    with services.unit() as unit:
        add_photo(unit, "a")
        add_report(unit, accounts["officer"], "a")
        (row,) = read(unit, "a", finding(NAMES[0], confidence=0.8))
        sight(unit, row, kind="telegram", value=NAMES[0], state=SightingState.CONFIRMED)
        sight(unit, row, kind="telegram", value=NAMES[0], state=SightingState.UNREVIEWED)
        (address,) = unit.session.query(Address)
        assert (address.status, address.best_confidence, row.confidence) == ("confirmed", 1.0, 0.8)

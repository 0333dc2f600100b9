"""Statistics against a count by hand, over pages, over the tables and over both, on both databases."""

import csv
import io
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import fmean, median
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from api.stats.periods import Period, Span, floor, spans
from api.stats.shelf import Shelf
from api.stats.upkeep import remake_pages
from api.watchlist.filters import EARTH_M
from models import Address, AddressStep, Finding, Report, Sighting, StatMark, StatPage
from tests.api.seen import see, wall
from tests.api.world import some_world

ZONE = ZoneInfo("Asia/Almaty")
CIRCLE = (54.9, 69.15, 6000.0)
BOX = (54.85, 69.05, 54.95, 69.25)


@pytest.fixture
def world(services, accounts):
    some_world(services, accounts["officer"])
    return services


def all_rows(services):
    with services.reading_unit() as unit:
        asked = (
            select(Sighting, Finding, Report, Address)
            .join(Finding, Finding.id == Sighting.finding_id)
            .join(Report, Report.id == Sighting.report_id)
            .join(Address, Address.id == Sighting.address_id)
        )
        rows = [tuple(row) for row in unit.session.execute(asked)]
        steps = list(unit.session.scalars(select(AddressStep).order_by(AddressStep.address_id, AddressStep.number)))
        return rows, list(unit.session.scalars(select(Report))), steps


def lies_in(lat, lon, params):
    if "box" in params:
        south, west, north, east = BOX
        return south <= lat <= north and west <= lon <= east
    if "circle" in params:
        from math import cos, hypot, radians

        north = radians(lat - CIRCLE[0]) * EARTH_M
        east = radians(lon - CIRCLE[1]) * EARTH_M * cos(radians(CIRCLE[0]))
        return hypot(north, east) <= CIRCLE[2]
    return True


def came_back(steps):
    """Whether a blocked address re-appeared, and that was not taken back by the program."""
    ups = sum(step.to_status == "reappeared" for step in steps)
    return ups > sum(step.from_status == "reappeared" and step.is_automatic for step in steps)


def by_hand(world, params, inside):
    """The figures of the instants for which `inside` holds, counted one by one."""
    rows, reports, steps = all_rows(world)
    of = {}
    for step in steps:
        of.setdefault(step.address_id, []).append(step)
    scope = [
        (s, f, r, a) for s, f, r, a in rows
        if inside(s.seen_at) and lies_in(s.lat, s.lon, params)
        and params.get("kind", a.kind) == a.kind and params.get("status", a.status) == a.status
    ]  # fmt: skip
    seen = [row for row in scope if row[0].state != "rejected"]
    addresses = {a.id: a for *_, a in seen}
    pairs = {(s.address_id, s.inscription_id) for s, *_ in seen}
    walls = [sum(one == each for one, _ in pairs) for each in addresses]
    blocked = [each for each in addresses if any(step.to_status == "blocked" for step in of.get(each, ()))]
    reviewed = [f.review for _, f, *_ in scope if f.review != "unreviewed"]
    alone = [f.accepted and f.review != "corrected" for _, f, *_ in seen]
    waited = [
        max(0, int(((f.created_at if ok else f.reviewed_at or f.created_at) - r.received_at).total_seconds())) / 3600
        for ok, (_, f, r, _) in zip(alone, seen, strict=True)
    ]
    if {"kind", "status"} & set(params):
        sent = {s.report_id for s, *_ in seen}
    else:
        sent = {r.id for r in reports if inside(r.seen_at) and lies_in(r.lat, r.lon, params)}
    back = [each for each in blocked if came_back(of[each])]
    return {
        "reports": len(sent),
        "sightings": len(seen),
        "walls": len({s.inscription_id for s, *_ in seen}),
        "addresses": len(addresses),
        "read_alone_share": fmean(alone) if alone else None,
        "hours_to_watchlist_median": median(waited) if waited else None,
        "hours_to_painted_median": None,
        "blocked_share": fmean(a.status == "blocked" for a in addresses.values()) if addresses else None,
        "reappeared_share": len(back) / len(blocked) if blocked else None,
        "reappeared_of": len(blocked),
        "walls_per_address_mean": fmean(walls) if walls else None,
        "walls_per_address_median": median(walls) if walls else None,
        "review_agreement_share": reviewed.count("confirmed") / len(reviewed) if reviewed else None,
        "review_agreement_of": len(reviewed),
    }


def same(told, counted):
    assert {name: told[name] for name in counted} == {
        name: pytest.approx(value, abs=1e-6) if isinstance(value, float) else value for name, value in counted.items()
    }


def check(client, world, params):
    answer = client.get("/v1/statistics", params={"since": "2024-02-19", "until": "2024-06-25"} | params)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    for period in body["periods"]:
        since, until = (datetime.fromisoformat(period[name]) for name in ("since", "until"))
        same(period, by_hand(world, params, lambda at, since=since, until=until: since <= at < until))
    first, last = (datetime.fromisoformat(body["total"][name]) for name in ("since", "until"))
    same(body["total"], by_hand(world, params, lambda at: first <= at < last))
    return body


WAYS = [
    {"by": "month"},
    {"by": "week", "kind": "telegram"},
    {"by": "quarter", "status": "new"},
    {"by": "year", "box": ",".join(map(str, BOX))},
    {"by": "month", "circle": ",".join(map(str, CIRCLE)), "kind": "domain", "status": "blocked"},
    {"by": "day", "since": "2024-02-27", "until": "2024-03-04"},
    {"by": "day", "since": "2030-01-01", "until": "2030-01-02"},
]


def test_every_figure_is_the_one_counted_by_hand_before_pages_are_made_and_after(client, world):
    investigator = client("investigator")
    for params in WAYS[:2]:
        check(investigator, world, params)
    while remake_pages(world, most=30):
        pass
    with world.reading_unit() as unit:
        assert unit.session.scalars(select(StatMark)).all() == []
        assert len(unit.session.scalars(select(StatPage)).all()) > 20
    for params in WAYS:
        check(investigator, world, params)


def test_whatever_is_written_is_in_the_next_answer(client, world, accounts):
    supervisor = client("supervisor")
    while remake_pages(world, most=200):
        pass
    check(supervisor, world, WAYS[0])
    with world.unit() as unit:
        sighting, moved, gone, reviewed = unit.session.scalars(
            select(Sighting).where(Sighting.state != "rejected").order_by(Sighting.seen_at).limit(4)
        )
        other = unit.session.scalars(select(Address).where(Address.id != sighting.address_id)).first()
        sighting.address_id = other.id
        moved.seen_at += timedelta(days=40)
        unit.session.delete(gone)
        unit.session.get_one(Finding, reviewed.finding_id).review = "confirmed"
        report = unit.session.scalars(select(Report)).first()
        report.lat += 0.3
        other.status = "blocked"
        unit.session.execute(text("UPDATE sightings SET state = 'rejected' WHERE id = :id"), {"id": moved.id})
    check(supervisor, world, WAYS[0])
    with world.reading_unit() as unit:
        marked = set(unit.session.scalars(select(StatMark.day)))
        assert 3 <= len(marked) <= 8
    while remake_pages(world, most=2):
        check(supervisor, world, WAYS[3])
    some_world(world, accounts["officer"], seed=8, addresses=4, reports=5)
    check(supervisor, world, {"by": "month", "status": "new"})


def test_a_mark_of_a_writer_who_is_not_done_yet_outlives_the_page(world):
    from api.stats.pages import remake

    while remake_pages(world, most=200):
        pass
    with world.unit() as unit:
        day = unit.session.scalars(select(StatPage.day)).first()
        unit.session.add_all([StatMark(day=day), StatMark(day=day)])
        unit.session.flush()
        seen = list(unit.session.scalars(select(StatMark.id)))
    with world.unit() as unit:
        assert remake(unit, most=1) == 1
        assert unit.session.scalars(select(StatMark.id).where(StatMark.id.in_(seen))).all() == []
        unit.session.add(StatMark(day=day))
    with world.reading_unit() as unit:
        assert unit.session.scalars(select(StatMark.day)).all() == [day]


def test_a_shelf_that_is_full_forgets_and_counts_the_same(world):
    while remake_pages(world, most=200):
        pass
    small, large = Shelf(most_sightings=5), Shelf()
    with world.reading_unit() as unit:
        first = [shelf.read(unit.session, 0, 30_000) for shelf in (small, large)]
        again = [shelf.read(unit.session, 0, 30_000) for shelf in (small, large)]
    sizes = {len(read.sightings) for read in [*first, *again]}
    assert len(sizes) == 1
    assert sizes != {0}
    assert (small.kept, large.kept) == (0, max(sizes))


def test_csv_has_a_row_for_each_period_and_says_the_same(client, world):
    asked = {"by": "month", "since": "2024-02-01", "until": "2024-06-30"}
    told = client("supervisor").get("/v1/statistics", params=asked).json()
    answer = client("supervisor").get("/v1/statistics", params=asked | {"format": "csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["start"] for row in rows] == ["2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01", "2024-06-01"]
    for row, period in zip(rows, told["periods"], strict=True):
        assert row == {name: "" if value is None else str(value) for name, value in period.items()}


def test_what_is_not_kept_is_null_and_says_why(client, world):
    told = client("investigator").get("/v1/statistics", params={"since": "2024-03-01", "until": "2024-03-31"}).json()
    assert told["total"]["hours_to_painted_median"] is None
    assert told["timezone"] == "Asia/Almaty"


def test_a_question_without_dates_is_about_the_year_up_to_today(client, services, accounts, clock):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"))
    told = client("investigator").get("/v1/statistics").json()
    assert (len(told["periods"]), told["total"]["sightings"]) == (13, 1)
    clock.move(days=366)
    assert client("investigator").get("/v1/statistics").json()["total"]["sightings"] == 0


def test_days_begin_at_midnight_in_the_zone_that_is_set(make_services):
    asked = spans(date(2024, 2, 29), date(2024, 3, 2), Period.DAY, ZONE, most=9)
    assert [span.since.hour for span in asked] == [18, 19, 19]  # 29 February 2024 had 25 hours: UTC+6 became UTC+5
    with pytest.raises(ValueError, match="no time zone 'Mars/Olympus'"):
        make_services(timezone="Mars/Olympus")


@pytest.mark.parametrize("period", list(Period))
def test_periods_follow_one_another_without_a_gap(period):
    asked = spans(date(2023, 11, 13), date(2025, 2, 3), period, ZONE, most=1000)
    assert all(one.until == two.since for one, two in pairwise(asked))
    assert asked[0].since == datetime(2023, 11, 13, tzinfo=ZONE)
    assert asked[-1].until == datetime(2025, 2, 4, tzinfo=ZONE)
    assert all(span.start == floor(span.start, period) for span in asked)
    assert isinstance(asked[0], Span)

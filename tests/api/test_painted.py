"""How long walls stood until they were painted over, and on how many writing came back, counted by hand."""

import pytest
from sqlalchemy import select

from models import Address, Inscription, Sighting
from tests.api.seen import see, wall
from vision.types import Kind

WHY = {"reason": "the test says so"}
NAME, SITE = "qz_tuman_lis_77", "zaysan-kot-24.biz"


@pytest.fixture
def http(client):
    return client("investigator")


@pytest.fixture
def stand(services, accounts):
    """Puts a name on a wall of its own, in hours from the start; the wall's id."""

    def put(number, hours, *found, photo="first"):
        at = {"lat": 54.8 + number / 100, "lon": 69.1, "hours": hours}
        see(services, accounts["officer"], *(found or [wall(NAME)]), photo=f"{photo}-{number}", **at)
        with services.reading_unit() as unit:
            rows = unit.session.scalars(select(Inscription).where(Inscription.merged_into_id.is_(None)))
            (found,) = [row.id for row in rows if abs(row.lat - at["lat"]) < 0.001]
            return found

    return put


def version(http, wall_id):
    return http.get(f"/v1/inscriptions/{wall_id}").json()["version"]


def paint(http, wall_id, clock):
    body = {"version": version(http, wall_id), "painted_at": clock.now().isoformat()} | WHY
    answer = http.post(f"/v1/inscriptions/{wall_id}/painted", json=body)
    assert answer.status_code == 200, answer.text


def merge(http, wall_id, other):
    body = {"version": version(http, wall_id), "other": other, "other_version": version(http, other)} | WHY
    answer = http.post(f"/v1/inscriptions/{wall_id}/merge", json=body)
    assert answer.status_code == 200, answer.text


def told(http, **params):
    asked = {"by": "day", "since": "2026-03-01", "until": "2026-03-31"} | params
    answer = http.get("/v1/statistics", params=asked)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    names = "hours_to_painted_median", "walls_painted", "walls_reappeared_share"
    days = {row["start"]: tuple(row[name] for name in names) for row in body["periods"] if row["walls_painted"]}
    return days, tuple(body["total"][name] for name in names)


def test_the_median_is_over_walls_each_at_its_first_mark(http, stand, clock):
    assert told(http) == ({}, (None, 0, None))
    walls = [stand(number, hours) for number, hours in enumerate((0, 4, 10))]
    clock.move(hours=24)
    paint(http, walls[0], clock)  # 24 hours
    paint(http, walls[1], clock)  # 20 hours
    clock.move(hours=48)
    paint(http, walls[2], clock)  # 62 hours, on another day
    first, last = "2026-03-02", "2026-03-04"
    assert told(http) == ({first: (22, 2, 0), last: (62, 1, 0)}, (24, 3, 0))
    stand(0, 80, photo="again")
    clock.move(hours=24)
    paint(http, walls[0], clock)  # once more: the wall is counted, and came back
    assert told(http) == ({first: (22, 2, 0.5), last: (62, 1, 0)}, (24, 3, 0.333333))
    assert told(http, until="2026-03-03") == ({first: (22, 2, 0.5)}, (22, 2, 0.5))


def test_what_was_taken_back_counts_nowhere(http, services, stand, clock):
    walls = [stand(number, 0) for number in range(2)]
    clock.move(hours=30)
    for each in walls:
        paint(http, each, clock)
    body = {"version": version(http, walls[0])} | WHY
    assert http.post(f"/v1/inscriptions/{walls[0]}/painted/undo", json=body).status_code == 200
    assert told(http)[1] == (30, 1, 0)
    clock.move(hours=1)
    stand(1, 40, photo="again")
    assert told(http)[1] == (30, 1, 1)
    with services.reading_unit() as unit:
        finding = unit.session.scalars(select(Sighting.finding_id).order_by(Sighting.seen_at.desc())).first()
    answer = http.post(f"/v1/findings/{finding}/reject", json={"version": 1, "reason": "x"})
    assert answer.status_code == 200, answer.text
    assert told(http)[1] == (30, 1, 0)


def test_walls_that_are_one_count_once_from_the_first_photo_to_the_first_mark(http, stand, clock):
    walls = [stand(number, 6 * number) for number in range(4)]
    clock.move(hours=48)
    paint(http, walls[1], clock)
    clock.move(hours=2)
    paint(http, walls[2], clock)
    assert told(http)[1] == (40, 2, 0)  # 42 and 38
    merge(http, walls[1], walls[2])
    merge(http, walls[0], walls[1])
    assert told(http)[1] == (48, 1, 0)
    merge(http, walls[3], walls[0])
    assert told(http)[1] == (48, 1, 0)


def test_region_kind_and_status_narrow_it(http, services, stand, clock):
    stand(0, 0)
    both = stand(1, 0, wall(NAME), wall(SITE, kind=Kind.DOMAIN))
    alone = stand(2, 4, wall(SITE, kind=Kind.DOMAIN))
    clock.move(hours=10)
    for each in (both, alone):
        paint(http, each, clock)
    stand(
        2, 20, wall(SITE, kind=Kind.DOMAIN), wall(NAME), photo="again"
    )  # another name, after the paint: it is none of what was painted over
    assert told(http, kind="telegram")[1] == (10, 1, 0)
    assert told(http, kind="domain")[1] == (8, 2, 0.5)
    assert told(http, kind="phone")[1] == (None, 0, None)
    assert told(http, circle="54.81,69.1,200")[1] == (10, 1, 0)
    assert told(http, box="54.815,69,54.83,70")[1] == (6, 1, 1)
    with services.unit() as unit:
        unit.session.scalars(select(Address).where(Address.value == SITE)).one().status = "blocked"
    assert told(http, status="blocked")[1] == (8, 2, 0.5)
    assert told(http, status="new", kind="telegram")[1] == (10, 1, 0)
    table = http.get(
        "/v1/statistics", params={"by": "day", "since": "2026-03-02", "until": "2026-03-02", "format": "csv"}
    )
    assert ",8.0,2,0.5," in table.text


@pytest.mark.parametrize("blocked", ["telegram", "domain"])
def test_an_address_that_no_page_numbers_yet_may_be_blocked_beside_what_is_asked_for(http, services, stand, blocked):
    stand(0, 0, wall(NAME), wall(SITE, kind=Kind.DOMAIN))
    with services.unit() as unit:
        unit.session.scalars(select(Address).where(Address.kind == blocked)).one().status = "blocked"
    asked = {"since": "2026-03-01", "until": "2026-03-31", "status": "new"}
    answer = http.get("/v1/statistics", params=asked)
    assert (answer.status_code, answer.json()["total"]["addresses"]) == (200, 1)

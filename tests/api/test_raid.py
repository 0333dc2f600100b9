"""Raid lists and links over HTTP: the walls of an area, once each, and links that are given out and ended."""

import pytest
from sqlalchemy import select

from models import AuditEntry, OrderState, WorkOrder
from tests.api.cleanup import LAT, LON, City
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture

AROUND = f"circle={LAT},{LON},3000"


@pytest.fixture
def town(services, accounts):
    return City(services, accounts["officer"])


def test_every_wall_that_is_written_on_is_on_the_way_once(town, client, services):
    http = client("officer")
    walls = [town.wall(number) for number in range(4)]
    order_id = town.order(9)
    client("investigator").post(f"/v1/inscriptions/{walls[1]}/hold", json={"reason": "evidence first"})
    http_wall = client("investigator").get(f"/v1/inscriptions/{walls[3]}").json()
    painted = {"version": http_wall["version"], "painted_at": services.clock.now().isoformat(), "reason": "seen"}
    assert client("investigator").post(f"/v1/inscriptions/{walls[3]}/painted", json=painted).status_code == 200
    found = http.get(f"/v1/raid?{AROUND}&start={LAT - 0.001},{LON}").json()
    stops = found["stops"]
    assert [stop["inscription"] for stop in stops[:3]] == walls[:3]
    assert [stop["place"] for stop in stops] == [1, 2, 3, 4]
    assert (stops[3]["order_id"], stops[3]["order"], stops[3]["order_state"]) == (order_id, 1, "open")
    assert [stop["held"] for stop in stops] == [False, True, False, False]
    assert abs(found["length_km"] * 1000 - sum(stop["leg_m"] for stop in stops)) < 1
    assert abs(stops[0]["leg_m"] - 111.2) < 1
    assert found["more"] is False
    assert http.get(f"/v1/raid?territory={town.territory_id}").json()["stops"][0]["inscription"] in walls
    assert len(http.get(f"/v1/raid?territory={town.territory_id}").json()["stops"]) == 4
    assert http.get("/v1/raid?circle=10,10,500").json() == {"length_km": 0.0, "more": False, "stops": []}
    for query, code in (
        ("", "raid_area_missing"),
        (f"{AROUND}&territory={town.territory_id}", "raid_area_missing"),
        (f"{AROUND}&start=here", "field_not_understood"),
        (f"{AROUND}&start=91,0", "coordinates_out_of_range"),
        ("territory=nobodys", "not_found"),
    ):
        assert http.get(f"/v1/raid?{query}").json()["code"] == code


def test_a_link_that_is_handed_over_sends_the_order_and_is_ended_by_a_person(town, client, services):
    http, nobody = client("officer"), client()
    order_id = town.order()
    version = http.get(f"/v1/orders/{order_id}").json()["version"]
    made = http.post(f"/v1/orders/{order_id}/link", json={"version": version, "handed_over": True})
    assert made.status_code == 200, made.text
    path = made.json()["url"].removeprefix("http://testserver")
    assert made.json()["state"] == "sent"
    assert nobody.get(path).status_code == 200
    stale = http.post(f"/v1/orders/{order_id}/link", json={"version": version})
    assert (stale.status_code, stale.json()["code"]) == (409, "order_changed")
    version = made.json()["version"]
    again = http.post(f"/v1/orders/{order_id}/link", json={"version": version, "handed_over": True})
    assert again.json()["code"] == "order_step_refused"
    assert http.post(f"/v1/orders/{order_id}/link", json={"version": version}).status_code == 200
    ended = http.post(f"/v1/orders/{order_id}/link/end", json={"version": version})
    assert ended.status_code == 200
    assert nobody.get(path).status_code == 404
    with services.reading_unit() as unit:
        row = unit.session.get_one(WorkOrder, order_id)
        actions = unit.session.scalars(select(AuditEntry.action).where(AuditEntry.subject == order_id)).all()
    assert (row.state, row.link_number, row.due_at is not None) == (OrderState.SENT, 2, True)
    assert actions[1:] == ["order.send", "order.link", "order.links_ended"]


def test_what_the_city_asked_for_is_decided_once(town, client, city):
    sent = [
        city.post("/open311/v2/requests.json", data={"service_code": "drug-ad-graffiti", "address_string": f"yard {n}"})
        for n in range(3)
    ]
    tokens = [answer.json()[0]["token"] for answer in sent]
    http, wall = client("officer"), town.wall()
    rows = {row["id"]: row for row in http.get("/v1/city-requests").json()["requests"]}
    assert set(rows) == set(tokens)
    first = http.get("/v1/city-requests?limit=2").json()
    assert len(http.get(f"/v1/city-requests?limit=2&cursor={first['next']}").json()["requests"]) == 1
    attach = {"version": 1, "inscription": wall}
    assert http.post(f"/v1/city-requests/{tokens[0]}/attach", json=attach).json()["state"] == "attached"
    for body, code in ((attach, "city_request_changed"), (attach | {"version": 2}, "city_request_decided")):
        assert http.post(f"/v1/city-requests/{tokens[0]}/attach", json=body).json()["code"] == code
    nowhere = {"version": 1, "inscription": "0" * 32}
    assert http.post(f"/v1/city-requests/{tokens[1]}/attach", json=nowhere).status_code == 404
    closing = {"version": 1, "reason": "not_found"}
    assert http.post(f"/v1/city-requests/{tokens[1]}/close", json=closing).json()["state"] == "closed"
    assert http.post(f"/v1/city-requests/{tokens[1]}/close", json=closing | {"reason": "@shop"}).status_code == 422
    assert city.get(f"/open311/v2/tokens/{tokens[0]}.json").json()[0]["service_request_id"] is None
    order = http.post("/v1/orders", json={"inscription": wall}).json()
    answered = [city.get(f"/open311/v2/tokens/{token}.json").json()[0]["service_request_id"] for token in tokens]
    assert answered == [str(order["number"]), tokens[1], None]
    (closed,) = city.get(f"/open311/v2/requests/{tokens[1]}.json?locale=en").json()
    assert (closed["status"], closed["status_notes"]) == ("closed", "The place could not be found")

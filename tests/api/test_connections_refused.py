"""Bad questions about connections and statistics: each is refused by a name that says what to do."""

from sqlalchemy import select

from models import Address
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.seen import see, wall
from tests.api.words import refused

ASKED = [
    ("/v1/hotspots", {"level": 9, "box": "40,46,56,88"}, 422, "region_too_large"),
    ("/v1/hotspots", {"level": 10}, 422, "request_not_understood"),
    ("/v1/hotspots", {"kind": "pigeon"}, 422, "request_not_understood"),
    ("/v1/hotspots", {"since": "2024-05-02", "until": "2024-05-01"}, 422, "periods_reversed"),
    ("/v1/hotspots", {"by": "month"}, 422, "parameter_unknown"),
    ("/v1/watchlist/none/timeline", {}, 404, "not_found"),
    ("/v1/watchlist/none/sightings", {}, 404, "not_found"),
    ("/v1/watchlist/none/spread", {}, 404, "not_found"),
    ("/v1/watchlist/none/graph", {}, 404, "not_found"),
    ("/v1/watchlist/none/graph.graphml", {}, 404, "not_found"),
    ("/v1/watchlist/none/graph", {"by": "wall,rumour"}, 422, "source_unknown"),
    ("/v1/watchlist/none/graph", {"depth": 3}, 422, "request_not_understood"),
    ("/v1/watchlist/{id}/timeline", {"by": "day", "since": "1999-01-01"}, 422, "periods_too_many"),
    ("/v1/watchlist/{id}/timeline", {"by": "hour"}, 422, "request_not_understood"),
    ("/v1/watchlist/{id}/sightings", {"cursor": "x"}, 422, "cursor_not_understood"),
    ("/v1/watchlist/{id}/sightings", {"since": "2024-05-02", "until": "2024-05-01"}, 422, "periods_reversed"),
    ("/v1/watchlist/{id}/spread", {"until": "0001-01-01"}, 422, "date_out_of_range"),
    ("/v1/watchlist/{id}/spread", {"limit": 5001}, 422, "request_not_understood"),
    ("/v1/statistics", {"by": "century"}, 422, "request_not_understood"),
    ("/v1/statistics", {"kind": "carrier pigeon"}, 422, "request_not_understood"),
    ("/v1/statistics", {"status": "sold"}, 422, "request_not_understood"),
    ("/v1/statistics", {"since": "yesterday"}, 422, "request_not_understood"),
    ("/v1/statistics", {"format": "pdf"}, 422, "request_not_understood"),
    ("/v1/statistics", {"since": "2024-05-02", "until": "2024-05-01"}, 422, "periods_reversed"),
    ("/v1/statistics", {"since": "1812-05-02", "until": "2024-05-01"}, 422, "date_out_of_range"),
    ("/v1/statistics", {"since": "9999-12-31"}, 422, "date_out_of_range"),
    ("/v1/statistics", {"until": "0001-01-01"}, 422, "date_out_of_range"),
    ("/v1/statistics", {"since": "2020-01-01", "until": "2024-05-01", "by": "day"}, 422, "periods_too_many"),
    ("/v1/statistics", {"box": "54,69,55"}, 422, "region_not_understood"),
    ("/v1/statistics", {"box": "55,69,54,70"}, 422, "region_refused"),
    ("/v1/statistics", {"circle": "54.9,69.1,1000001"}, 422, "region_refused"),
    ("/v1/statistics", {"box": "54,69,55,70", "circle": "54.9,69.1,100"}, 422, "filters_contradict"),
    ("/v1/statistics", {"periode": "month"}, 422, "parameter_unknown"),
]


def test_bad_questions_are_refused_by_name(client, services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"))
    with services.reading_unit() as unit:
        address_id = unit.session.scalars(select(Address.id)).one()
    supervisor = client("supervisor")
    for path, params, status, code in ASKED:
        refused(supervisor.get(path.format(id=address_id), params=params), status, code)

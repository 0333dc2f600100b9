"""Times at the ends of the calendar: in UTC they have no date, so no database can be asked about them."""

import base64
import json

import pytest

from api.watchlist.cursors import _fingerprint
from api.watchlist.filters import Filters
from tests.api.words import refused

BEYOND = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
AT_THE_END = ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"]


def cursor(*parts):
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


@pytest.mark.parametrize("moment", BEYOND)
@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("path", ["/v1/watchlist", "/v1/watchlist/export"])
def test_a_time_that_utc_has_no_date_for_is_refused_by_name(client, path, field, moment):
    answer = client("investigator").get(path, params={field: moment})
    assert refused(answer, 422, "time_out_of_range")["field"] == field


@pytest.mark.parametrize("moment", AT_THE_END)
@pytest.mark.parametrize("path", ["/v1/watchlist", "/v1/watchlist/export"])
def test_the_first_and_the_last_second_may_be_asked_for(client, path, moment):
    assert client("investigator").get(path, params={"since": moment, "until": moment}).status_code == 200


@pytest.mark.parametrize("moment", [*BEYOND, "2026-03-01T09:00:00"])
def test_a_made_up_cursor_with_such_a_time_is_refused(client, moment):
    row = "0" * 32
    investigator, admin = client("investigator"), client("admin")
    for path in ("/v1/review", "/v1/reports"):
        refused(investigator.get(path, params={"cursor": cursor(moment, row)}), 422, "cursor_not_understood")
    made_up = cursor(_fingerprint(Filters()), moment, row)
    refused(investigator.get("/v1/watchlist", params={"cursor": made_up}), 422, "cursor_refused")
    refused(admin.get("/v1/jobs", params={"cursor": f"{moment}~{'0' * 64}"}), 422, "cursor_refused")

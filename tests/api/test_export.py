"""The watchlist as a file."""

import csv
import io
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.exchange.service import Format, export
from api.exchange.tables import FORMULA_STARTS, escape_cell
from api.watchlist.filters import Filters
from tests.api.seen import see, wall
from vision.types import Kind


@pytest.fixture
def seen(services, accounts):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a", hours=1)
    see(services, accounts["officer"], wall("+77075009665", kind=Kind.PHONE), photo="b", hours=2)


def test_csv_opens_in_a_spreadsheet_and_starts_no_formula(client, seen):
    answer = client("supervisor").get("/v1/watchlist/export", params={"format": "csv"})
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="watchlist.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    phone, name = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (phone["value"], name["value"]) == ("'+77075009665", "qz_tuman_lis_77")


def test_json_says_the_same_and_keeps_the_filters(client, seen):
    answer = client("investigator").get("/v1/watchlist/export", params={"format": "json", "kind": "phone"})
    assert [row["value"] for row in json.loads(answer.content)] == ["+77075009665"]


def test_the_command_line_and_the_api_write_the_same(client, services, seen):
    answer = client("investigator").get("/v1/watchlist/export", params={"format": "json"})
    assert answer.content == b"".join(export(services, Format.JSON, Filters()))


def test_an_empty_list_is_an_empty_file_of_its_format(services, accounts):
    assert json.loads(b"".join(export(services, Format.JSON, Filters()))) == []
    assert b"".join(export(services, Format.CSV, Filters())).decode("utf-8-sig").startswith("id,kind,value")


@given(st.text(st.sampled_from("=+-@\t\r\n＝＋－＠ \u200b'a1") | st.characters(), max_size=8))
def test_no_cell_starts_a_formula(text):
    cell = escape_cell(text)
    first = unicodedata.normalize("NFKC", cell).lstrip(" \u00a0\u200b\ufeff")[:1]
    assert first not in FORMULA_STARTS
    assert cell in (text, "'" + text)

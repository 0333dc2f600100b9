"""Decay: how fresh an address is, worked out when asked."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.settings import Settings
from api.watchlist import decay
from api.watchlist.decay import HALF_LIFE_DAYS, HalfLives
from models import Address
from tests.api.seen import see, wall
from tests.api.words import refused
from vision.types import Kind

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=2200)).map(lambda age: NOW - age)
half_lives = st.timedeltas(timedelta(hours=1), timedelta(days=400))


def rows(client, **params):
    return client("investigator").get("/v1/watchlist", params=params).json()["addresses"]


@pytest.mark.parametrize(("days", "score"), [(0, 1.0), (60, 0.5), (120, 0.25), (30, math.sqrt(0.5)), (-3, 1.0)])
def test_the_score_halves_with_every_half_life(days, score):
    found = decay.score(NOW - timedelta(days=days), now=NOW, half_life=timedelta(days=60))
    assert found == pytest.approx(score, rel=1e-12)


def test_every_kind_has_a_half_life():
    assert set(HALF_LIFE_DAYS) == set(Kind)


@given(at=moments, one=st.timedeltas(timedelta(days=100), timedelta(days=400)), two=half_lives)
def test_a_moment_of_as_many_half_lives_is_found_exactly(at, one, two):
    share = decay.lives(at, now=NOW, half_life=one)
    moment, is_exact = decay.moment_of(share, now=NOW, half_life=two)
    there = decay.lives(moment, now=NOW, half_life=two)
    assert (there == share) == is_exact
    assert there >= share
    assert decay.lives(moment + timedelta(microseconds=1), now=NOW, half_life=two) < share or is_exact


@given(least=st.floats(1e-6, 1), half_life=half_lives)
def test_what_is_still_at_a_score_has_it(least, half_life):
    moment = decay.still_at(least, now=NOW, half_life=half_life)
    assert decay.score(moment, now=NOW, half_life=half_life) == pytest.approx(least, rel=1e-3)


def test_a_new_photo_starts_it_again_and_nothing_else_does(client, services, accounts, clock):
    (found,) = see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    clock.move(days=60)
    http = client("investigator")

    def score():
        return rows(client)[0]["score"]

    assert score() == 0.5
    http.post(f"/v1/findings/{found.id}/confirm", json={"version": 1})
    row = rows(client)[0]
    http.patch(f"/v1/watchlist/{row['id']}", json={"version": row["version"], "tags": ["x"]})
    http.post(f"/v1/watchlist/{row['id']}/notes", json={"text": "x"})
    step = {"version": row["version"] + 1, "to": "benign", "reason": "x"}
    http.post(f"/v1/watchlist/{row['id']}/steps", json=step)
    http.post(f"/v1/watchlist/{row['id']}/steps", json=step | {"version": row["version"] + 2, "to": "confirmed"})
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")  # the same photo, reported once more
    assert (rows(client)[0]["sightings"], rows(client)[0]["status"], score()) == (2, "confirmed", 0.5)
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="b")
    assert score() == 1.0
    clock.move(days=60)
    assert score() == 0.5


def test_rejecting_the_newest_photo_takes_its_freshness_with_it_and_undo_brings_it_back(
    client, services, accounts, clock
):
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    clock.move(days=60)
    (newer,) = see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="b")
    http = client("investigator")
    http.post(f"/v1/findings/{newer.id}/reject", json={"version": 1, "reason": "x"})
    assert rows(client)[0]["score"] == 0.5
    http.post(f"/v1/findings/{newer.id}/undo", json={"version": 2})
    assert rows(client)[0]["score"] == 1.0


def test_an_earlier_report_of_the_newest_photo_makes_it_older(client, services, accounts, clock):
    clock.move(days=120)
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a")
    see(services, accounts["officer"], wall("qz_tuman_lis_77"), photo="a", seen_hours=-60 * 24)
    assert rows(client)[0]["score"] == 0.5


def fill(services, account):
    """Addresses of three half-lives, some of exactly the same score; ages by value."""
    names = {}
    for days in range(0, 100, 7):
        found = {f"qz_tuman_{days}": (Kind.TELEGRAM, days), f"+7707123{days:04d}": (Kind.PHONE, 2 * days)}
        if days % 2:
            found[f"qz_{days}@qz-tuman.kz"] = (Kind.EMAIL, 3 * days)
        for value, (kind, age) in found.items():
            see(services, account, wall(value, kind=kind), photo=value, seen_hours=-24 * age)
            names[value] = age / HALF_LIFE_DAYS[kind]
    return names


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("params", [{}, {"kind": "phone"}, {"prefix": "qz_"}, {"box": "54,69,55,70"}])
def test_pages_by_score_are_in_order_whole_and_of_one_moment(client, services, accounts, *, clock, params, order):
    lives = fill(services, accounts["officer"])
    seen, cursor = [], None
    while True:
        asked = params | {"sort": "score", "order": order, "limit": 4} | ({"cursor": cursor} if cursor else {})
        page = client("investigator").get("/v1/watchlist", params=asked).json()
        seen += page["addresses"]
        cursor = page["next"]
        clock.move(days=11)  # the order between kinds changes; a list that was begun keeps its own
        if cursor is None:
            break
    wanted = {
        value for value in lives
        if (not params.get("kind") or value.startswith("+")) and value.startswith(params.get("prefix", ""))
    }  # fmt: skip
    assert {row["value"] for row in seen} == wanted
    assert len(seen) == len(wanted)
    found = [lives[row["value"]] for row in seen]
    assert found == sorted(found, reverse=order == "asc")


def test_the_list_can_be_narrowed_to_what_is_fresh(client, services, accounts):
    lives = fill(services, accounts["officer"])
    for least in (1.0, 0.7, 0.5):
        wanted = {value for value, age in lives.items() if age <= -math.log2(least)}
        for sort in ("score", "last_seen", "value"):
            found = {row["value"] for row in rows(client, min_score=least, sort=sort, limit=200)}
            assert found == wanted, (least, sort)


@pytest.mark.parametrize("least", [0, 1.01, -1, "x"])
def test_a_score_out_of_range_is_refused(client, least):
    refused(client("investigator").get("/v1/watchlist", params={"min_score": least}), 422, "request_not_understood")


@pytest.mark.parametrize("cursor", ["W10", "WzEsMiwzLDQsNV0", "x" * 5])
def test_a_made_up_cursor_by_score_is_refused(client, cursor):
    params = {"sort": "score", "cursor": cursor}
    refused(client("investigator").get("/v1/watchlist", params=params), 422, "cursor_refused")


def test_a_half_life_is_a_setting_for_each_kind(monkeypatch):
    monkeypatch.setenv("WALLWATCH_WATCHLIST__HALF_LIFE_DAYS", '{"phone": 10}')
    lives = Settings(stage="development").watchlist.half_lives
    assert lives.of_kind("phone") == timedelta(days=10)
    assert lives.of_kind("telegram") == timedelta(days=HALF_LIFE_DAYS[Kind.TELEGRAM])
    for wrong in ('{"fax": 10}', '{"phone": 0}', '{"phone": "x"}'):
        monkeypatch.setenv("WALLWATCH_WATCHLIST__HALF_LIFE_DAYS", wrong)
        with pytest.raises(ValueError, match="half_life_days"):
            Settings(stage="development")


def test_changed_half_lives_end_the_cursors_of_the_old_ones(make_services, services, accounts, client):
    fill(services, accounts["officer"])
    page = client("investigator").get("/v1/watchlist", params={"sort": "score", "limit": 2}).json()
    assert page["next"]
    assert HalfLives.of({"phone": 10}) != HalfLives.of({})
    with services.reading_unit() as unit:
        assert unit.session.query(Address).count() > 20

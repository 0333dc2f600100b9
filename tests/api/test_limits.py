"""How often an account or an address may ask."""

import threading

import pytest
from sqlalchemy import func, select
from starlette.testclient import TestClient

from api.app import create_app
from api.limits import Limits, TooManyRequests
from models import RateBucket
from tests.api.words import PASSWORD, refused


@pytest.fixture
def limits(services, clock):
    return Limits(clock, services.engine)


def spend(limits, times, who="somebody", per_minute=10):
    """How many of so many were let pass."""
    passed = 0
    for _ in range(times):
        try:
            limits.spend("test", who, per_minute=per_minute)
        except TooManyRequests:
            continue
        passed += 1
    return passed


@pytest.mark.parametrize("per_minute", [1, 7, 10, 1200])
def test_a_minutes_allowance_may_be_used_at_once_and_not_one_more(limits, per_minute):
    assert spend(limits, per_minute + 5, per_minute=per_minute) == per_minute


def test_an_allowance_comes_back_bit_by_bit(limits, clock):
    spend(limits, 10)
    clock.move(seconds=5)
    assert spend(limits, 3) == 0
    clock.move(seconds=1.01)
    assert spend(limits, 3) == 1
    clock.move(seconds=60.01)
    assert spend(limits, 20) == 10


def test_one_who_waits_as_told_is_let_in(limits, clock):
    spend(limits, 10)
    with pytest.raises(TooManyRequests) as refusal:
        limits.spend("test", "somebody", per_minute=10)
    assert refusal.value.retry_after_s == 6
    clock.move(seconds=refusal.value.retry_after_s)
    assert spend(limits, 2) == 1


def test_one_does_not_use_up_anothers(limits):
    spend(limits, 20)
    assert spend(limits, 20, who="somebody else") == 10


def test_a_clock_that_is_set_back_locks_nobody_out_for_long(limits, clock):
    spend(limits, 10)
    clock.move(hours=-1)
    with pytest.raises(TooManyRequests):
        limits.spend("test", "somebody", per_minute=10)
    assert spend(limits, 1, who="somebody else") == 1


def test_at_once_from_many_threads_no_more_pass_than_may(limits):
    passed = []
    threads = [threading.Thread(target=lambda: passed.append(spend(limits, 5))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 10


def test_two_processes_share_an_allowance_on_postgresql(services, clock):
    one, two = (Limits(clock, services.engine) for _ in range(2))
    spend(one, 6)
    shared = services.engine.dialect.name == "postgresql"
    assert spend(two, 10) == (4 if shared else 10)


def test_buckets_that_are_full_again_are_forgotten(services, clock):
    limits = Limits(clock, services.engine)
    for number in range(50):
        limits.spend("test", f"somebody {number}", per_minute=10)
    clock.move(minutes=2)
    limits._shared.storage._until_sweep = 1
    limits.spend("test", "one more", per_minute=10)
    if services.engine.dialect.name == "postgresql":
        with services.engine.connect() as connection:
            assert connection.scalar(select(func.count()).select_from(RateBucket)) == 1
    else:
        assert len(limits._here.storage._full_at_s) == 1


def guess(client, name):
    return client.post("/v1/session", json={"name": name, "password": "a wrong password"})


def test_guessing_passwords_from_one_address_is_stopped(client, clock):
    anonymous = client()
    for number in range(10):
        refused(guess(anonymous, f"name-{number}"), 401, "sign_in_failed")
    answer = guess(anonymous, "another-name")
    body = refused(answer, 429, "too_many_requests")
    assert answer.headers["retry-after"] == str(body["retry_after_s"])
    clock.move(minutes=1)
    assert anonymous.post("/v1/session", json={"name": "officer", "password": PASSWORD}).status_code == 200


def test_guessing_one_accounts_password_from_many_addresses_is_stopped(make_services, accounts):
    app = create_app(make_services(limits={"sign_in_per_minute": 2}))
    for number in range(5 * 2):
        refused(guess(TestClient(app, client=(f"198.51.100.{number}", 1)), "officer"), 401, "sign_in_failed")
    refused(guess(TestClient(app, client=("203.0.113.9", 1)), "officer"), 429, "too_many_requests")
    refused(guess(TestClient(app, client=("203.0.113.9", 1)), "investigator"), 401, "sign_in_failed")


def test_one_address_cannot_lock_an_account_out_for_others(make_services, accounts):
    app = create_app(make_services(limits={"sign_in_per_minute": 2}))
    bully = TestClient(app, client=("198.51.100.4", 1))
    for _ in range(30):
        guess(bully, "officer")
    body = {"name": "officer", "password": PASSWORD}
    assert TestClient(app, client=("203.0.113.9", 1)).post("/v1/session", json=body).status_code == 200


def test_an_account_has_one_allowance_for_all_its_keys(make_services, accounts, key, clock):
    secrets = [key("officer") for _ in range(2)]
    app = create_app(make_services(limits={"requests_per_minute": 6}))
    answers = []
    for number in range(8):
        client = TestClient(app, client=(f"198.51.100.{number}", 1))
        answers.append(
            client.get("/v1/session", headers={"Authorization": f"Bearer {secrets[number % 2]}"}).status_code
        )
    assert answers == [200] * 6 + [429] * 2


def test_an_address_that_floods_is_stopped_before_anything_is_looked_up(make_services, accounts):
    app = create_app(make_services(limits={"requests_per_minute": 5}))
    client = TestClient(app)
    assert [client.get("/nope").status_code for _ in range(7)] == [404] * 5 + [429] * 2
    assert client.get("/healthz").status_code == 200  # who watches over the machine is not counted

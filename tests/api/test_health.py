"""Signs of life and figures."""

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from models import Photo, PhotoState, Worker
from tests.api.words import refused

LOOPBACK = ("127.0.0.1", 50000)


@pytest.fixture
def worker(services, clock):
    """A worker that has just been heard."""
    with services.unit() as unit:
        now = clock.now()
        unit.session.add(Worker(name="w1", started_at=now, beat_at=now, version="1"))


def figures(client, **headers):
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = (line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value in lines}


def test_a_process_that_answers_is_alive_whatever_else_is_wrong(make_services, database_url):
    broken = {"url": "postgresql://wallwatch@127.0.0.1:9/nothing"} if database_url else {"url": "sqlite:////nowhere/x"}
    with TestClient(create_app(make_services(database=broken))) as client:
        assert client.get("/healthz").json() == {"status": "ok"}
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["checks"]["database"] == "does not answer"
        assert answer.json()["checks"]["photos"] == "ok"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_monitor_that_asks_for_the_head_alone_gets_the_status(client, path):
    anonymous = client()
    answer, whole = anonymous.head(path), anonymous.get(path)
    assert (answer.status_code, answer.content) == (whole.status_code, b"")
    assert answer.headers["content-length"] == whole.headers["content-length"]


def test_it_is_ready_with_a_database_a_photo_store_and_a_worker(client, worker):
    answer = client().get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)
    assert set(answer.json()["checks"].values()) == {"ok"}


def test_it_is_not_ready_without_a_worker(client):
    answer = client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"].startswith("no worker was heard lately")


def test_it_is_not_ready_when_the_worker_fell_silent(client, worker, clock):
    clock.move(seconds=29)
    assert client().get("/readyz").status_code == 200
    clock.move(seconds=2)
    assert client().get("/readyz").status_code == 503


def test_it_is_not_ready_without_the_photo_store(make_services, tmp_path):
    blobs = {"store": "s3", "bucket": "walls", "endpoint": "http://127.0.0.1:9", "access_key": "a", "secret_key": "b"}
    with TestClient(create_app(make_services(blobs=blobs))) as client:
        assert client.get("/readyz").json()["checks"]["photos"] == "does not answer"


def test_the_figures_count_photos_by_state_and_the_age_of_the_queue(app, services, clock, worker):
    with services.unit() as unit:
        for number, state in enumerate([PhotoState.OWED, PhotoState.OWED, PhotoState.READ, PhotoState.UNREADABLE]):
            unit.session.add(
                Photo(
                    sha256=f"{number:064x}",
                    size_bytes=1,
                    media_type="image/jpeg",
                    received_at=clock.now(),
                    state=state,
                )
            )
    clock.move(seconds=20)
    found = figures(TestClient(app, client=LOOPBACK))
    assert found['wallwatch_photos{state="owed"}'] == 2
    assert found['wallwatch_photos{state="read"}'] == 1
    assert found['wallwatch_photos{state="unreadable"}'] == 1
    assert found["wallwatch_queue_age_seconds"] == 20
    assert found["wallwatch_workers"] == 1


def test_requests_are_counted_by_route_and_not_by_path(app, client):
    keyed = client("admin")
    for name in ("one", "two", "three"):
        keyed.patch(f"/v1/accounts/{name}", json={})
    keyed.get("/made/up")
    keyed.request("BREW", "/healthz")
    found = figures(TestClient(app, client=LOOPBACK))
    route = 'method="PATCH",route="/v1/accounts/{account_id}",status="404"'
    assert found[f"wallwatch_request_seconds_count{{{route}}}"] == 3
    assert found['wallwatch_request_seconds_count{method="GET",route="unmatched",status="404"}'] == 1
    assert not [name for name in found if "/made/up" in name or "BREW" in name or "accounts/one" in name]


def test_two_applications_do_not_add_up(services):
    one, two = (TestClient(create_app(services), client=LOOPBACK) for _ in range(2))
    one.get("/healthz")
    assert not [name for name in figures(two) if "/healthz" in name]


def test_the_figures_are_open_on_the_machine_itself_only(app, client):
    assert TestClient(app, client=LOOPBACK).get("/metrics").status_code == 200
    assert TestClient(app, client=("::1", 1)).get("/metrics").status_code == 200
    refused(TestClient(app, client=("198.51.100.4", 1)).get("/metrics"), 401, "sign_in_needed")


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_somebody_behind_a_proxy_on_the_machine_is_not_the_machine(app, header):
    refused(TestClient(app, client=LOOPBACK).get("/metrics", headers={header: "1"}), 401, "sign_in_needed")


def test_from_elsewhere_the_figures_need_a_key(client):
    assert figures(client("supervisor"))
    refused(client("officer").get("/metrics"), 403, "not_allowed")

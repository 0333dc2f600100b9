"""A report's progress over a real connection."""

import json
import threading
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from api.readings.service import store_reading
from models import Photo, PhotoState
from tests.api.pictures import jpeg
from tests.api.walls import finding, reading

AT = {"lat": "54.87", "lon": "69.15"}
PATIENCE_S = 20


@contextmanager
def running(app):
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, ws="none", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not (server.started and server.servers):
            assert thread.is_alive()
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def officer(app, key):
    """An officer on a real connection."""
    with running(app) as url:
        headers = {"Authorization": f"Bearer {key('officer')}"}
        with httpx.Client(base_url=url, headers=headers, timeout=PATIENCE_S) as client:
            yield client


def send(client, *seeds):
    files = [("photo", ("wall.jpg", jpeg(seed), "image/jpeg")) for seed in seeds]
    return client.post("/v1/reports", data=AT, files=files).raise_for_status().json()


def listen(client, report_id):
    """(event, data) pairs until the server ends the stream."""
    with client.stream("GET", f"/v1/reports/{report_id}/events") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        name = None
        for line in answer.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def read(services, sha256):
    with services.unit() as unit:
        store_reading(unit, sha256, reading(sha256, finding()))


def test_a_listener_hears_every_change_and_then_the_end(officer, services):
    report = send(officer, 1, 2)
    first, second = sorted(photo["sha256"] for photo in report["photos"])
    heard = listen(officer, report["id"])
    assert [next(heard)[1]["state"], next(heard)[1]["state"]] == ["owed", "owed"]
    read(services, first)
    assert next(heard) == ("photo", {"sha256": first, "state": "read", "problem": None})
    with services.unit() as unit:
        photo = unit.session.get_one(Photo, second)
        photo.state, photo.error_code, photo.error_message = PhotoState.UNREADABLE, "photo_damaged", "Cut off."
    problem = {"code": "photo_damaged", "message": "Cut off."}
    assert next(heard) == ("photo", {"sha256": second, "state": "unreadable", "problem": problem})
    assert list(heard) == [("done", {"report_id": report["id"]})]


def test_whoever_comes_after_the_end_is_told_at_once(officer, services):
    report = send(officer, 1)
    read(services, report["photos"][0]["sha256"])
    assert [name for name, _data in listen(officer, report["id"])] == ["photo", "done"]


def test_several_listeners_hear_the_same_and_hold_up_nobody(officer, services):
    report = send(officer, 1)
    heard, ready = [], threading.Barrier(6)

    def follow():
        stream = listen(officer, report["id"])
        events = [next(stream)]
        ready.wait(PATIENCE_S)
        heard.append(events + list(stream))

    listeners = [threading.Thread(target=follow) for _ in range(5)]
    for listener in listeners:
        listener.start()
    ready.wait(PATIENCE_S)
    send(officer, 2)
    read(services, report["photos"][0]["sha256"])
    for listener in listeners:
        listener.join(PATIENCE_S)
    assert len(heard) == 5
    assert all([name for name, _data in events] == ["photo", "photo", "done"] for events in heard)


def test_somebody_elses_report_has_no_events(officer, client):
    files = [("photo", ("wall.jpg", jpeg(), "image/jpeg"))]
    report = client("investigator").post("/v1/reports", data=AT, files=files).json()
    answer = officer.get(f"/v1/reports/{report['id']}/events")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

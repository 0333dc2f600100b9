"""How reading goes, over HTTP, and another try for a photo that was given up."""

import pytest

from api.jobs import service
from models import Photo
from tests.api.queue_process import send
from tests.api.words import refused


@pytest.fixture
def given_up(services, clock):
    """Photos that failed, the oldest first."""
    photos = []
    for _ in range(3):
        sha256 = send(services, "damaged")
        with services.unit() as unit:
            begun = service.begin(unit, sha256, worker="first", max_losses=6)
            service.fail(unit, begun.id, code="photo_damaged", message="It is cut off.", max_failures=1)
        photos.append(sha256)
        clock.move(minutes=1)
    return photos


def test_an_admin_sees_counts_workers_attempts_and_photos_given_up_with_their_reason(services, client, clock, given_up):
    waiting = send(services)
    with services.unit() as unit:
        service.beat(unit, "asleep", version="1")
    clock.move(minutes=5)
    with services.unit() as unit:
        service.beat(unit, "awake", version="1")
    with client("admin") as http:
        said = http.get("/v1/jobs").json()
    assert said["photos"] == {"owed": 1, "read": 0, "unreadable": 3}
    assert said["oldest_owed_at"] == "2026-03-01T09:03:00Z"
    assert [(worker["name"], worker["is_silent"]) for worker in said["workers"]] == [("asleep", True), ("awake", False)]
    assert [attempt["photo"] for attempt in said["attempts"]] == given_up[::-1]
    assert [(each["photo"], each["error_code"], each["error_message"]) for each in said["unreadable"]] == [
        (sha256, "photo_damaged", "It is cut off.") for sha256 in given_up[::-1]
    ]
    assert waiting not in {each["photo"] for each in said["unreadable"]}


def test_photos_given_up_come_in_pages(client, given_up):
    with client("admin") as http:
        seen, cursor = [], None
        for _ in range(3):
            said = http.get("/v1/jobs", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
            seen += [each["photo"] for each in said["unreadable"]]
            cursor = said["next"]
        assert seen == given_up[::-1]
        assert cursor is None


@pytest.mark.parametrize("cursor", ["nonsense", "2026-03-01T09:00:00~", "~abc", "2026-13-01T09:00:00+00:00~a"])
def test_a_cursor_that_is_not_ours_is_refused(client, cursor):
    with client("admin") as http:
        refused(http.get("/v1/jobs", params={"cursor": cursor}), 422, "cursor_refused")


@pytest.mark.parametrize(("role", "path"), [("admin", "jobs"), ("investigator", "photos")])
def test_a_photo_given_up_is_tried_again_when_asked_and_only_once(services, client, given_up, role, path):
    with client(role) as http:
        answer = http.post(f"/v1/{path}/{given_up[0]}/retry")
        assert answer.status_code == 202, answer.text
        assert answer.json() == {"photo": given_up[0], "state": "owed"}
        refused(http.post(f"/v1/{path}/{given_up[0]}/retry"), 409, "photo_is_being_read")
    with services.reading_unit() as unit:
        photo = unit.session.get_one(Photo, given_up[0])
    assert (photo.want, photo.failures, photo.losses, photo.error_code) == (2, 0, 0, None)


def test_a_photo_that_nobody_sent_cannot_be_tried_again(client):
    with client("admin") as http:
        refused(http.post(f"/v1/jobs/{'0' * 64}/retry"), 404, "not_found")
        assert http.post("/v1/jobs/not-a-photo/retry").status_code == 422

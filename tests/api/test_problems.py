"""Every refusal is problem JSON that a person can act on, and none shows where in the program it came from."""

import pytest
from fastapi import APIRouter
from sqlalchemy import select, text
from starlette.testclient import TestClient

from api.app import create_app
from api.deps import WritingUnit, public
from api.errors import PHOTO_STATUS, PhotoRefused
from models import ApiKey
from tests.api.words import refused
from vision import errors as vision_errors

JSON = {"Content-Type": "application/json"}


def photo_errors():
    found, waiting = [], [vision_errors.PhotoError]
    while waiting:
        found.append(waiting.pop())
        waiting += found[-1].__subclasses__()
    return found


def test_every_reason_that_vision_knows_has_a_status():
    assert set(photo_errors()) == set(PHOTO_STATUS)


@pytest.mark.parametrize("error", photo_errors(), ids=lambda error: error.code)
def test_a_photo_that_vision_refuses_is_told_in_visions_words(error):
    body = PhotoRefused(error(), photo="wall.jpg").as_json()
    assert body["code"] == error.code
    assert body["status"] == PHOTO_STATUS[error]
    assert 400 <= body["status"] < 500
    assert body["detail"] == error.__doc__
    assert body["photo"] == "wall.jpg"


@pytest.mark.parametrize(
    ("body", "status", "code", "detail"),
    [
        (b"{", 422, "request_not_understood", "body is not valid JSON."),
        (b"", 422, "request_not_understood", "body is missing."),
        (b"[1]", 422, "request_not_understood", "body is not a JSON object."),
        (b"{}", 422, "request_not_understood", "name is missing; password is missing."),
        (b'{"name": "x", "password": "y", "z": 1}', 422, "request_not_understood", "z is not known here."),
        (b'{"name": 7, "password": "y"}', 422, "request_not_understood", "name is refused: Input should be"),
        (b'{"name": "\\ud800", "password": "y"}', 422, "request_not_understood", "name"),
        (b'{"name": "a\\u0000b", "password": "y"}', 422, "request_not_understood", "name"),
        (b'{"name": "\xff", "password": "y"}', 400, "bad_request", "There was an error parsing the body"),
        (b"[" * 100_000, 400, "bad_request", "There was an error parsing the body"),
    ],
    ids=["cut off", "empty", "a list", "nothing in it", "unknown", "a number", "surrogate", "NUL", "not UTF-8", "deep"],
)
def test_a_body_that_is_not_what_it_should_be_is_refused_in_plain_words(client, body, status, code, detail):
    answer = client().post("/v1/session", content=body, headers=JSON)
    assert answer.status_code == status
    assert answer.json()["code"] == code
    assert answer.json()["detail"].startswith(detail)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_refusal_does_not_repeat_what_was_sent(client):
    answer = client().post("/v1/session", json={"name": ["x"], "password": {"hunter": "hunter2"}})
    assert "hunter2" not in answer.text


def test_the_fields_that_are_wrong_are_listed_for_programs(client):
    body = refused(client().post("/v1/session", json={}), 422, "request_not_understood")
    assert [field["field"] for field in body["fields"]] == ["name", "password"]


def test_an_address_that_is_not_there_is_not_found(client):
    for path in ("/nope", "/v1", "/v1/session/more", "/static/../app.py", "/static/%2e%2e%2fapp.py", "/%00", "/%ff"):
        refused(client().get(path), 404, "not_found")


def test_a_method_that_an_address_does_not_take_is_refused_with_those_it_takes(client):
    answer = client().put("/healthz")
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET"
    refused(client().request("BREW", "/healthz"), 405, "method_not_allowed")


def test_a_bug_is_a_500_with_the_request_id_and_nothing_else(app, client, capsys):
    @app.get("/bug")
    def bug():
        raise RuntimeError("the secret inside")

    answer = client().get("/bug")
    body = refused(answer, 500, "unexpected")
    assert "secret inside" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    logged = capsys.readouterr().out
    assert "the secret inside" in logged
    assert body["request_id"] in logged


BREAK_COMMIT = {
    # A foreign key that is only checked at the end makes COMMIT itself fail, as a full disk would.
    "sqlite": [
        "CREATE TABLE late (account TEXT REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TRIGGER break AFTER INSERT ON api_keys BEGIN INSERT INTO late VALUES ('nobody'); END",
    ],
    "postgresql": [
        "CREATE TABLE late (account VARCHAR(32) REFERENCES accounts (id) DEFERRABLE INITIALLY DEFERRED)",
        """CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO late VALUES ('nobody'); RETURN NEW; END $$""",
        "CREATE TRIGGER break AFTER INSERT ON api_keys FOR EACH ROW EXECUTE FUNCTION break()",
    ],
}


def test_a_failed_commit_is_a_failed_request(browser, services):
    signed_in = browser("officer")
    with services.engine.begin() as connection:
        for statement in BREAK_COMMIT[services.engine.dialect.name]:
            connection.execute(text(statement))
    answer = signed_in.post("/v1/keys", json={"label": "phone"})
    refused(answer, 500, "unexpected")
    assert "ww_" not in answer.text
    with services.reading_unit() as unit:
        assert unit.session.scalars(select(ApiKey)).all() == []
    with services.unit() as unit:  # and the next transaction finds nothing of it, no lock either
        unit.session.execute(text("UPDATE accounts SET language = 'kk'"))


def test_a_database_that_stays_locked_is_busy_and_nothing_was_changed(make_services, key, database_url):
    secret = key("admin")
    impatient = f"{database_url}?options=-c%20lock_timeout%3D100ms" if database_url else ""
    services = make_services(database={"url": impatient, "busy_timeout_s": 0.05})
    lock = "LOCK TABLE accounts" if database_url else "UPDATE accounts SET language = 'kk'"
    new = {"name": "a.severny", "role": "officer", "password": "six words and a half"}
    with TestClient(create_app(services), headers={"Authorization": f"Bearer {secret}"}) as client:
        client.get("/v1/session")
        with services.unit() as other:
            other.session.execute(text(lock))
            answer = client.post("/v1/accounts", json=new)
        refused(answer, 503, "busy")
        assert answer.headers["retry-after"] == "1"
        assert client.post("/v1/accounts", json=new).status_code == 201


def test_a_value_that_no_column_can_hold_is_refused(app, client, services):
    router = APIRouter()

    @router.get("/store", dependencies=[public()])
    def store():
        with services.unit() as unit:
            unit.session.execute(text("SELECT CAST(:value AS VARCHAR)"), {"value": "a\0b"})

    app.include_router(router)
    answer = client().get("/store")
    if services.engine.dialect.name == "postgresql":
        refused(answer, 422, "value_refused")
    else:
        assert answer.status_code == 200  # SQLite keeps it


def test_a_unit_that_fails_half_way_changes_nothing(app, client, services):
    @app.post("/half", dependencies=[public()])
    def half(unit: WritingUnit):
        unit.session.execute(text("UPDATE accounts SET language = 'kk'"))
        raise RuntimeError("half way")

    refused(client("officer").post("/half"), 500, "unexpected")
    with services.reading_unit() as unit:
        assert set(unit.session.scalars(text("SELECT DISTINCT language FROM accounts"))) == {"ru"}

"""What is logged, and what never is."""

import io
import json
import logging

import pytest
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from api.settings import Settings
from api.web.logs import MARK, set_up

PRODUCTION = {"stage": "production", "secret": "0123456789abcdef0123456789abcdef!"}
NAUGHTY = 'x\n{"event": "forged"}\r\n\x1b[2J\u202e\u2028y'


@pytest.fixture
def lines():
    """Sets logging up as the server does; gives the lines written so far."""
    before, stream = structlog.get_config(), io.StringIO()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def lines(**settings):
        set_up(Settings(**settings), stream)
        return lambda: stream.getvalue().splitlines()

    yield lines
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


def test_production_writes_one_json_object_a_line(lines):
    written = lines(**PRODUCTION)
    structlog.get_logger().info("request", path="/v1/reports", status=201)
    entry = json.loads(written()[0])
    assert (entry["event"], entry["level"], entry["status"]) == ("request", "info", 201)
    assert entry["timestamp"].endswith("Z")


@pytest.mark.parametrize("settings", [PRODUCTION, {"stage": "development"}], ids=["production", "development"])
def test_nothing_that_is_sent_can_forge_a_line(lines, settings):
    written = lines(**settings)
    structlog.get_logger().info("request", path=NAUGHTY, nested={"name": NAUGHTY})
    logging.getLogger("somebody").warning("said %s", NAUGHTY)
    assert len(written()) == 2
    for line in written():
        assert line.isprintable()


@pytest.mark.parametrize(
    "facts",
    [
        {"password": "hunter2-hunter2"},
        {"csrf_token": "hunter2-hunter2"},
        {"Authorization": "Bearer hunter2-hunter2"},
        {"headers": {"cookie": "wallwatch=hunter2-hunter2"}},
        {"note": "key ww_hunter2-hunter2-hunter2 was sent"},
        {"path": "/v1/feeds/0123/wwf_hunter2-hunter2-hunter2"},
        {"note": "secret whsec_hunter2+hunter2/hunter2= was shown"},
        {"error": "connect to postgresql://wallwatch:hunter2-hunter2@db/x"},
        {"error": "duplicate key\nDETAIL:  Key (name)=(hunter2) already exists.\nCONTEXT: x"},
        {"list": [{"secret_key": "hunter2-hunter2"}]},
    ],
    ids=str,
)
def test_secrets_are_not_logged(lines, facts):
    written = lines(**PRODUCTION)
    structlog.get_logger().warning("something", **facts)
    assert "hunter2" not in written()[0]
    assert MARK in written()[0]


def test_secrets_in_an_error_are_not_logged_either(lines):
    written = lines(**PRODUCTION)
    try:
        raise RuntimeError("no connection: postgresql://wallwatch:hunter2@db/x")
    except RuntimeError:
        structlog.get_logger().exception("failed")
    assert len(written()) == 1
    assert "RuntimeError" in written()[0]
    assert "hunter2" not in written()[0]


@pytest.mark.parametrize("statement", ["SELECT nothing FROM nowhere WHERE a = :a", "SELECT nothing, :a"])
def test_values_in_a_failed_statement_are_not_logged(lines, services, statement):
    written, value = (
        lines(**PRODUCTION),
        f"{services.engine.dialect.name}_tuman",
    )  # put together: a traceback shows this line
    try:
        with services.unit() as unit:
            unit.session.execute(text(statement), {"a": value})
    except DatabaseError:
        structlog.get_logger().exception("failed")
    assert "SELECT nothing" in written()[0]
    assert value not in written()[0]


def test_libraries_log_in_the_same_shape(lines):
    written = lines(**PRODUCTION)
    logging.getLogger("somebody.else").warning("said %s", "something")
    entry = json.loads(written()[0])
    assert (entry["event"], entry["level"]) == ("said something", "warning")


def test_a_level_that_is_not_wanted_is_not_written(lines):
    written = lines(**PRODUCTION, log_level="warning")
    structlog.get_logger().info("request")
    assert written() == []


def test_a_request_is_logged_with_its_id_and_without_its_query(lines, client):
    written = lines(**PRODUCTION)
    answer = client("officer").get("/v1/session?q=somebody", headers={"X-Request-ID": "0123456789"})
    entry = next(entry for line in written() if (entry := json.loads(line))["event"] == "request")
    assert entry["request_id"] == answer.headers["x-request-id"] == "0123456789"
    assert (entry["path"], entry["status"], entry["actor"]) == ("/v1/session", 200, "officer")
    assert not {"q", "query", "headers"} & set(entry)
    assert "somebody" not in str(entry)
    assert "ww_" not in str(entry)

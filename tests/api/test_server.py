"""The server itself, over real sockets: what no well-behaved client would send."""

import contextlib
import json
import socket
import threading
import time

import pytest

from api.web.server import PortTaken, listen, make_server
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture
from tests.api.words import PASSWORD

ENDLESS = (
    b"POST /v1/reports HTTP/1.1\r\nHost: walls\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: multipart/form-data; boundary=b\r\n"
)
SIGN_IN = "POST /v1/session HTTP/1.1\r\nHost: walls\r\nContent-Type: application/json\r\nContent-Length: "
ENOUGH = 2**30
CHUNK = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
PART = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'


@pytest.fixture
def port(make_services, accounts):
    """A running server's port; a body may have a mebibyte."""
    services = make_services(limits={"body_bytes": 2**20})
    server, listening = make_server(services), listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def connect(port):
    opened = []

    def connect():
        opened.append(socket.create_connection(("127.0.0.1", port), timeout=15))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


def answer_to(connection):
    """(status, headers, body) of everything that comes until the server closes."""
    raw = b""
    with contextlib.suppress(ConnectionResetError):  # it closes on those who go on sending
        while data := connection.recv(65536):
            raw += data
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), {line.split(": ")[0].lower(): line.split(": ")[1] for line in lines[1:]}, body


def pour(connection, data):
    """Send as long as the server takes it; how many bytes it took."""
    taken = 0
    try:
        while taken < ENOUGH:
            connection.sendall(data)
            taken += len(data)
    except (BrokenPipeError, ConnectionResetError, TimeoutError):
        pass
    return taken


def test_a_body_without_an_end_is_cut_off_and_told_why(connect, key):
    connection = connect()
    connection.sendall(ENDLESS + f"Authorization: Bearer {key('officer')}\r\n\r\n".encode())
    head = f"{len(PART):x}\r\n".encode() + PART + b"\r\n"
    connection.sendall(head)
    got = []
    reader = threading.Thread(target=lambda: got.append(answer_to(connection)))
    reader.start()
    taken = pour(connection, CHUNK)
    reader.join(15)
    status, headers, body = got[0]
    assert status == 413
    assert json.loads(body)["code"] == "body_too_large"
    assert headers["connection"] == "close"
    assert headers["content-type"] == "application/problem+json"
    assert taken < ENOUGH


def test_an_endless_body_from_nobody_is_not_waited_for(connect):
    connection = connect()
    connection.sendall(ENDLESS + b"\r\n")
    got = []
    reader = threading.Thread(target=lambda: got.append(answer_to(connection)))
    reader.start()
    taken = pour(connection, CHUNK)
    reader.join(15)
    assert got[0][0] == 401
    assert got[0][1]["connection"] == "close"
    assert taken < ENOUGH


def test_an_honest_client_that_sends_all_before_it_reads_still_hears_why(connect):
    connection, size = connect(), 20 * 2**20
    connection.sendall(f"POST /v1/session HTTP/1.1\r\nHost: walls\r\nContent-Length: {size}\r\n\r\n".encode())
    connection.sendall(b"x" * size)
    status, _, body = answer_to(connection)
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")


def test_a_length_that_lies_cannot_smuggle_more(connect):
    connection = connect()
    body = json.dumps({"name": "officer", "password": PASSWORD}).encode()
    head = f"{SIGN_IN}{len(body)}\r\nConnection: close\r\n\r\n"
    connection.sendall(head.encode() + body + b"GET /v1/accounts HTTP/1.1\r\nHost: walls\r\n\r\n")
    status, _, rest = answer_to(connection)
    assert status == 200
    assert b"HTTP/1.1" not in rest


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: walls\r\n" + b"X-Long: " + b"a" * 100_000 + b"\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: walls\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(20_000)) + b"\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: walls\r\nConnection: close\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/1.1\r\nHost: walls\r\nBad Header : x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: walls\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: walls\r\nTransfer-Encoding: chunked\r\n\r\nnothex\r\n",
    ],
    ids=["huge header", "20,000 headers", "huge path", "TLS", "bad header", "two lengths", "bad chunk"],
)
def test_what_is_not_http_is_answered_and_closed(connect, port, request_bytes):
    connection = connect()
    try:
        connection.sendall(request_bytes)
        status, _, body = answer_to(connection)
        assert 400 <= status < 500
        assert b"Traceback" not in body
    except (BrokenPipeError, ConnectionResetError):
        pass  # closed while we were still sending: refused as well
    other = connect()
    other.sendall(b"GET /healthz HTTP/1.1\r\nHost: walls\r\nConnection: close\r\n\r\n")
    assert answer_to(other)[0] == 200


@pytest.mark.parametrize(
    ("request_bytes", "status", "code"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "request_malformed"),
        (b"GET / HTTP/1.1\r\nHost: walls\r\nBad Header : x\r\n\r\n", 400, "request_malformed"),
        (b"GET / HTTP/1.1\r\nHost: walls\r\nX-Long: " + b"a" * 33_000, 431, "head_too_large"),
    ],
    ids=["TLS", "bad header", "huge header"],
)
def test_what_the_server_itself_refuses_is_a_problem_with_an_id_too(connect, request_bytes, status, code):
    connection = connect()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall(request_bytes)
    said, headers, body = answer_to(connection)
    assert (said, headers["content-type"]) == (status, "application/problem+json")
    problem = json.loads(body)
    assert (problem["code"], problem["request_id"]) == (code, headers["x-request-id"])
    assert headers["connection"] == "close"


def test_the_server_does_not_say_what_it_is(connect):
    connection = connect()
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: walls\r\nConnection: close\r\n\r\n")
    _, headers, _ = answer_to(connection)
    assert "server" not in headers
    assert "x-powered-by" not in headers


def test_a_request_under_way_is_finished_before_the_server_stops(services, accounts):
    server, listening = make_server(services), listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    with socket.create_connection(listening.getsockname(), timeout=15) as connection:
        body = json.dumps({"name": "officer", "password": PASSWORD}).encode()
        connection.sendall(f"{SIGN_IN}{len(body)}\r\n\r\n".encode() + body[:10])
        time.sleep(0.3)
        server.should_exit = True
        time.sleep(0.3)
        connection.sendall(body[10:])
        assert answer_to(connection)[0] == 200
    thread.join(20)
    assert not thread.is_alive()


def test_a_port_that_is_taken_is_told_with_the_setting_to_change():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"127.0.0.1:{port}.*WALLWATCH_WEB__PORT"):
            listen("127.0.0.1", port)

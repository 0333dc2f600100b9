"""What goes around every request: its id, its headers, its size, where it came from."""

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.web.body_limit import BodyLimit
from api.web.gates import network_of
from tests.api.words import refused

PAGES = ["/healthz", "/docs", "/openapi.json", "/nope", "/v1/session", "/static/docs.js"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers_that_keep_browsers_in_check(client, path):
    headers = client().get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "cache-control" in headers
    assert "strict-transport-security" not in headers  # plain HTTP in the development stage


@pytest.mark.parametrize("offered", ["3f2c.retry-1_b", "A" * 64, "12345678"])
def test_a_sane_request_id_is_kept(client, offered):
    assert client().get("/healthz", headers={"X-Request-ID": offered}).headers["x-request-id"] == offered


@pytest.mark.parametrize("offered", ["", "short", "A" * 65, "with space 1", "line\\nbreak", '{"a":1}xx', "кириллица"])
def test_any_other_request_id_is_replaced(client, offered):
    answer = client().get("/healthz", headers={"X-Request-ID": offered.encode()})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])


def test_two_requests_have_two_ids(client):
    anonymous = client()
    assert anonymous.get("/healthz").headers["x-request-id"] != anonymous.get("/healthz").headers["x-request-id"]


class TestBodyLimit:
    @pytest.fixture
    def small(self, make_services, key):
        services = make_services(limits={"body_bytes": 64 * 1024})
        with TestClient(create_app(services), headers={"Authorization": f"Bearer {key('officer')}"}) as client:
            yield client

    def test_an_honest_length_over_the_limit_is_refused_at_once(self, small):
        answer = small.post("/v1/reports", files={"photo": ("wall.jpg", b"x" * 70_000, "image/jpeg")})
        assert refused(answer, 413, "body_too_large")["limit_bytes"] == 64 * 1024
        assert answer.headers["connection"] == "close"

    def test_a_body_without_a_length_is_counted(self, small):
        def chunks():
            yield b'--b\r\nContent-Disposition: form-data; name="photo"; filename="wall.jpg"\r\n\r\n'
            for _ in range(80):
                yield b"x" * 1024

        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        refused(small.post("/v1/reports", content=chunks(), headers=headers), 413, "body_too_large")

    def test_a_body_under_the_limit_passes(self, small):
        answer = small.post("/v1/reports", files={"photo": ("wall.jpg", b"x" * 60_000, "image/jpeg")})
        assert answer.json()["code"] != "body_too_large"

    def test_json_may_be_a_mebibyte_even_where_photos_may_be_more(self, client):
        answer = client().post("/v1/session", json={"name": "x", "password": "y" * 2**20})
        assert refused(answer, 413, "body_too_large")["limit_bytes"] == 2**20

    @pytest.mark.parametrize("length", ["-1", "1e9", "", "nonsense"])
    def test_a_senseless_length_is_not_believed(self, small, length):
        headers = {"Content-Length": length, "Content-Type": "application/json"}
        assert small.post("/v1/session", content=b"{}", headers=headers).status_code == 422


def test_a_body_that_stops_coming_is_not_waited_for_forever():
    said = []

    async def application(scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half a body is no body"})

    async def receive():
        if not said:
            said.append("asked")
            return {"type": "http.request", "body": b"x", "more_body": True}
        return await asyncio.Event().wait()

    async def send(message):
        said.append(message)

    scope = {"type": "http", "headers": [(b"content-length", b"10")], "path": "/", "method": "POST", "state": {}}
    in_a_loop(BodyLimit(application, limit_bytes=1000, bytes_per_s=1000, idle_s=0.05)(scope, receive, send))
    start, *bodies = said[1:]
    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]
    assert json.loads(b"".join(body["body"] for body in bodies))["code"] == "body_too_slow"


def in_a_loop(coroutine):
    """Run it to its end in a thread of its own: in this one, a browser of other tests may keep its loop running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def body_that_comes(messages, *, every_s, **limits):
    """(status, code) of the answer to a body of these pieces, one every so many seconds."""
    said, waiting = [], list(messages)

    async def application(scope, receive, send):
        while (message := await receive()).get("more_body"):
            pass
        status = 200 if message["type"] == "http.request" else 500
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def receive():
        await asyncio.sleep(every_s)
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message):
        said.append(message)

    scope = {"type": "http", "headers": [(b"content-length", b"10")], "path": "/", "method": "POST", "state": {}}
    in_a_loop(BodyLimit(application, limit_bytes=10**6, **limits)(scope, receive, send))
    body = json.loads(b"".join(message.get("body", b"") for message in said))
    return said[0]["status"], body.get("code"), body.get("detail", "")


def test_a_body_that_trickles_is_given_up_although_something_always_comes():
    pace = {"idle_s": 0.5, "grace_s": 0.3, "bytes_per_s": 1000}
    status, code, detail = body_that_comes([b"x"] * 100, every_s=0.05, **pace)
    assert (status, code) == (408, "body_too_slow")
    assert "1000 bytes a second" in detail


def test_a_body_that_comes_at_its_pace_may_take_longer_than_the_grace():
    pace = {"idle_s": 0.5, "grace_s": 0.3, "bytes_per_s": 1000}
    assert body_that_comes([b"x" * 1000] * 12, every_s=0.05, **pace)[0] == 200


class TestProxies:
    """Who asks, when a proxy asks for them."""

    @pytest.fixture
    def asked_by(self, make_services):
        def asked_by(trusted, headers):
            services = make_services(web={"trusted_proxies": trusted}, limits={"requests_per_minute": 1})
            app = create_app(services)
            with TestClient(app, client=("10.0.0.7", 1234)) as proxy:
                proxy.get("/nope", headers=headers)
                return [
                    address
                    for address in ("10.0.0.7", "198.51.100.4", "203.0.113.9")
                    if "429" in str(_ask(app, address).status_code)
                ]

        return asked_by

    def test_a_proxy_that_is_not_trusted_asks_for_itself(self, asked_by):
        assert asked_by([], {"X-Forwarded-For": "198.51.100.4"}) == ["10.0.0.7"]

    def test_a_trusted_proxy_asks_for_the_client_that_it_names(self, asked_by):
        assert asked_by(["10.0.0.7"], {"X-Forwarded-For": "198.51.100.4"}) == ["198.51.100.4"]

    def test_what_a_client_claims_before_the_proxy_is_not_believed(self, asked_by):
        assert asked_by(["10.0.0.0/24"], {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}) == ["198.51.100.4"]


def _ask(app, address):
    return TestClient(app, client=(address, 1234)).get("/nope")


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("198.51.100.4", "198.51.100.4"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.4", "198.51.100.4"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
    ],
)
def test_an_address_is_counted_as_its_customer(host, network):
    assert network_of({"client": (host, 1)}) == network


def test_without_an_address_everybody_is_one():
    assert network_of({"client": None}) == ""

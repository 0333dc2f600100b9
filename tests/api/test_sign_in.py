"""Signing in and out with a browser."""

import hashlib

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from api.app import create_app
from models import Account, AuditEntry, Session
from tests.api.words import PASSWORD, refused


def sign_in(client, name="investigator", password=PASSWORD, **headers):
    return client.post("/v1/session", json={"name": name, "password": password}, headers=headers)


def test_the_right_password_opens_a_session_and_its_cookie_is_not_kept(client, services):
    anonymous = client()
    answer = sign_in(anonymous)
    assert answer.status_code == 200
    cookie = anonymous.cookies["wallwatch"]
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "samesite=strict" in answer.headers["set-cookie"].lower()
    with services.reading_unit() as unit:
        kept = unit.session.scalars(select(Session)).one()
        assert cookie not in (kept.token_sha256, kept.csrf_token, kept.id)
        entry = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "session.start")).one()
        assert entry.actor == "investigator"
        assert entry.request_id == answer.headers["x-request-id"]


def test_who_am_i_names_the_role_its_scopes_and_the_token(browser):
    signed_in = browser("officer")
    me = signed_in.get("/v1/session").json()
    assert (me["name"], me["role"]) == ("officer", "officer")
    assert me["scopes"] == ["orders:read", "orders:write", "reports:read", "reports:write"]
    assert me["csrf_token"] == signed_in.headers["X-CSRF-Token"]


@pytest.mark.parametrize("name", ["investigator", "nobody-of-this-name", "Investigator"])
def test_a_wrong_name_and_a_wrong_password_are_told_alike(client, name):
    answer = sign_in(client(), name=name, password="not the password")
    assert refused(answer, 401, "sign_in_failed")["detail"] == "Name or password is wrong."
    assert "set-cookie" not in answer.headers


def test_a_refused_sign_in_is_in_the_audit_log_and_no_password_is(client, services):
    sign_in(client(), password="a wrong password")
    with services.reading_unit() as unit:
        entry = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "session.refused")).one()
        assert "wrong" not in str(entry.facts)


def test_an_unknown_name_costs_the_same_hash_as_a_known_one(client):
    from api.accounts import service

    anonymous = client()
    service._nobody.cache_clear()
    sign_in(anonymous, name="nobody-of-this-name")
    assert service._nobody.cache_info().misses == 1  # a hash of the same cost was compared with
    assert service._nobody().split("$")[3] == service.hasher().hash("x").split("$")[3]


def test_a_disabled_account_cannot_sign_in_and_is_signed_out(browser, client, accounts):
    officer = browser("officer")
    answer = browser("admin").patch(f"/v1/accounts/{accounts['officer'].id}", json={"disabled": True})
    assert answer.status_code == 200
    refused(officer.get("/v1/session"), 401, "session_ended")
    refused(sign_in(client(), name="officer"), 401, "sign_in_failed")


def test_signing_out_ends_the_session_for_everybody_who_has_the_cookie(browser, client):
    signed_in, thief = browser("officer"), client()
    thief.cookies.set("wallwatch", signed_in.cookies["wallwatch"])
    assert thief.get("/v1/session").status_code == 200
    assert signed_in.delete("/v1/session").status_code == 204
    refused(thief.get("/v1/session"), 401, "session_ended")


def test_a_session_ends_when_it_is_not_used(browser, clock):
    signed_in = browser("officer")
    clock.move(hours=11, minutes=59)
    assert signed_in.get("/v1/session").status_code == 200  # used: it lives on from here
    clock.move(hours=11, minutes=59)
    assert signed_in.get("/v1/session").status_code == 200
    clock.move(hours=12, minutes=1)
    refused(signed_in.get("/v1/session"), 401, "session_ended")


def test_a_session_ends_at_last_however_often_it_is_used(browser, clock):
    signed_in = browser("officer")
    for _ in range(6):
        clock.move(hours=11, minutes=50)
        assert signed_in.get("/v1/session").status_code == 200
    clock.move(hours=1, minutes=30)
    refused(signed_in.get("/v1/session"), 401, "session_ended")


def test_a_made_up_cookie_opens_nothing(client):
    anonymous = client()
    anonymous.cookies.set("wallwatch", "A" * 43)
    refused(anonymous.get("/v1/session"), 401, "session_ended")


def test_changing_ones_password_needs_the_present_one_and_signs_out_everywhere(browser, client):
    here, there = browser("officer"), browser("officer")
    wrong = here.put("/v1/session/password", json={"present": "not that one", "new": "another long one"})
    refused(wrong, 403, "password_wrong")
    right = here.put("/v1/session/password", json={"present": PASSWORD, "new": "another long one"})
    assert right.status_code == 204
    for old in (here, there):
        refused(old.get("/v1/session"), 401, "session_ended")
    refused(sign_in(client(), name="officer"), 401, "sign_in_failed")
    assert sign_in(client(), name="officer", password="another long one").status_code == 200


def test_one_sees_ones_sessions_and_ends_those_elsewhere(browser):
    here, there, stranger = browser("officer"), browser("officer"), browser("investigator")
    listed = here.get("/v1/sessions").json()
    assert [session["is_this_one"] for session in listed].count(True) == 1
    assert len(listed) == 2
    other = next(session["id"] for session in listed if not session["is_this_one"])
    refused(stranger.delete(f"/v1/sessions/{other}"), 404, "not_found")
    assert here.delete(f"/v1/sessions/{other}").status_code == 204
    refused(there.get("/v1/session"), 401, "session_ended")
    assert here.get("/v1/session").status_code == 200


def test_in_production_the_cookie_is_bound_to_the_host_and_to_https(make_services, settings, accounts):
    services = make_services(stage="production", secret="0123456789abcdef0123456789abcdef!")
    with TestClient(create_app(services), base_url="https://testserver") as client:
        answer = sign_in(client)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-wallwatch=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=strict"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
        assert client.get("/v1/session").status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_session_cannot_be_started_with_a_password_that_was_changed_meanwhile(services, accounts):
    from datetime import timedelta

    from api.accounts import sessions

    officer = accounts["officer"]
    with services.unit() as unit:
        unit.session.execute(update(Account).where(Account.id == officer.id).values(password_hash="another"))
    with pytest.raises(sessions.SignInFailed), services.unit() as unit:
        sessions.start(unit, officer.id, password_hash=officer.password_hash, longest=timedelta(hours=1), secret="s")


class TestForgery:
    """A browser adds its cookies to what other sites make it send."""

    BODY = {"label": "x", "days": 1}

    def test_a_change_without_the_token_is_refused(self, browser):
        signed_in = browser("officer")
        del signed_in.headers["X-CSRF-Token"]
        refused(signed_in.post("/v1/keys", json=self.BODY), 403, "token_missing")

    def test_a_change_with_another_sessions_token_is_refused(self, browser):
        signed_in, other = browser("officer"), browser("officer")
        signed_in.headers["X-CSRF-Token"] = other.headers["X-CSRF-Token"]
        refused(signed_in.post("/v1/keys", json=self.BODY), 403, "token_missing")

    @pytest.mark.parametrize(
        "headers",
        [
            {"Origin": "https://elsewhere.invalid"},
            {"Origin": "http://testserver.elsewhere.invalid"},
            {"Origin": "https://testserver"},
            {"Origin": "null"},
            {"Origin": "http://[::"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
        ],
        ids=str,
    )
    def test_a_change_from_elsewhere_is_refused_even_with_the_token(self, browser, headers):
        refused(browser("officer").post("/v1/keys", json=self.BODY, headers=headers), 403, "foreign_origin")

    def test_signing_in_from_elsewhere_is_refused(self, client):
        refused(sign_in(client(), Origin="https://elsewhere.invalid"), 403, "foreign_origin")

    def test_an_api_key_needs_neither_origin_nor_token(self, client):
        answer = client("admin").get("/v1/accounts", headers={"Origin": "https://elsewhere.invalid"})
        assert answer.status_code == 200
        made = client("admin").post(
            "/v1/accounts",
            json={"name": "from-a-program", "role": "officer", "password": "six words and a half"},
            headers={"Origin": "https://elsewhere.invalid"},
        )
        assert made.status_code == 201

    def test_the_origin_that_browsers_see_can_be_set(self, make_services, accounts):
        services = make_services(web={"origin": "https://walls.invalid"})
        with TestClient(create_app(services)) as client:
            assert sign_in(client, Origin="https://walls.invalid").status_code == 200
            refused(sign_in(client, Origin="http://testserver"), 403, "foreign_origin")


def test_a_session_holds_only_under_the_secret_it_was_made_with(make_services, services, browser):
    token = browser("officer").cookies["wallwatch"]
    other = make_services(secret="another secret of this installation")
    with TestClient(create_app(other), cookies={"wallwatch": token}) as client:
        assert client.get("/v1/session").status_code == 401
    with services.reading_unit() as unit:
        kept = unit.session.query(Session).one().token_sha256
    assert kept != hashlib.sha256(token.encode()).hexdigest()  # which anybody could write into the table

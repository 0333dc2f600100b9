"""API keys: made by people, shown once, good for no more than their account."""

import pytest
from sqlalchemy import select

from models import ApiKey
from tests.api.words import refused


def bearer(client, secret):
    return client.get("/v1/session", headers={"Authorization": f"Bearer {secret}"})


def test_a_key_is_shown_once_and_only_its_digest_is_kept(browser, services):
    signed_in = browser("officer")
    made = signed_in.post("/v1/keys", json={"label": "phone", "days": 3})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("ww_")
    assert len(secret) >= 3 + 43  # 256 bits in base64
    listed = signed_in.get("/v1/keys")
    assert [key["label"] for key in listed.json()] == ["phone"]
    assert secret not in listed.text
    with services.reading_unit() as unit:
        kept = unit.session.scalars(select(ApiKey)).one()
        assert secret not in (kept.key_sha256, kept.label, kept.id)


def test_a_key_acts_as_its_account_with_its_scopes_only(client):
    me = client("investigator", scopes=["reports:read"]).get("/v1/session").json()
    assert (me["name"], me["scopes"], me["csrf_token"]) == ("investigator", ["reports:read"], None)


def test_a_key_holds_no_more_than_its_account_does_now(client, browser, accounts):
    keyed = client("investigator")
    browser("admin").patch(f"/v1/accounts/{accounts['investigator'].id}", json={"role": "officer"})
    assert keyed.get("/v1/session").json()["scopes"] == ["orders:read", "orders:write", "reports:read", "reports:write"]


def test_a_key_cannot_be_made_with_more_than_the_account_holds(browser):
    answer = browser("officer").post("/v1/keys", json={"label": "x", "scopes": ["reports:read", "audit:read"]})
    assert refused(answer, 422, "scope_refused")["scopes"] == ["audit:read"]


def test_a_scope_that_does_not_exist_is_refused_by_name(browser):
    answer = browser("officer").post("/v1/keys", json={"label": "x", "scopes": ["everything"]})
    assert "scopes" in refused(answer, 422, "request_not_understood")["detail"]


def test_a_key_cannot_make_keys_or_change_passwords(client):
    keyed = client("admin")
    refused(keyed.post("/v1/keys", json={"label": "x"}), 403, "person_needed")
    refused(keyed.put("/v1/session/password", json={"present": "x", "new": "y"}), 403, "person_needed")


@pytest.mark.parametrize("secret", ["ww_" + "A" * 43, "nonsense", "ww_", "\xff\xfe", "x" * 5000])
def test_a_key_that_nobody_made_is_refused(client, secret):
    answer = client().get("/v1/session", headers={"Authorization": f"Bearer {secret}".encode("latin-1")})
    assert "not known" in refused(answer, 401, "key_refused")["detail"]
    assert answer.headers["www-authenticate"] == "Bearer"


def test_an_expired_key_is_refused(client, clock):
    keyed = client("officer", days=2)
    clock.move(days=1, hours=23)
    assert keyed.get("/v1/session").status_code == 200
    clock.move(hours=1)
    assert "expired" in refused(keyed.get("/v1/session"), 401, "key_refused")["detail"]


def test_a_revoked_key_is_refused_and_revoking_twice_is_revoking_once(browser, client):
    signed_in = browser("officer")
    made = signed_in.post("/v1/keys", json={"label": "lost phone"}).json()
    assert bearer(client(), made["secret"]).status_code == 200
    for _ in range(2):
        assert signed_in.delete(f"/v1/keys/{made['id']}").status_code == 204
    assert "revoked" in refused(bearer(client(), made["secret"]), 401, "key_refused")["detail"]


def test_the_key_of_a_disabled_account_is_refused(browser, client, accounts):
    keyed = client("officer")
    browser("admin").patch(f"/v1/accounts/{accounts['officer'].id}", json={"disabled": True})
    assert "disabled" in refused(keyed.get("/v1/session"), 401, "key_refused")["detail"]


def test_only_its_owner_and_an_admin_revoke_a_key(browser, client):
    made = browser("officer").post("/v1/keys", json={"label": "mine"}).json()
    refused(browser("investigator").delete(f"/v1/keys/{made['id']}"), 404, "not_found")
    assert bearer(client(), made["secret"]).status_code == 200
    assert browser("admin").delete(f"/v1/keys/{made['id']}").status_code == 204
    refused(bearer(client(), made["secret"]), 401, "key_refused")


@pytest.mark.parametrize("header", ["Basic b2ZmaWNlcjp4", "Bearer", "Bearer ", ""])
def test_another_kind_of_authorization_is_nobody(client, header):
    refused(client().get("/v1/session", headers={"Authorization": header}), 401, "sign_in_needed")


def test_when_a_key_was_last_used_is_written_down(browser, client, clock):
    signed_in = browser("officer")
    made = signed_in.post("/v1/keys", json={"label": "phone"}).json()
    assert made["used_at"] is None
    clock.move(minutes=5)
    bearer(client(), made["secret"])
    assert signed_in.get("/v1/keys").json()[0]["used_at"] == "2026-03-01T09:05:00Z"

"""Accounts, as an admin keeps them."""

import pytest
from sqlalchemy import select

from api.accounts import service
from models import Account, AuditEntry, Role
from tests.api.words import refused

NEW = {"name": "a.severny", "role": "officer", "password": "six words and a half"}


def test_an_admin_adds_an_account_that_can_sign_in(browser, client, services):
    admin = browser("admin")
    made = admin.post("/v1/accounts", json=NEW)
    assert made.status_code == 201
    assert "password" not in made.json()
    assert "a.severny" in [account["name"] for account in admin.get("/v1/accounts").json()]
    answer = client().post("/v1/session", json={"name": NEW["name"], "password": NEW["password"]})
    assert answer.json()["role"] == "officer"
    with services.reading_unit() as unit:
        entry = unit.session.scalars(select(AuditEntry).where(AuditEntry.action == "account.add")).one()
        assert (entry.actor, entry.subject) == ("admin", made.json()["id"])
        assert NEW["password"] not in str(entry.facts)


def test_a_name_is_given_once(browser):
    admin = browser("admin")
    admin.post("/v1/accounts", json=NEW)
    refused(admin.post("/v1/accounts", json=NEW), 409, "name_taken")


@pytest.mark.parametrize("name", ["ab", "Admin", "аdmin", "a b c", "-abc", "x" * 65, "a\u202eb", "abc\n"])
def test_a_name_that_could_be_mistaken_is_refused(browser, name):
    answer = browser("admin").post("/v1/accounts", json=NEW | {"name": name})
    assert refused(answer, 422, answer.json()["code"])["code"] in {"name_refused", "request_not_understood"}


@pytest.mark.parametrize("password", ["short", "a.severny-a.severny", "A.SEVERNY 2026 A"])
def test_a_password_that_is_easily_guessed_is_refused(browser, password):
    refused(browser("admin").post("/v1/accounts", json=NEW | {"password": password}), 422, "password_refused")


def test_a_password_is_kept_as_argon2id_with_its_own_salt(services):
    with services.unit() as unit:
        one = service.add_account(unit, "first.one", role=Role.OFFICER, password="the same password")
        two = service.add_account(unit, "second.one", role=Role.OFFICER, password="the same password")
    assert one.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert one.password_hash != two.password_hash


def test_a_new_role_counts_at_once_and_signs_the_account_out(browser, accounts):
    officer = browser("officer")
    answer = browser("admin").patch(f"/v1/accounts/{accounts['officer'].id}", json={"role": "supervisor"})
    assert answer.json()["role"] == "supervisor"
    refused(officer.get("/v1/session"), 401, "session_ended")
    assert "audit:read" in browser("officer").get("/v1/session").json()["scopes"]


def test_a_disabled_account_can_be_enabled_again(browser, accounts):
    admin, path = browser("admin"), f"/v1/accounts/{accounts['officer'].id}"
    assert admin.patch(path, json={"disabled": True}).json()["disabled_at"] is not None
    assert admin.patch(path, json={"disabled": False}).json()["disabled_at"] is None
    assert browser("officer").get("/v1/session").status_code == 200


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "officer"}], ids=str)
def test_the_last_admin_stays(browser, accounts, services, change):
    admin = browser("admin")
    refused(admin.patch(f"/v1/accounts/{accounts['admin'].id}", json=change), 409, "last_admin")
    with services.reading_unit() as unit:
        kept = unit.session.get(Account, accounts["admin"].id)
        assert (kept.role, kept.disabled_at) == ("admin", None)
    assert admin.get("/v1/session").status_code == 200


def test_a_password_set_by_an_admin_signs_the_account_out(browser, client, accounts):
    officer = browser("officer")
    path = f"/v1/accounts/{accounts['officer'].id}/password"
    assert browser("admin").post(path, json={"password": "a new long one"}).status_code == 204
    refused(officer.get("/v1/session"), 401, "session_ended")
    again = client().post("/v1/session", json={"name": "officer", "password": "a new long one"})
    assert again.status_code == 200


def test_an_admin_signs_somebody_out_everywhere(browser, accounts):
    officer = browser("officer")
    assert browser("admin").delete(f"/v1/accounts/{accounts['officer'].id}/sessions").status_code == 204
    refused(officer.get("/v1/session"), 401, "session_ended")


def test_an_account_that_is_not_there_is_not_found(browser):
    admin = browser("admin")
    refused(admin.patch("/v1/accounts/nobody", json={"disabled": True}), 404, "not_found")
    refused(admin.post("/v1/accounts/nobody/password", json={"password": "a new long one"}), 404, "not_found")
    refused(admin.delete("/v1/accounts/nobody/sessions"), 404, "not_found")


def test_a_field_that_nobody_knows_is_refused(browser):
    answer = browser("admin").post("/v1/accounts", json=NEW | {"is_demo": True})
    assert refused(answer, 422, "request_not_understood")["detail"] == "is_demo is not known here."

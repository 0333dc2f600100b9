"""Every route, for everybody: the table in routes.toml against the router and against what it answers."""

import re
import tomllib
from pathlib import Path

import pytest

from api.accounts.roles import SCOPES, Scope, scopes_of
from api.deps import ByPerson, Needs, Public
from api.settings import Settings
from api.web.openapi import gates
from models import Role
from tests.api.on_sqlite import database_url  # noqa: F401 - a fixture

TABLE = tomllib.loads((Path(__file__).parent / "routes.toml").read_text("utf-8"))
ROLES = [str(role) for role in Role]
DENIED = {"not_allowed", "person_needed", "sign_in_needed"}


@pytest.fixture
def settings(tmp_path):
    limits = {"sign_in_per_minute": 10_000, "requests_per_minute": 100_000}
    return Settings(stage="development", data_dir=tmp_path / "data", limits=limits)


def may(route, who):
    """Whether the table lets a role in; `who` is None for nobody."""
    allowed = TABLE[route]
    return allowed == "public" or (who is not None and (isinstance(allowed, str) or who in allowed))


def ask(client, route):
    """Send the emptiest request that reaches the route; the answer's code, or "" when it let us in."""
    method, path = route.split()
    answer = client.request(method, re.sub(r"{\w+}", "0" * 32, path), follow_redirects=False)
    assert answer.status_code != 500, (route, answer.text)
    code = answer.json()["code"] if answer.headers.get("content-type") == "application/problem+json" else ""
    code = answer.headers.get("X-Problem-Code", code)  # GeoReport's form of an error has no place for it
    assert (code in DENIED) == (answer.status_code in (401, 403)), (route, answer.text)
    return code if code in DENIED else ""


def test_every_route_is_in_the_table_and_has_one_gate(app):
    found = {f"{method} {path}": kinds for method, path, kinds in gates(app)}
    assert sorted(found) == sorted(TABLE)
    assert [route for route, kinds in found.items() if len(kinds) != 1] == []


def test_the_table_and_the_gates_say_the_same(app):
    for method, path, (gate,) in gates(app):
        allowed = TABLE[f"{method} {path}"]
        if isinstance(allowed, list) and path != "/metrics":
            assert [role for role in ROLES if SCOPES[role] >= set(gate.scopes)] == allowed, (method, path)
        elif path != "/metrics":
            kind = {"public": Public, "signed-in": Needs, "person": ByPerson}[allowed]
            assert type(gate) is kind, (method, path)


def test_nobody_gets_in_where_a_name_is_needed(client):
    anonymous = client()
    wrong = {route: ask(anonymous, route) for route in TABLE if (ask(anonymous, route) == "") != may(route, None)}
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gets_in_where_the_table_says_and_nowhere_else(client, browser, role):
    keyed = client(role)
    wrong = {}
    for route in TABLE:
        # Sign-out ends the browser it is asked with, so each of these has its own.
        code = ask(browser(role) if TABLE[route] == "person" else keyed, route)
        if (code == "") != may(route, role):
            wrong[route] = code
    assert wrong == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_key_without_a_routes_scope_is_refused_whatever_its_account_holds(app, client, role):
    wrong = []
    for scope in SCOPES[role]:
        others = sorted(SCOPES[role] - {scope})
        keyed = client(role, scopes=others)
        for method, path, (gate,) in gates(app):
            if isinstance(gate, Needs) and scope in gate.scopes and ask(keyed, f"{method} {path}") != "not_allowed":
                wrong.append((scope, method, path))
    assert wrong == []


def test_what_only_people_may_do_no_key_may(client):
    for role in ROLES:
        keyed = client(role)
        assert {ask(keyed, route) for route, allowed in TABLE.items() if allowed == "person"} == {"person_needed"}


def test_every_scope_opens_something_and_every_role_holds_only_known_ones(app):
    used = {scope for _, _, found in gates(app) for gate in found if isinstance(gate, Needs) for scope in gate.scopes}
    not_a_gate = {Scope.REPORTS_READ_ALL}  # widens what `reports:read` shows
    assert used | not_a_gate == {str(scope) for scope in Scope}
    assert set(SCOPES) == set(ROLES)


def test_a_role_that_nobody_knows_holds_nothing():
    assert scopes_of("sheriff") == frozenset()


def test_the_table_in_the_docs_is_the_one_that_holds():
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    head = next(row for row in rows if row[0] == "scope")
    ticked = {
        role: {row[0].strip("`") for row in rows if len(row) == len(head) and row[column] == "✓"}
        for column, role in enumerate(head)
        if role in ROLES
    }
    assert ticked == {role: {str(scope) for scope in SCOPES[role]} for role in ROLES}

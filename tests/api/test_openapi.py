"""The API's description, for people and for programs."""

import json
import re
from pathlib import Path

import pytest

from api.web import docs

ROOT = Path(__file__).parents[2]


@pytest.fixture
def document(client):
    return client().get("/openapi.json").json()


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_every_operation_has_words_a_tag_and_says_how_it_refuses(document):
    tags = {tag["name"] for tag in document["tags"]}
    for name, operation in operations(document):
        assert operation["summary"], name
        assert operation["description"], name
        assert set(operation["tags"]) <= tags, (name, operation["tags"])
        assert "429" in operation["responses"], name
        problems = [answer for status, answer in operation["responses"].items() if status.startswith("4")]
        assert all("application/problem+json" in answer["content"] for answer in problems), name


def test_every_operation_says_who_may_use_it(document):
    public = {
        "POST /v1/session",
        "GET /healthz",
        "GET /readyz",
        "GET /metrics",
        "GET /v1/feeds/{subscription_id}/{token}",
        "GET /open311/discovery.{form}",
        "GET /open311/v2/discovery.{form}",
        "GET /open311/v2/services.{form}",
        "GET /open311/v2/services/{service_code}.{form}",
        "GET /open311/v2/media/{token}.jpg",
    }
    for name, operation in operations(document):
        assert ("security" in operation) == (name not in public), name
        if "security" in operation:
            assert {"401", "403"} <= set(operation["responses"]), name
    assert "`accounts:write`" in document["paths"]["/v1/accounts"]["get"]["description"]
    assert document["paths"]["/v1/keys"]["post"]["security"] == [{"session": []}]
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}


def test_every_reference_in_the_description_leads_somewhere(document):
    schemas = document["components"]["schemas"]
    used = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document)))
    assert used <= set(schemas)
    assert "HTTPValidationError" not in schemas


def test_the_page_loads_nothing_from_elsewhere(client):
    page = client().get("/docs")
    assert page.status_code == 200
    assert not re.search(r"https?://|//[a-z]", page.text)
    assert "<script>" not in page.text
    assert "style=" not in page.text


def test_without_the_browser_code_the_page_says_how_to_make_it(tmp_path):
    assert "make assets" in docs.page_of({"swagger-ui-bundle.js": tmp_path / "missing.js"})


def test_the_browser_code_is_pinned_and_its_lock_names_no_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    for name, version in wanted.items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version)
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
        assert lock["packages"][f"node_modules/{name}"]["integrity"].startswith("sha512-")
    assert not [package for package in lock["packages"].values() if "resolved" in package]
    assert "://" not in json.dumps(lock)

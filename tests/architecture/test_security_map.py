"""docs/security.toml says which test shows which control: a test that was renamed or dropped is missed here."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THREATS = tomllib.loads((ROOT / "docs" / "security.toml").read_text("utf-8"))["threat"]


def names_in(path):
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@pytest.mark.parametrize("threat", THREATS, ids=lambda threat: threat["name"])
def test_a_control_is_shown_by_tests_that_exist(threat):
    assert threat["tests"]
    missing = []
    for test in threat["tests"]:
        path, _, name = test.partition("::")
        if not (ROOT / path).is_file() or name not in names_in(ROOT / path):
            missing.append(test)
    assert missing == []


def test_every_threat_of_the_table_is_described():
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    assert [threat["name"] for threat in THREATS if threat["name"] not in text] == []


def test_nothing_is_said_twice():
    names = [threat["name"] for threat in THREATS]
    assert len(names) == len(set(names))

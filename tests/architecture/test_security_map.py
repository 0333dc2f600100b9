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


def test_the_table_for_people_and_the_map_for_programs_name_the_same_threats_and_controls():
    lines = (ROOT / "docs" / "security.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    described = [row for row in rows if row[0] != "threat" and not row[0].startswith("---")]
    assert described == [[threat["name"], threat["control"], ", ".join(threat["asvs"])] for threat in THREATS]


def test_nothing_is_said_twice():
    names = [threat["name"] for threat in THREATS]
    assert len(names) == len(set(names))

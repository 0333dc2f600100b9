"""The samples, each read once for all tests of this folder."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from vision.errors import EngineError
from vision.lab.evaluate import load_cases
from vision.lab.score import Answer, Found
from vision.pipeline import build_reader

SAMPLES = Path("samples")


@dataclass(frozen=True)
class Seen:
    """What the tests ask of a reading; the readings themselves, with their lattices, would fill the memory."""

    answer: Answer
    quarter_turns: int


@pytest.fixture(scope="session")
def records():
    return [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="session")
def see():
    """Reads a sample, by its name; the second time it is remembered."""
    cases = {case.name: case for case in load_cases(SAMPLES)}
    try:
        reader = build_reader()
    except EngineError as missing:
        pytest.fail(str(missing))

    @cache
    def read(name):
        reading = reader.read(cases[name].data)
        found = tuple(Found.of(finding) for finding in reading.findings)
        return Seen(Answer(cases[name], found, reading.seconds), reading.quarter_turns)

    return read

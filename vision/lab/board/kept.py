"""The answers of a race as a JSON file, so that the page can be made again without racing again."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vision.frames import as_box
from vision.lab.board.race import Results
from vision.lab.score import Answer, Case, Found
from vision.types import Kind


def save(path: Path, races: Mapping[str, Results], facts: Mapping[str, Mapping[str, str]]) -> None:
    """Writes races by name, and facts about the machine that ran them."""
    content = {"races": {name: _plain(results) for name, results in races.items()}, "facts": facts}
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def load(path: Path, cases: Mapping[str, Sequence[Case]]) -> tuple[dict[str, Results], dict[str, dict[str, str]]]:
    """The races and facts that were written.

    Args:
        path: of the file.
        cases: the photos of each race, in the order they were read.

    Raises:
        ValueError: the photos are others than those that were read.
    """
    content = json.loads(path.read_text("utf-8"))
    races = {name: _results(plain, cases.get(name, ())) for name, plain in content["races"].items()}
    return races, content["facts"]


def _plain(results: Results) -> dict[str, Any]:
    answers = {
        entry: [
            {
                "photo": answer.case.name,
                "seconds": answer.seconds,
                "lines": answer.lines,
                "found": [dataclasses.asdict(found) for found in answer.found],
            }
            for answer in each
        ]
        for entry, each in results.answers.items()
    }
    return {**vars(results), "answers": answers}


def _results(plain: Mapping[str, Any], cases: Sequence[Case]) -> Results:
    for entry, each in plain["answers"].items():
        if [answer["photo"] for answer in each] != [case.name for case in cases]:
            raise ValueError(f"{entry} was asked about other photos: run the board again.")
    answers = {
        entry: [
            Answer(case, tuple(map(_found, one["found"])), one["seconds"], tuple(one["lines"]))
            for case, one in zip(cases, each, strict=True)
        ]
        for entry, each in plain["answers"].items()
    }
    return Results(**{**plain, "answers": answers})


def _found(plain: Mapping[str, Any]) -> Found:
    box = as_box(np.array(plain["box"], np.float64)) if plain["box"] else None
    return Found(**{**plain, "kind": Kind(plain["kind"]), "alternatives": tuple(plain["alternatives"]), "box": box})

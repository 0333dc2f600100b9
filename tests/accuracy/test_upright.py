"""A correct photo is never turned wrong: shown on every sample that shows text."""

import json
from pathlib import Path

from vision.pipeline import build_reader

SAMPLES = Path("samples")


def test_no_sample_that_stands_upright_is_turned():
    reader = build_reader()
    records = [json.loads(line) for line in (SAMPLES / "truth.jsonl").read_text("utf-8").splitlines()]
    upright = [record["photo"] for record in records if record["lines"] and not record["quarter_turns"]]
    assert len(upright) > 50
    turned = [name for name in upright if reader.read((SAMPLES / name).read_bytes()).quarter_turns]
    assert turned == []

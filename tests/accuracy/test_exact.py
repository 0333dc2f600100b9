"""A sample that was read exactly once is read exactly for ever."""

import csv
import io
import json
import re
from pathlib import Path

from PIL import Image

SAMPLES = Path("samples")
EXACT = (SAMPLES / "exact.txt").read_text("utf-8").split() if (SAMPLES / "exact.txt").exists() else []


def test_no_sample_that_was_read_exactly_is_lost(see):
    assert EXACT, "samples/exact.txt is empty: make accept"
    lost = [answer for answer in (see(name).answer for name in EXACT) if not answer.exact]
    told = [f"{one.case.name}: wanted {sorted(one.case.truth)}, found {[f.key for f in one.found]}" for one in lost]
    assert not lost, "read exactly before, and not now:\n" + "\n".join(told)


def test_every_name_in_the_exact_list_is_a_sample(records):
    assert set(EXACT) <= {record["photo"] for record in records}


def test_there_are_enough_samples_of_every_sort(records):
    assert len(records) >= 60
    assert sum(not record["addresses"] for record in records) >= 10
    assert {record["style"] for record in records} == {"spray", "brush", "roller", "marker", "stencil", "print", "qr"}
    assert {record["wall"] for record in records} == {"plaster", "brick", "concrete", "ribs", "planks", "tiles"}
    assert {record["difficulty"] for record in records} == {"easy", "medium", "hard"}
    assert any(record["quarter_turns"] for record in records)


def test_every_truth_follows_the_schema(records):
    schema = json.loads((SAMPLES / "truth.schema.json").read_text("utf-8"))
    fields = schema["properties"]
    for record in records:
        assert set(record) == set(schema["required"])
        assert re.fullmatch(fields["photo"]["pattern"], record["photo"])
        for name in ("split", "style", "wall", "light", "difficulty"):
            assert record[name] in fields[name]["enum"]
        for address in record["addresses"]:
            assert address["kind"] in fields["addresses"]["items"]["properties"]["kind"]["enum"]
            assert address["boxes"]
        boxes = [line["box"] for line in record["lines"]] + [b for a in record["addresses"] for b in a["boxes"]]
        assert all(len(box) == 4 and all(len(corner) == 2 for corner in box) for box in boxes)


def test_every_sample_is_there_with_its_place(records):
    rows = list(csv.DictReader(io.StringIO((SAMPLES / "places.csv").read_text("utf-8"))))
    assert [row["photo"] for row in rows] == [record["photo"] for record in records]
    for row in rows:
        assert (SAMPLES / row["photo"]).stat().st_size > 10_000
        assert 53 < float(row["lat"]) < 56
        assert 66 < float(row["lon"]) < 71


def test_boxes_of_samples_lie_in_their_photos(records):
    for record in records:
        if record["photo"].endswith(".heic"):
            continue
        with Image.open(SAMPLES / record["photo"]) as image:
            width, height = image.size
        for line in record["lines"]:
            assert all(-5 <= x <= width + 5 and -5 <= y <= height + 5 for x, y in line["box"])

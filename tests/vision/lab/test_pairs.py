"""Drawn pairs are what they are called, and the check is right about one of each kind."""

from pathlib import Path

import numpy as np
import pytest

from vision.after import Verdict, shown_in, writing_of
from vision.lab.pairs import ALLOWED, FIRST, KINDS, ReadPair, answer, before_of, pair_of, table
from vision.lab.synth.cover import HALF, PAINTED, covered, weathered
from vision.lab.synth.fonts import find_faces
from vision.lab.synth.truth import split_of
from vision.pipeline import build_reader

FONTS = Path("vision/fonts")
SEED = 1_611
"""A small picture, and an address that the reader reads in DejaVu."""


@pytest.fixture(scope="module")
def faces():
    return find_faces(FONTS)


@pytest.fixture(scope="module")
def before(faces):
    return before_of(SEED, faces)


@pytest.fixture(scope="module")
def said(faces, before):
    """What the check says of a pair of each kind, by kind."""
    reader = build_reader()
    first = reader.read(before.data)
    known = frozenset((one.kind.value, one.value) for one in first.findings)
    pairs = [pair_of(before, kind, faces) for kind in KINDS]
    reads = [ReadPair(pair, writing_of(first), shown_in(reader.read(pair.after)), known) for pair in pairs]
    return {read.pair.kind: answer(read) for read in reads}


@pytest.mark.parametrize("kind", KINDS)
def test_the_check_is_right_about_a_pair_of_each_kind(said, kind):
    one = said[kind]
    assert one.check.verdict in ALLOWED[kind], (one.pair.how, one.check)
    assert one.is_right
    assert one.is_lenient
    assert one.is_safe
    assert (one.check.verdict is Verdict.PAINTED) == (kind == "painted")


def test_the_table_counts_every_pair_once(said):
    lines = list(table(list(said.values())))
    assert lines[0].split() == ["kind", "pairs", "painted", "not", "unclear", "right", "lenient"]
    assert [line.split()[0] for line in lines[1:7]] == [*KINDS, "all"]
    assert lines[1].split()[1:] == ["1", "1", "0", "0", "1.000", "1.000"]
    assert lines[6].split()[1:3] == ["5", "1"]
    assert lines[7] == "passed as painted and not: 0"


def test_a_pair_is_drawn_again_byte_for_byte_and_differs_between_kinds(faces, before):
    one, again = (pair_of(before, "half", faces) for _ in range(2))
    assert one == again
    assert one.before == before.data
    assert one.after not in (before.data, pair_of(before, "still", faces).after)


def test_each_split_starts_among_its_own_seeds():
    assert {split: split_of(seed) for split, seed in FIRST.items()} == {"val": "val", "test": "test"}


def left(wall, painted, drawing):
    """How much of the writing's contrast is left in its box, and how much of the rest of the wall was changed."""
    boxes = np.concatenate(drawing.boxes)
    (x, y), (right, bottom) = boxes.min(axis=0).astype(int), boxes.max(axis=0).astype(int)
    part = slice(y, bottom), slice(x, right)
    ink = wall.albedo[part].mean(axis=2) < np.quantile(wall.albedo[part].mean(axis=2), 0.08)
    contrast = [abs(one.albedo[part][ink].mean() - one.albedo[part][~ink].mean()) for one in (painted, wall)]
    changed = np.abs(painted.albedo - wall.albedo).max(axis=2) > 0.01
    changed[part] = False
    return contrast[0] / contrast[1], changed.mean()


@pytest.mark.parametrize("how", [*dict.fromkeys(PAINTED), *HALF[1:]])
def test_paint_hides_as_much_of_the_writing_as_its_name_says(before, how):
    wall = before.wall
    kept = wall.albedo.copy()
    contrast, changed = left(wall, covered(np.random.default_rng(5), wall, before.drawing, how), before.drawing)
    assert (wall.albedo == kept).all()
    if how in PAINTED:
        assert contrast < 0.12
        assert (changed > 0.3) == (how == "whole")
    else:
        assert contrast > 0.07 if how == "shining through" else contrast > 0.3


def test_weather_leaves_the_writing(before):
    contrast, _ = left(before.wall, weathered(np.random.default_rng(5), before.wall, before.drawing), before.drawing)
    assert 0.7 < contrast < 1.3

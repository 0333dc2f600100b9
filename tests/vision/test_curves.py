"""Bent lines: which blobs are, the ribbon along them, and that a straightened arc is the line before it was bent."""

import math

import cv2
import numpy as np
import pytest

from vision.detect.base import Region
from vision.detect.dbnet import DbnetOptions, rectangles, stretched
from vision.detect.merge import merge_cut_lines
from vision.detect.ribbon import ribbon_of
from vision.frames import Frame
from vision.prepare.rectify import crop_line, cut_line

LENGTH, HEIGHT = 620, 48
UNCLIP = DbnetOptions().unclip


def straight_line():
    strip = np.full((HEIGHT, LENGTH, 3), 170, np.uint8)
    cv2.putText(strip, "@qqwall_bora_2460", (14, 35), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (20, 20, 90), 4, cv2.LINE_AA)
    return cv2.GaussianBlur(strip, (0, 0), 1.2)


def bent(strip, degrees, way):
    """The strip along an arc in the middle of a wall, and where its edges are; way 1: the middle is highest."""
    radius = LENGTH / math.radians(degrees)
    centre = np.array((400.0, 300.0 + way * radius))
    ys, xs = np.mgrid[0:640, 0:800].astype(np.float64)
    dx, dy = xs - centre[0], way * (centre[1] - ys)
    along = np.arctan2(dx, dy) * radius + (LENGTH - 1) / 2
    across = way * (radius - np.hypot(dx, dy)) + (HEIGHT - 1) / 2
    places = np.stack([along, across], axis=2).astype(np.float32)
    wall = cv2.remap(strip, places, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(170,) * 3)
    turns = (np.linspace(-0.5, 0.5, 60) * math.radians(degrees))[:, None]

    def edge(down):
        far = radius - way * down
        return np.hstack([centre[0] + far * np.sin(turns), centre[1] - way * far * np.cos(turns)])

    return wall, np.stack([edge(-HEIGHT / 2), edge(HEIGHT / 2)], axis=1)


def as_ribbon(edges):
    return tuple(((a, b), (c, d)) for (a, b), (c, d) in edges.tolist())


def kernel_of(edges, share=0.4):
    """The outline of the shrunken kernel that a detector sees of a line."""
    middle, half = edges.mean(axis=1), (edges[:, 1] - edges[:, 0]) * share / 2
    return np.vstack([middle - half, (middle + half)[::-1]]).astype(np.float32)


def alike(one, two):
    return float(np.abs(one.astype(int) - two.astype(int)).mean())


BOX = ((90.0, 100.0), (710.0, 100.0), (710.0, 500.0), (90.0, 500.0))


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("degrees", [20, 60, 120, 170])
def test_a_straightened_arc_is_the_line_before_it_was_bent(degrees, way):
    strip = straight_line()
    wall, edges = bent(strip, degrees, way)
    before = wall.copy()
    crop = cut_line(wall, Frame.of_photo(800, 640), BOX, as_ribbon(edges), HEIGHT)
    assert crop.shape[0] == HEIGHT
    assert crop.shape[1] == pytest.approx(LENGTH, abs=2)
    assert alike(cv2.resize(crop, (LENGTH, HEIGHT)), strip) < 3
    assert (wall == before).all()


def test_a_large_arc_is_averaged_not_skipped():
    strip = straight_line()
    wall, edges = bent(strip, 90, 1)
    large = cv2.resize(wall, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    ribbon = stretched(as_ribbon(edges), (4.0, 4.0))
    crop = cut_line(large, Frame.of_photo(3200, 2560), BOX, ribbon, HEIGHT)
    assert alike(cv2.resize(crop, (LENGTH, HEIGHT)), strip) < 4


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("degrees", [45, 90, 150])
def test_the_ribbon_of_an_arc_runs_along_it_with_its_margin(degrees, way):
    _, edges = bent(straight_line(), degrees, way)
    ribbon = np.array(ribbon_of(kernel_of(edges), unclip=UNCLIP))
    radius = LENGTH / math.radians(degrees)
    centre = np.array((400.0, 300.0 + way * radius))
    far = np.linalg.norm(ribbon - centre, axis=2)
    thick = 0.4 * HEIGHT
    half = thick / 2 + UNCLIP * thick * LENGTH / (2 * (thick + LENGTH))
    reached = np.abs(ribbon[:, :, 0] - 400) < radius * math.sin(math.radians(degrees / 2.4))  # its ends run on straight
    top, bottom = far[:, 0][reached[:, 0]], far[:, 1][reached[:, 1]]
    assert top == pytest.approx(np.full(len(top), radius + way * half), abs=4)
    assert bottom == pytest.approx(np.full(len(bottom), radius - way * half), abs=4)
    assert ribbon[0, :, 0].mean() < ribbon[-1, :, 0].mean()
    length = float(np.linalg.norm(np.diff(ribbon.mean(axis=1), axis=0), axis=1).sum())
    assert length == pytest.approx(LENGTH + 2 * (half - thick / 2), rel=0.05)


@pytest.mark.parametrize("angle_deg", [0, 3, 17, 45, 90])
def test_a_straight_line_has_no_ribbon_whatever_its_slant(angle_deg):
    _, edges = bent(straight_line(), 0.01, 1)
    turn = cv2.getRotationMatrix2D((400, 300), angle_deg, 1)
    outline = kernel_of(edges) @ turn[:, :2].T.astype(np.float32) + turn[:, 2].astype(np.float32)
    assert ribbon_of(outline, unclip=UNCLIP) == ()


@pytest.mark.parametrize(
    "outline",
    [
        np.zeros((0, 2), np.float32),
        np.array([[5, 5]], np.float32),
        np.array([[5, 5], [90, 5]], np.float32),
        np.full((6, 2), np.nan, np.float32),
        np.array([[0, 0], [60, 0], [60, 60], [0, 60]], np.float32),
        np.array([[10, 10], [90, 60], [10, 60], [90, 10]], np.float32),
        np.array([[0, 0], [200, 0], [200, 10], [105, 10], [105, 90], [95, 90], [95, 10], [0, 10]], np.float32),
        (np.stack([np.cos(np.linspace(0, 6.2, 90)), np.sin(np.linspace(0, 6.2, 90))], 1) * 80).astype(np.float32),
    ],
    ids=["none", "point", "segment", "nan", "square", "crossed", "branch", "disc"],
)
def test_a_blob_that_is_no_curved_line_has_no_ribbon(outline):
    assert ribbon_of(outline, unclip=UNCLIP) == ()


@pytest.mark.parametrize(
    "ribbon",
    [
        (),
        (((0.0, 0.0), (0.0, 9.0)),),
        (((0.0, 0.0), (0.0, math.nan)), ((9.0, 0.0), (9.0, 9.0))),
        (((5.0, 5.0), (5.0, 5.0)), ((5.0, 5.0), (5.0, 5.0))),
        (((0.0, 0.0), (0.0, 9.0)), ((9.0, 0.0), (-9.0, 9.0))),
    ],
    ids=["none", "one place", "not finite", "flat", "folded"],
)
def test_without_a_sound_ribbon_the_crop_is_that_of_the_box(ribbon):
    wall, _ = bent(straight_line(), 60, 1)
    frame = Frame.of_photo(800, 640)
    crop = cut_line(wall, frame, BOX, ribbon, HEIGHT)
    assert crop.tobytes() == crop_line(wall, frame, BOX, height_px=HEIGHT)[0].tobytes()


def test_an_arc_is_found_though_its_box_is_mostly_bare_wall():
    _, edges = bent(straight_line(), 100, -1)
    heat = np.zeros((640, 800), np.float32)
    cv2.fillPoly(heat, [np.round(kernel_of(edges)).astype(np.int32)], 0.8)
    (arc,) = merge_cut_lines(rectangles(heat, DbnetOptions()))
    assert arc.score > 0.7
    assert len(arc.ribbon) > 10
    corners = np.array(arc.shape.box())
    assert corners[:, 0].min() < edges[:, :, 0].min() < edges[:, :, 0].max() < corners[:, 0].max()


def test_a_ribbon_goes_with_its_region_into_another_picture():
    ribbon = (((0.0, 0.0), (0.0, 10.0)), ((20.0, 5.0), (20.0, 15.0)))
    frame = Frame.of_photo(100, 50).turned(1)
    moved = Region(BOX, 0.7, ribbon).moved(frame.forward)
    assert moved.box == frame.forward_box(BOX)
    assert moved.score == 0.7
    np.testing.assert_allclose(frame.back(np.array(moved.ribbon).reshape(-1, 2)), np.array(ribbon).reshape(-1, 2))
    assert Region(BOX, 0.7).moved(frame.forward).ribbon == ()

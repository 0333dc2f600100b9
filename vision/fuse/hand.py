"""Whether two pieces of writing come from one stencil or one hand: letters compared by shape, strokes by their habits.

A stencil cuts the same letter alike every time, so its letters lie upon each other; a hand does not, but keeps its
turns and slopes. How well either tells walls apart is measured in docs/connections.md: a hint for a person, no proof.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.frames import Frame
from vision.prepare.rectify import crop_line
from vision.types import Box, Picture

HEIGHT_PX = 96
"""Letters are compared at this height of their line."""

SIDE = 20
"""A letter's shape is kept as a square of so many cells a side."""

MOST_LETTERS = 24
FEWEST_LETTERS = 3
"""Below this nothing is said of a line: one letter is like another."""

LEG_PX = 6
"""How long the two legs are whose angles at each point of an outline make up the stroke's habits."""

SECTORS = 12
SPECK = 0.03
"""Of the line's height squared: less ink than that is a speck, not a letter."""

BEST_LETTERS = 4
"""So many of the letters that are most alike decide about a stencil; two lines rarely share more."""

BANDS, BAND_BITS = 24, 10

STENCIL_FROM = 0.91
"""The likeness from which on two lines are said to share a stencil: reached by 2 of 1,000 drawn pairs of others."""

HAND_FROM = 0.9
"""The same for a hand, and far less sure: reached by 1 of 100 pairs of others, and hardly more of one hand's."""


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """What of a line's writing can be compared with another line's.

    Attributes:
        letters: (N, SIDE, SIDE) bool, the shapes of the letters or of parts of them, each in its own square.
        sizes: (N, 2) float32, height and width of each, in heights of the line.
        strokes: (SECTORS * SECTORS,) float32, how often an outline's two legs have which angles; sums to 1.
    """

    letters: NDArray[np.bool_]
    sizes: NDArray[np.float32]
    strokes: NDArray[np.float32]


def hand_of(picture: Picture, box: Box) -> Hand | None:
    """The writing in a box of a picture, or None where too few letters stand off the wall.

    Args:
        picture: (H, W, 3) uint8 BGR; not mutated.
        box: the line's corners in the picture's pixels, TL, TR, BR, BL as it is read.
    """
    height, width = picture.shape[:2]
    crop, _ = crop_line(picture, Frame.of_photo(width, height), box, height_px=HEIGHT_PX, margin=0.08)
    ink = ink_of(crop)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    kept = [number for number in range(1, count) if _is_letter(stats[number], ink.shape[1])]
    kept = sorted(kept, key=lambda number: -int(stats[number][cv2.CC_STAT_AREA]))[:MOST_LETTERS]
    if len(kept) < FEWEST_LETTERS:
        return None
    cuts = [_shape(np.asarray(labels, np.int32), stats[number], number) for number in kept]
    sizes = (np.array([cut.shape for cut in cuts]) / HEIGHT_PX).astype(np.float32)
    strokes = _strokes(np.isin(labels, kept))
    return Hand(np.stack([_squared(cut) for cut in cuts]), sizes, strokes)


def stencil_likeness(one: Hand, other: Hand) -> float:
    """0..1, how well the letters that are most alike lie upon each other, and how alike their strokes are."""
    shares = _overlaps(one, other)
    best = np.concatenate([shares.max(axis=1), shares.max(axis=0)])
    letters = float(np.sort(best)[-2 * BEST_LETTERS :].mean())
    return (letters + 2 * hand_likeness(one, other)) / 3


def hand_likeness(one: Hand, other: Hand) -> float:
    """0..1, how alike the turns and slopes of the strokes are; 0.5 for two that have nothing in common."""
    a, b = _unusual(one), _unusual(other)
    return (1 + float(a @ b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9)) / 2


def bands(hand: Hand) -> tuple[int, ...]:
    """`BANDS` numbers below 2 ** `BAND_BITS`; two hands whose strokes are alike likely have one of them in common.

    Each bit says on which side of a plane the strokes lie (Charikar 2002): at a likeness of 0.9 two hands meet in at
    least one number 92 times of 100, at 0.5 twice in 100.
    """
    sides = (_planes() @ _unusual(hand) > 0).reshape(BANDS, BAND_BITS)
    return tuple(int(number) for number in sides @ (1 << np.arange(BAND_BITS)))


def packed(hand: Hand) -> bytes:
    """The hand in at most a few kilobytes; `unpacked` gives it back, strokes to within 1 / 65,535 of the largest."""
    top = float(hand.strokes.max())
    strokes = np.round(hand.strokes / top * 65_535).astype("<u2")
    sizes = np.round(hand.sizes * 256).astype("<u2")
    head = np.array([len(hand.letters)], "<u2")
    parts = [head.tobytes(), sizes.tobytes(), strokes.tobytes(), np.packbits(hand.letters).tobytes()]
    return zlib.compress(b"".join(parts), 6)


def unpacked(data: bytes) -> Hand:
    """The hand that was packed; ValueError for bytes that are none."""
    try:
        raw = zlib.decompress(data)
    except zlib.error as error:
        raise ValueError("no packed hand") from error
    count = int(np.frombuffer(raw, "<u2", 1)[0])
    at = 2 + 4 * count
    bins = SECTORS * SECTORS
    bits = count * SIDE * SIDE
    if len(raw) != at + 2 * bins + -(-bits // 8):
        raise ValueError("no packed hand")
    sizes = (np.frombuffer(raw, "<u2", 2 * count, 2).reshape(count, 2) / 256).astype(np.float32)
    strokes = np.frombuffer(raw, "<u2", bins, at).astype(np.float32)
    letters = np.unpackbits(np.frombuffer(raw, np.uint8, -1, at + 2 * bins), count=bits).astype(np.bool_)
    return Hand(letters.reshape(count, SIDE, SIDE), sizes, strokes / max(float(strokes.sum()), 1.0))


def ink_of(crop: Picture) -> NDArray[np.bool_]:
    """Where there is paint: what differs from the wall around it, whichever of the two is darker.

    Args:
        crop: (H, W, 3) uint8 BGR, a line that fills its height.
    """
    lab = cv2.cvtColor(crop, cv2.COLOR_BGR2LAB)
    smooth = cv2.bilateralFilter(lab, 7, 30, 5)
    wide = (2 * (crop.shape[0] // 2)) | 1
    wall = cv2.medianBlur(smooth, min(255, wide))
    apart = np.linalg.norm(smooth.astype(np.float32) - wall.astype(np.float32), axis=2)
    lightness = smooth[:, :, 0].astype(np.float32) - wall[:, :, 0]
    darker = float(apart[lightness < 0].sum()) > float(apart[lightness >= 0].sum())
    apart[(lightness >= 0) if darker else (lightness < 0)] = 0
    grey = np.clip(apart * 2, 0, 255).astype(np.uint8)
    _, mask = cv2.threshold(cv2.GaussianBlur(grey, (0, 0), 1.2), 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return np.asarray(mask > 0, np.bool_)


def _is_letter(stats: NDArray[np.int32], width: int) -> bool:
    tall, wide = int(stats[cv2.CC_STAT_HEIGHT]), int(stats[cv2.CC_STAT_WIDTH])
    return bool(
        stats[cv2.CC_STAT_AREA] > SPECK * HEIGHT_PX**2
        and tall > 0.2 * HEIGHT_PX
        and wide < min(1.6 * HEIGHT_PX, 0.6 * width)
    )


def _shape(labels: NDArray[np.int32], stats: NDArray[np.int32], number: int) -> NDArray[np.bool_]:
    left, top, wide, tall = (int(stats[at]) for at in range(4))
    return np.asarray(labels[top : top + tall, left : left + wide] == number, np.bool_)


def _squared(cut: NDArray[np.bool_]) -> NDArray[np.bool_]:
    small = cv2.resize(cut.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small > 0.5, np.bool_)


def _strokes(ink: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The hinges of all outlines (Bulacu and Schomaker 2007): angles of the legs before and after each point."""
    outlines, _ = cv2.findContours(ink.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    counts = np.zeros((SECTORS, SECTORS), np.float32)
    for outline in outlines:
        points = outline[:, 0, :].astype(np.float32)
        if len(points) < 4 * LEG_PX:
            continue
        after, before = np.roll(points, -LEG_PX, axis=0) - points, np.roll(points, LEG_PX, axis=0) - points
        sectors = [_sector(leg) for leg in (after, before)]
        np.add.at(counts, (sectors[0], sectors[1]), 1)
    soft = cv2.GaussianBlur(np.tile(counts, (3, 3)), (0, 0), 0.7)[SECTORS : 2 * SECTORS, SECTORS : 2 * SECTORS]
    return np.asarray(soft.ravel() / max(float(soft.sum()), 1e-6), np.float32)


def _sector(leg: NDArray[np.float32]) -> NDArray[np.int64]:
    turn = np.arctan2(leg[:, 1], leg[:, 0]) / (2 * np.pi) + 0.5
    return np.minimum((turn * SECTORS).astype(np.int64), SECTORS - 1)


def _overlaps(one: Hand, other: Hand) -> NDArray[np.float64]:
    """(N, M) shared part of the ink of each two letters, 0 for two of different sizes."""
    a = one.letters.reshape(len(one.letters), -1).astype(np.float64)
    b = other.letters.reshape(len(other.letters), -1).astype(np.float64)
    shared = a @ b.T
    both = a.sum(axis=1)[:, None] + b.sum(axis=1)[None, :] - shared
    ratio = one.sizes[:, None, :] / other.sizes[None, :, :]
    near = (np.abs(np.log(np.maximum(ratio, 1e-3))) < 0.25).all(axis=2)
    return np.asarray(shared / np.maximum(both, 1) * near, np.float64)


@lru_cache(maxsize=1)
def _usual() -> NDArray[np.float32]:
    """(2, SECTORS * SECTORS): mean and spread of the roots of strokes over drawn lines (`vision.lab.hands --usual`)."""
    text = resources.files("vision.fuse").joinpath("strokes.csv").read_text("utf-8")
    return np.array([[float(part) for part in line.split(",")] for line in text.splitlines()], np.float32)


def _unusual(hand: Hand) -> NDArray[np.float32]:
    """How the strokes differ from everybody's, each in its own spread."""
    mean, spread = _usual()
    return np.asarray((np.sqrt(hand.strokes) - mean) / spread, np.float32)


@lru_cache(maxsize=1)
def _planes() -> NDArray[np.float32]:
    """(BANDS * BAND_BITS, SECTORS * SECTORS) of 1 and -1, for good: kept numbers must mean the same next year."""
    rows = []
    for number in range(BANDS * BAND_BITS):
        digest = hashlib.shake_256(f"hand {number}".encode()).digest(SECTORS * SECTORS // 8)
        rows.append(np.unpackbits(np.frombuffer(digest, np.uint8)))
    return np.stack(rows).astype(np.float32) * 2 - 1

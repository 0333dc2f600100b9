"""From a painted piece of wall to the crop of a line: light, the telephone, the file, and the detector's cut."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from vision.lab.lines.grounds import Rgb
from vision.lab.synth.fields import blurred, fractal, grain, smoothstep
from vision.types import Picture

HEIGHT_PX = 48
WIDEST_PX = 960
"""Wider crops are squeezed to this; more than a few only slow the training down."""


def lit(rng: Generator, scene: Rgb) -> Rgb:
    """The scene under uneven light, with a shadow's edge now and then."""
    shape = (scene.shape[0], scene.shape[1])
    level = np.exp(rng.uniform(0.05, 0.35) * fractal(rng, shape, shape[1] / 1.5, 2))
    if rng.random() < 0.12:
        ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
        angle = rng.uniform(0, 2 * np.pi)
        off = np.cos(angle) * (xs / shape[1] - rng.uniform(0.2, 0.8)) + np.sin(angle) * (ys / shape[0] - 0.5)
        level = level * (1 - rng.uniform(0.2, 0.65) * smoothstep(0, rng.uniform(0.01, 0.1), off.astype(np.float32)))
    tint = 1 + rng.normal(0, 0.06, 3)
    return np.asarray(np.clip(scene * level[..., None] * tint, 0, 1.2), np.float32)


def cut(rng: Generator, scene: Rgb, text_box: tuple[float, float, float, float], native_px: int) -> Rgb:
    """The line's rectangle as a detector finds it, `native_px` tall: loose or tight, a little tilted and skewed.

    Args:
        rng: where the accidents come from.
        scene: the painted piece.
        text_box: left, top, right, bottom of the letters.
        native_px: the height of the result, which is what the photo had.
    """
    left, top, right, bottom = text_box
    tall = bottom - top
    around = rng.uniform(0.04, 0.32) + rng.normal(0, 0.04, 2)
    beside = rng.uniform(0.02, 0.35) + rng.normal(0, 0.06, 2)
    if rng.random() < 0.12:
        around, beside = around - 0.08, beside - 0.1
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)
    corners += (
        np.array([(-1, 0), (1, 0), (1, 0), (-1, 0)]) * tall * np.array([beside[0], beside[1]])[[0, 1, 1, 0], None]
    )
    corners += (
        np.array([(0, -1), (0, -1), (0, 1), (0, 1)]) * tall * np.array([around[0], around[1]])[[0, 0, 1, 1], None]
    )
    angle = np.clip(rng.normal(0, 0.02), -0.05, 0.05)
    reach = min(1.0, 5 * tall / max(right - left, 1.0))
    middle = corners.mean(0)
    turn = np.array([[np.cos(angle * reach), -np.sin(angle * reach)], [np.sin(angle * reach), np.cos(angle * reach)]])
    corners = (corners - middle) @ turn.T + middle + rng.normal(0, 0.02 * tall, (4, 2))
    across = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    down = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    width = max(8, round(native_px * across / max(down, 1.0)))
    target = np.array([(0, 0), (width, 0), (width, native_px), (0, native_px)], np.float32)
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    flags = cv2.INTER_AREA if native_px < down else cv2.INTER_LINEAR
    if native_px < 0.6 * down:  # averaged first: a warp alone would skip pixels
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), 0.35 * down / native_px), np.float32)
    return np.asarray(
        cv2.warpPerspective(scene, matrix, (width, native_px), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def photographed(rng: Generator, seen: Rgb) -> Picture:
    """What a telephone makes of it: blur, exposure, noise, sharpening, JPEG; (H, W, 3) uint8 BGR."""
    sharpness = seen.shape[0] / HEIGHT_PX
    seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.25 + sharpness * rng.exponential(0.32)), np.float32)
    if rng.random() < 0.1:
        seen = _shaken(rng, seen, sharpness)
    shape = (seen.shape[0], seen.shape[1])
    seen = np.clip(seen, 0, 1) ** np.float32(np.exp(rng.normal(0, 0.25))) * np.float32(np.exp(rng.normal(-0.05, 0.22)))
    noise = rng.exponential(0.012)
    if noise > 0.006:
        colour = cv2.resize(
            rng.standard_normal((max(2, shape[0] // 2), max(2, shape[1] // 2), 3), np.float32), shape[::-1]
        )
        seen = np.asarray(seen + noise * (grain(rng, shape, 0.5)[..., None] + 0.6 * colour), np.float32)
    if rng.random() < 0.5:
        seen = seen + rng.uniform(0.2, 0.9) * (seen - cv2.GaussianBlur(seen, (0, 0), 1.2))
    if rng.random() < 0.3:
        seen = seen.mean(2, keepdims=True) + rng.uniform(0, 0.8) * (seen - seen.mean(2, keepdims=True))
    picture = np.asarray(np.clip(seen, 0, 1) * 255 + 0.5, np.uint8)[..., ::-1]
    if rng.random() < 0.75:
        picture = recompressed(picture, int(rng.integers(35, 92)))
    return np.ascontiguousarray(picture)


def _shaken(rng: Generator, seen: Rgb, sharpness: float) -> Rgb:
    length = max(3, round(sharpness * rng.uniform(2, 6))) | 1
    kernel = np.zeros((length, length), np.float32)
    angle, middle = rng.uniform(0, np.pi), length // 2
    reach = (round(np.cos(angle) * middle), round(np.sin(angle) * middle))
    cv2.line(kernel, (middle - reach[0], middle - reach[1]), (middle + reach[0], middle + reach[1]), 1)
    return np.asarray(cv2.filter2D(seen, -1, kernel / kernel.sum()), np.float32)


def recompressed(picture: Picture, quality: int) -> Picture:
    """The picture after it was saved as a JPEG file."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def as_crop(picture: Picture) -> Picture:
    """The picture at the height that recognisers read, as `crop_line` brings it there."""
    height, width = picture.shape[:2]
    wanted = min(WIDEST_PX, max(8, round(width * HEIGHT_PX / height)))
    shape = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (wanted, HEIGHT_PX), interpolation=shape), np.uint8)


def altered(rng: Generator, picture: Picture) -> Picture:
    """A real crop once more, a little different: light, colour, sharpness, cut and file."""
    seen = np.asarray(picture, np.float32)[..., ::-1] / np.float32(255)
    if rng.random() < 0.15:
        seen = 1 - seen
    height, width = picture.shape[:2]
    inset = height * rng.normal(0, 0.03, 4)
    native = int(np.clip(height * np.exp(rng.normal(-0.2, 0.35)), 16, 80))
    seen = cut_plainly(seen, (inset[0], inset[1], width + inset[2], height + inset[3]), native)
    seen = seen * np.asarray(1 + rng.normal(0, 0.08, 3), np.float32)
    if rng.random() < 0.3:
        seen = seen + rng.uniform(0.1, 0.6) * (seen - blurred_rgb(seen, 1.5))
    return as_crop(photographed(rng, np.asarray(seen, np.float32)))


def cut_plainly(scene: Rgb, box: tuple[float, float, float, float], native_px: int) -> Rgb:
    """The upright rectangle `native_px` tall."""
    left, top, right, bottom = box
    scale = native_px / max(bottom - top, 1.0)
    width = max(8, round((right - left) * scale))
    matrix = np.array([[scale, 0, -left * scale], [0, scale, -top * scale]], np.float64)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.warpAffine(scene, matrix, (width, native_px), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.float32
    )


def blurred_rgb(scene: Rgb, sigma_px: float) -> Rgb:
    """The scene softened, channel by channel."""
    return np.stack([blurred(np.ascontiguousarray(scene[..., channel]), sigma_px) for channel in range(3)], 2)

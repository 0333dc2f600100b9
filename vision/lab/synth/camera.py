"""Light on the wall and the telephone in front of it: shadows, dusk, flash, glare, perspective, blur, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from vision.lab.synth.fields import Field, Shape, blurred, chosen, clipped, fractal, grain, smoothstep
from vision.lab.synth.walls import Wall
from vision.types import Points

LIGHTS = ("overcast", "sun", "dusk", "flash", "lamp")
HARSHNESS = {"easy": 0.35, "medium": 0.8, "hard": 1.25}


@dataclass(frozen=True)
class Shot:
    """A photo and the way there.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        homography: 3 by 3, wall pixels to picture pixels.
    """

    picture: NDArray[np.uint8]
    homography: NDArray[np.float64]


def relief_shade(rng: Generator, relief: Field, light: str) -> Field:
    """How bright the surface's own bumps are; 1 is flat."""
    down, across = np.gradient(relief)
    angle = rng.uniform(0.15, 0.85) * np.pi
    strength = {"sun": 0.3, "flash": 0.1, "lamp": 0.28}.get(light, 0.17)
    lit = 1 + strength * (np.cos(angle) * across + np.sin(angle) * down)
    return clipped(lit, 0.35, 1.7)


def illumination(rng: Generator, shape: Shape, light: str) -> NDArray[np.float32]:
    """Light that falls on every pixel, (H, W, 3), about 1 where a camera would expose for."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    x, y = xs / shape[1] - 0.5, ys / shape[0] - 0.5
    slope = rng.uniform(-0.25, 0.25) * x + rng.uniform(-0.25, 0.1) * y
    level = np.exp(slope + 0.06 * fractal(rng, shape, shape[1] / 2, 2))
    tint = {"overcast": (0.97, 1.0, 1.04), "sun": (1.06, 1.0, 0.9), "dusk": (0.78, 0.92, 1.22)}.get(light, (1, 1, 1))
    colour = np.asarray(tint, np.float32) * np.ones((*shape, 1), np.float32)
    if light == "sun":
        level = level * (1.12 - 0.72 * cast_shadow(rng, shape))
    elif light == "flash":
        cx, cy = rng.uniform(-0.15, 0.15, 2)
        level = 0.16 + 1.25 * np.exp(-(((x - cx) / 0.42) ** 2) - ((y - cy) / 0.36) ** 2)
    elif light == "lamp":
        cx, cy = rng.uniform(-0.5, 0.5), rng.uniform(-0.9, -0.4)
        level = 0.22 + 1.0 / (1 + 3.5 * ((x - cx) ** 2 + (y - cy) ** 2))
        colour = colour * np.asarray((1.28, 0.95, 0.55), np.float32)
    elif light == "dusk":
        level = level * 0.8
    return np.asarray(colour * level[..., None], np.float32)


def cast_shadow(rng: Generator, shape: Shape) -> Field:
    """0..1, the shadow of branches or of the edge of a roof; it may miss the wall."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    if rng.random() < 0.5:
        leaves = fractal(rng, shape, (shape[1] / 7, shape[1] / 9), 5) + fractal(rng, shape, shape[1] / 1.5, 1)
        return blurred(smoothstep(0.05, 0.4, leaves.astype(np.float32)), shape[1] / 250)
    angle = rng.uniform(0, 2 * np.pi)
    off = np.cos(angle) * (xs / shape[1] - 0.5) + np.sin(angle) * (ys / shape[0] - 0.5) - rng.uniform(-0.1, 0.3)
    return smoothstep(0, rng.uniform(0.006, 0.03), off.astype(np.float32))


def glare(rng: Generator, shape: Shape) -> Field:
    """A soft bright spot where a smooth wall mirrors the light."""
    ys, xs = np.mgrid[0 : shape[0], 0 : shape[1]].astype(np.float32)
    cx, cy = rng.uniform(0.1, 0.9) * shape[1], rng.uniform(0.1, 0.9) * shape[0]
    reach = rng.uniform(0.08, 0.25) * shape[1]
    return np.asarray(
        np.exp(-(((xs - cx) / reach) ** 2) - ((ys - cy) / (reach * rng.uniform(0.7, 2))) ** 2), np.float32
    )


def lit(rng: Generator, wall: Wall, light: str) -> NDArray[np.float32]:
    """The wall under its light, in linear light."""
    shape = (wall.relief.shape[0], wall.relief.shape[1])
    linear = np.clip(wall.albedo, 0, 1) ** 2.2
    scene = linear * relief_shade(rng, wall.relief, light)[..., None] * illumination(rng, shape, light)
    if wall.name in ("tiles", "ribs") and light in ("sun", "flash", "lamp") and rng.random() < 0.7:
        scene = scene + (rng.uniform(0.06, 0.25) * glare(rng, shape))[..., None]
    return scene.astype(np.float32)


def view(rng: Generator, wall_shape: Shape, picture_shape: Shape, harsh: float) -> NDArray[np.float64]:
    """Where the camera stands: a homography under which the middle three quarters of the wall stay in sight."""
    height, width = wall_shape
    spread = min(1.0, 0.35 + 0.5 * harsh)
    inset = rng.uniform(0, 0.125 * spread, (4, 2)) + 0.004
    edge = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float64)
    corners = (edge + inset * np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)])) * (width, height)
    target = edge * (picture_shape[1], picture_shape[0])
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32)), np.float64)


def carried(points: Points, homography: NDArray[np.float64]) -> Points:
    """Points of the wall in the picture."""
    flat = np.asarray(points, np.float64).reshape(-1, 1, 2)
    return np.asarray(cv2.perspectiveTransform(flat, homography), np.float64).reshape(-1, 2)


def photographed(
    rng: Generator,
    scene: NDArray[np.float32],
    picture_shape: Shape,
    light: str,
    difficulty: str,
    *,
    stand: NDArray[np.float64] | None = None,
) -> Shot:
    """A telephone's photo of the lit wall.

    Args:
        rng: where chance comes from.
        scene: (H, W, 3) linear light.
        picture_shape: of the photo.
        light: one of LIGHTS.
        difficulty: one of HARSHNESS.
        stand: the homography of a chosen place to stand; None for any.
    """
    harsh = HARSHNESS[difficulty]
    homography = view(rng, (scene.shape[0], scene.shape[1]), picture_shape, harsh) if stand is None else stand
    size = (picture_shape[1], picture_shape[0])
    seen = np.asarray(cv2.warpPerspective(scene, homography, size, flags=cv2.INTER_LINEAR), np.float32)
    seen = _blur(rng, seen, harsh)
    seen = seen * _vignette(picture_shape, rng.uniform(0.1, 0.35))[..., None]
    balance = np.exp(rng.normal(0, 0.045, 3)).astype(np.float32)
    middle = float(np.quantile(seen.mean(2), 0.6))
    target = {"dusk": 0.11, "flash": 0.24, "lamp": 0.2}.get(light, 0.32) * np.exp(rng.normal(0, 0.22))
    seen = seen * balance * np.float32(target / max(middle, 1e-3))
    grey = seen.mean(2, keepdims=True)
    sensor = _noise(rng, (grey + rng.uniform(0.6, 0.9) * (seen - grey)).astype(np.float32), light, harsh)
    return Shot(_developed(rng, sensor), homography)


def _blur(rng: Generator, seen: NDArray[np.float32], harsh: float) -> NDArray[np.float32]:
    unit = seen.shape[1] / 1600
    soft = np.asarray(cv2.GaussianBlur(seen, (0, 0), max(0.35, unit * rng.uniform(0.4, 0.7 + 1.1 * harsh))), np.float32)
    if rng.random() > 0.3 * harsh:
        return soft
    length = max(3, round(unit * rng.uniform(3, 5 + 7 * harsh)))
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = (np.array([np.cos(angle), np.sin(angle)]) * length / 2).round().astype(int)
    cv2.line(
        kernel, (length - int(reach[0]), length - int(reach[1])), (length + int(reach[0]), length + int(reach[1])), 1
    )
    return np.asarray(cv2.filter2D(soft, -1, kernel / kernel.sum()), np.float32)


def _vignette(shape: Shape, strength: float) -> Field:
    ys, xs = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.asarray(1 - strength * np.clip((xs**2 + ys**2) / 2, 0, 1) ** 1.4, np.float32)


def _noise(rng: Generator, seen: NDArray[np.float32], light: str, harsh: float) -> NDArray[np.float32]:
    """Shot noise that grows with light, blotchy in colour as telephones leave it."""
    shape = (seen.shape[0], seen.shape[1])
    gain = {"dusk": 0.03, "lamp": 0.025, "flash": 0.016}.get(light, 0.008) * rng.uniform(0.5, 0.6 + harsh)
    bright = grain(rng, shape, 0.5)[..., None]
    colour = np.stack([grain(rng, shape, 1.4) for _ in range(3)], 2)
    scale = gain * np.sqrt(np.clip(seen, 0.004, 1.5))
    return (seen + scale * (0.85 * bright + 0.55 * colour)).astype(np.float32)


def _developed(rng: Generator, sensor: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Tone curve with a soft shoulder, then the contrast and sharpening that telephones add."""
    shoulder = 1 - np.exp(-np.clip(sensor, 0, None) * 1.25)
    screen = np.clip(shoulder / (1 - np.exp(-1.25 * 1.35)), 0, 1) ** (1 / 2.2)
    screen = screen + rng.uniform(0.2, 0.9) * screen * (1 - screen) * (screen - 0.42)
    soft = cv2.GaussianBlur(screen, (0, 0), chosen(rng, (1.0, 1.4, 2.0)))
    sharp = screen + rng.uniform(0.1, 0.55) * (screen - soft)
    return np.asarray(clipped(sharp) * 255 + 0.5, np.uint8)

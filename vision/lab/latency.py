"""Prints how fast the runtimes and the whole reader are, as ratios: `python -m vision.lab.latency [PHOTO…]`.

Without photos it draws plain ones. Absolute times are this machine's and noisy; the ratios carry over.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.engines import DETECTION_WEIGHTS, RECOGNITION_WEIGHTS, ReaderOptions
from vision.pipeline import build_reader
from vision.runtime import RUNTIMES, open_network
from vision.weights import WeightsFolder

SHAPES = {
    DETECTION_WEIGHTS: ((1, 3, 512, 640), (1, 3, 768, 960)),
    RECOGNITION_WEIGHTS: ((1, 3, 48, 320), (6, 3, 48, 320)),
}
ROUNDS = 9


def median_ms(action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Median milliseconds of an action, after one call to warm up."""
    action()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken)


def compare_runtimes() -> None:
    """Print each network's time on each runtime, and how many times faster the first is."""
    folder = WeightsFolder()
    print(f"{'network':28}{'input':20}" + "".join(f"{name:>14}" for name in RUNTIMES) + f"{'ratio':>8}")
    for name, shapes in SHAPES.items():
        networks = [open_network(folder.open(name), runtime=runtime) for runtime in RUNTIMES]
        for shape in shapes:
            batch = np.random.default_rng(0).uniform(-1, 1, shape).astype(np.float32)
            first, second = (median_ms(partial(network.run, batch)) for network in networks)
            size = "x".join(map(str, shape))
            print(f"{name:28}{size:20}{first:11.1f} ms{second:11.1f} ms{second / first:8.2f}")


def compare_readers(photos: Sequence[bytes]) -> None:
    """Print the median time of a reading on each runtime and of RapidOCR's default call, on the same photos."""
    from rapidocr import RapidOCR  # noqa: PLC0415 - only here; the reader never imports it

    rapid: Any = RapidOCR(params={"Global.log_level": "error"})
    times = {"rapidocr": _median_over(photos, rapid)}
    for runtime in RUNTIMES:
        times[runtime] = _median_over(photos, build_reader(ReaderOptions(runtime=runtime)).read)
    for name, taken in times.items():
        print(f"{name:28}{taken:11.1f} ms{taken / times['rapidocr']:8.2f} x rapidocr")


def compare_sizes() -> None:
    """Print how much longer a 12-megapixel photo takes than a 2-megapixel one of the same wall."""
    reader = build_reader()
    large, small = drawn(4000, 3000), drawn(1632, 1224)
    ratio = median_ms(partial(reader.read, large)) / median_ms(partial(reader.read, small))
    print(f"12 megapixels take {ratio:.2f} times as long as 2 megapixels")


def drawn(width: int, height: int, text: str = "@qworplx82") -> bytes:
    """A JPEG of a grey wall with one line on it."""
    wall = np.random.default_rng(3).normal(170, 6, (height, width, 3)).clip(0, 255).astype(np.uint8)
    scale = width / 500
    place = (width // 10, height // 2)
    cv2.putText(wall, text, place, cv2.FONT_HERSHEY_SIMPLEX, scale, (30, 30, 40), max(1, round(scale * 3)), cv2.LINE_AA)
    return cv2.imencode(".jpg", wall)[1].tobytes()


def _median_over(photos: Sequence[bytes], read: Callable[[bytes], object]) -> float:
    return statistics.median(median_ms(partial(read, photo), rounds=3) for photo in photos)


def main() -> None:
    """Print all three comparisons."""
    photos = [Path(name).read_bytes() for name in sys.argv[1:]] or [drawn(1600, 1200), drawn(1200, 1600)]
    compare_runtimes()
    compare_readers(photos)
    compare_sizes()


if __name__ == "__main__":
    main()

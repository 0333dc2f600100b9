"""`python -m vision.lab.quantize`: the stock detector in int8, which the program opens.

Weights and activations become int8 with a scale a channel (post-training quantization by NNCF); the ranges are taken
from photos that are drawn for training. Needs the extra `train`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.detect.dbnet import network_input
from vision.engines import ReaderOptions
from vision.frames import Frame
from vision.prepare.scale import shrink
from vision.runtime import Floats
from vision.weights import WeightsFolder

STOCK = "PP-OCRv6_det_small.onnx"
OPSET = 17
"""The stock file is in opset 11, which knows one scale for a whole tensor only."""

PHOTOS = 40


def inputs(folder: Path, count: int) -> Iterator[Floats]:
    """The network's input for each of the first photos of a folder, at the size that lines are looked for in."""
    for path in sorted(folder.glob("*.jpg"))[:count]:
        picture = np.asarray(cv2.imread(str(path)), np.uint8)
        frame = Frame.of_photo(picture.shape[1], picture.shape[0])
        yield network_input(shrink(picture, frame, ReaderOptions().working_side_px)[0])


def quantized(data: bytes, batches: list[Floats]) -> bytes:
    """An ONNX file in int8.

    Args:
        data: the file in float32, of one input.
        batches: what its ranges are measured on; at least one.
    """
    import nncf  # noqa: PLC0415 - heavy, and here alone
    import onnx  # noqa: PLC0415
    from onnx import version_converter  # noqa: PLC0415

    model: Any = version_converter.convert_version(onnx.load_from_string(data), OPSET)
    name = model.graph.input[0].name
    calibration = nncf.Dataset([{name: batch} for batch in batches])
    preset = nncf.QuantizationPreset.MIXED
    return bytes(nncf.quantize(model, calibration, preset=preset, subset_size=len(batches)).SerializeToString())


def main() -> int:
    """Writes the file; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.quantize", description="Quantize the stock detector.")
    parser.add_argument("--photos", type=Path, required=True, help="drawn with vision.lab.synth --split train")
    parser.add_argument("--count", type=int, default=PHOTOS)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    batches = list(inputs(options.photos, options.count))
    if not batches:
        print(f"{options.photos} holds no .jpg", file=sys.stderr)
        return 2
    data = quantized(WeightsFolder().open(STOCK).data, batches)
    options.out.write_bytes(data)
    print(f"{len(batches)} photos, {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m vision.lab.export`: puts trained weights back into the stock ONNX file.

What comes out is the file that the program opens.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from vision.lab.lines.alphabet import CHARACTERS
from vision.lab.start import Start, averaged, stock_start
from vision.lab.train import Settings, Trainer

LEAST_HALVED = 64
"""Smaller tensors are kept in float32: they weigh nothing and some are numbers of the arithmetic."""


def exported(start: Start, weights: Mapping[str, NDArray[np.float32]], *, half: bool = True) -> bytes:
    """An ONNX file with these weights and our alphabet.

    Args:
        start: the stock file that lends its graph.
        weights: by the names of that file.
        half: store weights as float16; the network still computes in float32, because each is cast when it is loaded.
    """
    model = copy.deepcopy(start.model)
    graph = model.graph
    casts = []
    for stored in graph.initializer:
        if stored.name not in weights:
            continue
        value = weights[stored.name]
        if half and value.size > LEAST_HALVED:
            small = numpy_helper.from_array(value.astype(np.float16), f"{stored.name}.half")
            casts.append(helper.make_node("Cast", [small.name], [stored.name], to=TensorProto.FLOAT))
            stored.CopyFrom(small)
        else:
            shape = tuple(stored.dims) if stored.name not in start.blueprint.head else value.shape
            stored.CopyFrom(numpy_helper.from_array(value.reshape(shape), stored.name))
    nodes = list(graph.node)
    del graph.node[:]
    graph.node.extend([*casts, *nodes])
    _say_alphabet(model)
    return bytes(model.SerializeToString())


def _say_alphabet(model: Any) -> None:
    """The alphabet in the metadata, a character a line, and the output's width."""
    for entry in model.metadata_props:
        if entry.key == "character":
            entry.value = "\n".join(CHARACTERS)
    output = model.graph.output[0].type.tensor_type.shape.dim[2]
    output.dim_value = len(CHARACTERS) + 2
    del model.graph.value_info[:]
    onnx.checker.check_model(model)


def main() -> int:
    """Writes the file and prints its sha256; 0 when done."""
    parser = argparse.ArgumentParser(prog="vision.lab.export", description="Write a trained recogniser as ONNX.")
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the .onnx file to write")
    parser.add_argument("--share", type=float, default=1.0, help="of the trained weights; the rest is the start's")
    parser.add_argument("--float32", action="store_true", help="store weights in full")
    options = parser.parse_args()
    start = stock_start()
    trainer = Trainer(start, Settings())
    trainer.load(options.checkpoint)
    weights = averaged(start.weights, trainer.averages(), options.share)
    data = exported(start, weights, half=not options.float32)
    options.out.write_bytes(data)
    print(f"{trainer.seen} crops, {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

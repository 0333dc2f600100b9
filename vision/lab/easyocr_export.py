"""`python -m vision.lab.easyocr_export`: the trained recogniser as a custom network of EasyOCR.

Writes `wallwatch.pth` (tensors only, under the names of `wallwatch.py`'s Model) and `wallwatch.yaml` beside the class
itself, and prints their sha256 for the manifest. The same ONNX file gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from vision.easyocr_parts import class_in
from vision.engines import EASYOCR_CODE, EASYOCR_TEXT, EASYOCR_WEIGHTS, TRAINED_WEIGHTS
from vision.lab.export import LEAST_HALVED
from vision.lab.network import Blueprint, read_model
from vision.weights import DEFAULT_FOLDER, WeightsFolder

PREFIX = "module."
"""In front of every name: EasyOCR expects the mark of a network trained on several GPUs, and cuts it off."""

LANGUAGES = ("en", "ru", "uk", "be", "bg", "rs_cyrillic", "mn")
"""EasyOCR's codes whose every letter the network has. It has no code for Kazakh; those letters are read with any."""

HEIGHT_PX = 48


def whole(data: bytes) -> bytes:
    """An ONNX file whose weights are float32 under their own names, of one that keeps them as float16 with casts."""
    model = onnx.load_from_string(data)
    graph = model.graph
    stored = {one.name: one for one in graph.initializer}
    casts = {node.input[0]: node.output[0] for node in graph.node if node.op_type == "Cast" and node.input[0] in stored}
    for half, name in casts.items():
        stored[half].CopyFrom(numpy_helper.from_array(numpy_helper.to_array(stored[half]).astype(np.float32), name))
    kept = [node for node in graph.node if node.op_type != "Cast" or node.input[0] not in casts]
    del graph.node[:]
    graph.node.extend(kept)
    return bytes(model.SerializeToString())


def alphabet_of(model: Any) -> str:
    """The characters of the network's columns 1, 2, …; the space is the last and not in the file's list."""
    return "".join(next(one.value for one in model.metadata_props if one.key == "character").splitlines()) + " "


def state_of(
    network: nn.Module, blueprint: Blueprint, weights: Mapping[str, NDArray[np.float32]]
) -> dict[str, torch.Tensor]:
    """The network's state dict with these weights, large tensors as float16, every name with `PREFIX`.

    Both list their layers in the order of the forward pass, so the nth convolution of one is the nth of the other.

    Raises:
        ValueError: the network has another number of layers, or a layer another shape.
    """
    state = network.state_dict()
    for name, value in _renamed(network, blueprint, weights):
        if state[name].shape != value.shape:
            raise ValueError(f"{name} is {tuple(state[name].shape)} in the class and {value.shape} in the file.")
        tensor = torch.from_numpy(np.ascontiguousarray(value))
        state[name] = tensor.half() if tensor.numel() > LEAST_HALVED else tensor
    return {PREFIX + name: tensor for name, tensor in state.items()}


def _renamed(
    network: nn.Module, blueprint: Blueprint, weights: Mapping[str, NDArray[np.float32]]
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    for (name, _), (weight, bias) in zip(_layers(network, nn.Conv2d), blueprint.convolutions, strict=True):
        yield f"{name}.weight", weights[weight]
        if bias:
            yield f"{name}.bias", weights[bias].reshape(-1)
    parts = ("weight", "bias", "running_mean", "running_var")
    for (name, _), norm in zip(_layers(network, nn.BatchNorm2d), blueprint.batch_norms, strict=True):
        yield from ((f"{name}.{part}", weights[one]) for part, one in zip(parts, norm, strict=True))
    for (name, _), layer_norm in zip(_layers(network, nn.LayerNorm), blueprint.layer_norms, strict=True):
        yield from ((f"{name}.{part}", weights[one].reshape(-1)) for part, one in zip(parts, layer_norm, strict=False))
    for (name, _), (weight, bias) in zip(_layers(network, nn.Linear), blueprint.linears, strict=True):
        yield f"{name}.weight", weights[weight].T
        yield f"{name}.bias", weights[bias]


def _layers(network: nn.Module, kind: type[nn.Module]) -> list[tuple[str, nn.Module]]:
    return [(name, module) for name, module in network.named_modules() if isinstance(module, kind)]


def exported(data: bytes, model_class: Any) -> tuple[bytes, str]:
    """The bytes of `wallwatch.pth` and the text of `wallwatch.yaml` for an ONNX file."""
    model, blueprint, weights = read_model(whole(data))
    alphabet = alphabet_of(model)
    file = io.BytesIO()
    torch.save(state_of(model_class(num_class=len(alphabet) + 1), blueprint, weights), file)
    return file.getvalue(), description(alphabet)


def description(alphabet: str) -> str:
    """The text of the .yaml file; JSON's strings and lists are YAML's too."""
    return (
        "# For EasyOCR; written by vision.lab.easyocr_export.\n"
        f"network_params: {{}}\nimgH: {HEIGHT_PX}\nlang_list: {json.dumps(LANGUAGES)}\n"
        f"character_list: {json.dumps(alphabet, ensure_ascii=False)}\n"
    )


def main() -> int:
    """Writes the three files and prints their sha256; 0 when done."""
    parser = argparse.ArgumentParser(
        prog="vision.lab.easyocr_export", description="Write the trained recogniser as a custom network of EasyOCR."
    )
    parser.add_argument("--onnx", type=Path, default=DEFAULT_FOLDER / TRAINED_WEIGHTS)
    parser.add_argument("--out", type=Path, default=DEFAULT_FOLDER / "easyocr", help="the folder to write to")
    options = parser.parse_args()
    code = WeightsFolder().open(EASYOCR_CODE)
    tensors, text = exported(options.onnx.read_bytes(), class_in(code))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, data in ((EASYOCR_CODE, code.data), (EASYOCR_TEXT, text.encode()), (EASYOCR_WEIGHTS, tensors)):
        (options.out / name).write_bytes(data)
        print(f'name = "{name}"\nsha256 = "{hashlib.sha256(data).hexdigest()}"  # {len(data)} bytes')
    return 0


if __name__ == "__main__":
    sys.exit(main())

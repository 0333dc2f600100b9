"""PP-OCRv6's recogniser in PyTorch: the same layers under the names that its ONNX file gives to its weights.

The forward pass is written out by hand and not converted: fused normalisation and attention train faster than the
file's elementary steps, and what was trained goes back into the same file under the same names.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch.nn import functional

Tensors = Mapping[str, torch.Tensor]

HEADS = 8
"""Of attention: 120 channels in 8 heads of 15."""

SQUEEZED = (0, 4, 6, 8, 11)
"""Blocks that weigh their channels by the mean over the crop (squeeze and excitation)."""

STRIDED = (3, 10)
"""Blocks that halve the height and change the width of the network: nothing is carried around them."""

BLOCKS = 13


@dataclass(frozen=True)
class Blueprint:
    """The names of the weights, layer by layer in the order of the file.

    Attributes:
        convolutions: weight and bias (None before a batch normalisation).
        batch_norms: scale, shift, mean, variance.
        layer_norms: scale, shift.
        linears: weight (in, out) and bias; the last is the head.
    """

    convolutions: tuple[tuple[str, str | None], ...]
    batch_norms: tuple[tuple[str, str, str, str], ...]
    layer_norms: tuple[tuple[str, str], ...]
    linears: tuple[tuple[str, str], ...]

    @property
    def head(self) -> tuple[str, str]:
        """Weight and bias of the layer whose columns are the characters."""
        return self.linears[-1]


def read_model(data: bytes) -> tuple[Any, Blueprint, dict[str, NDArray[np.float32]]]:
    """The ONNX model, its blueprint, and its weights by name."""
    model = onnx.load_from_string(data)
    stored = {one.name: numpy_helper.to_array(one) for one in model.graph.initializer}
    blueprint = _blueprint(model.graph, stored)
    names = {name for layer in (*blueprint.convolutions, *blueprint.batch_norms) for name in layer if name}
    names |= {name for layer in (*blueprint.layer_norms, *blueprint.linears) for name in layer}
    return model, blueprint, {name: np.array(stored[name], np.float32) for name in sorted(names)}


def _blueprint(graph: Any, stored: Mapping[str, NDArray[Any]]) -> Blueprint:
    users = {name: node for node in graph.node for name in node.input}
    convolutions: list[tuple[str, str | None]] = []
    linears: list[tuple[str, str]] = []
    layer_norms: list[tuple[str, str]] = []
    batch_norms: list[tuple[str, str, str, str]] = []
    for node in graph.node:
        if node.op_type == "BatchNormalization":
            scale, shift, mean, variance = node.input[1:]
            batch_norms.append((scale, shift, mean, variance))
        elif node.op_type in ("Conv", "MatMul") and node.input[1] in stored:
            after = users[node.output[0]]
            bias = next((name for name in after.input if name in stored), None) if after.op_type == "Add" else None
            if node.op_type == "Conv":
                convolutions.append((node.input[1], bias))
            elif bias:
                linears.append((node.input[1], bias))
        elif node.op_type == "Mul" and node.input[1] in stored and node.input[0].startswith("Div"):
            shift = users[node.output[0]].input[1]
            layer_norms.append((node.input[1], shift))
    return Blueprint(tuple(convolutions), tuple(batch_norms), tuple(layer_norms), tuple(linears))


@dataclass
class _Layers:
    """Hands out the layers of a blueprint in order during one forward pass."""

    weights: Tensors
    blueprint: Blueprint
    convolution: int = 0
    batch_norm: int = 0
    layer_norm: int = 0
    linear: int = 0

    def conv(self, x: torch.Tensor, *, stride: tuple[int, int] = (1, 1), depthwise: bool = False) -> torch.Tensor:
        weight_name, bias_name = self.blueprint.convolutions[self.convolution]
        self.convolution += 1
        weight = self.weights[weight_name]
        bias = self.weights[bias_name].flatten() if bias_name else None
        tall, wide = weight.shape[2:]
        if tall == 2:  # SAME_UPPER: an even kernel is padded after, not before
            x, padding = functional.pad(x, (0, 1, 0, 1)), (0, 0)
        else:
            padding = (tall // 2, wide // 2)
        return functional.conv2d(x, weight, bias, stride, padding, groups=x.shape[1] if depthwise else 1)

    def norm_swish(self, x: torch.Tensor) -> torch.Tensor:
        scale, shift, mean, variance = (self.weights[name] for name in self.blueprint.batch_norms[self.batch_norm])
        self.batch_norm += 1
        return functional.silu(functional.batch_norm(x, mean, variance, scale, shift, training=False, eps=1e-5))

    def norm(self, x: torch.Tensor, eps: float) -> torch.Tensor:
        scale, shift = (self.weights[name] for name in self.blueprint.layer_norms[self.layer_norm])
        self.layer_norm += 1
        return functional.layer_norm(x, (x.shape[-1],), scale, shift, eps)

    def full(self, x: torch.Tensor) -> torch.Tensor:
        weight, bias = (self.weights[name] for name in self.blueprint.linears[self.linear])
        self.linear += 1
        return functional.linear(x, weight.T, bias)


def logits(weights: Tensors, blueprint: Blueprint, crops: torch.Tensor, *, frozen: int = 0) -> torch.Tensor:
    """Scores before the softmax, (N, W / 8, C), of crops (N, 3, 48, W) in -1..1; W a multiple of 8.

    Args:
        weights: by the names of the blueprint.
        blueprint: of the network.
        crops: BGR.
        frozen: with 1 or more, no gradient flows into the stem and this many blocks less one.
    """
    layers = _Layers(weights, blueprint)
    with torch.no_grad() if frozen else nullcontext():
        x = _stem(layers, crops)
        for index in range(frozen - 1):
            x = _block(layers, x, index)
    for index in range(max(0, frozen - 1), BLOCKS):
        x = _block(layers, x, index)
    x = functional.avg_pool2d(x, (3, 2))
    carried = layers.norm_swish(layers.conv(x))
    x = layers.norm_swish(layers.conv(x))
    x = x + layers.norm_swish(layers.conv(x, depthwise=True))
    tokens = x.flatten(2).transpose(1, 2)
    for _ in range(2):
        tokens = _attended(layers, tokens)
    tokens = layers.norm(tokens, 1e-6) + carried.squeeze(2).transpose(1, 2)
    return layers.full(tokens)


def _stem(layers: _Layers, x: torch.Tensor) -> torch.Tensor:
    x = functional.relu(layers.conv(x, stride=(2, 2)))
    narrow = functional.relu(layers.conv(x))
    narrow = functional.relu(layers.conv(narrow))
    pooled = functional.max_pool2d(functional.pad(x, (0, 1, 0, 1)), 2, 1)
    x = functional.relu(layers.conv(torch.cat((pooled, narrow), 1), stride=(2, 2)))
    return functional.relu(layers.conv(x))


def _block(layers: _Layers, x: torch.Tensor, index: int) -> torch.Tensor:
    x = layers.conv(x, stride=(2, 1) if index in STRIDED else (1, 1), depthwise=True)
    if index in SQUEEZED:
        weight = functional.relu(layers.conv(x.mean((2, 3), keepdim=True)))
        x = x * torch.clamp(layers.conv(weight) / 6 + 0.5, 0, 1)
    mixed = layers.conv(functional.gelu(layers.conv(x)))
    return mixed if index in STRIDED else x + mixed


def _attended(layers: _Layers, tokens: torch.Tensor) -> torch.Tensor:
    count, steps, channels = tokens.shape
    parts = layers.full(layers.norm(tokens, 1e-5)).reshape(count, steps, 3, HEADS, channels // HEADS)
    query, key, value = parts.permute(2, 0, 3, 1, 4)
    seen = functional.scaled_dot_product_attention(query, key, value)
    tokens = tokens + layers.full(seen.transpose(1, 2).reshape(count, steps, channels))
    return tokens + layers.full(functional.silu(layers.full(layers.norm(tokens, 1e-5))))

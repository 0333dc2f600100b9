"""The network to start from: the stock weights, with a head for our alphabet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vision.lab.lines.alphabet import CHARACTERS, LOOKS_LIKE
from vision.lab.network import Blueprint, read_model
from vision.weights import WeightsFolder

STOCK = "PP-OCRv6_rec_small.onnx"
NEWCOMER_BIAS = -1.0
"""A character that the stock alphabet lacks starts behind the one it was copied from."""


@dataclass(frozen=True)
class Start:
    """The stock file, what its layers are called, and its weights with the new head."""

    model: Any
    blueprint: Blueprint
    weights: Mapping[str, NDArray[np.float32]]


def stock_start(folder: WeightsFolder | None = None) -> Start:
    """The stock recogniser, its head cut to our alphabet; new letters begin as their look-alikes."""
    model, blueprint, weights = read_model((folder or WeightsFolder()).open(STOCK).data)
    listed = next(one.value for one in model.metadata_props if one.key == "character").splitlines()
    column_of = {character: column for column, character in reversed(list(enumerate([*listed, " "], start=1)))}
    weight_name, bias_name = blueprint.head
    weight, bias = weights[weight_name], weights[bias_name]
    columns, penalties = [0], [0.0]
    for character in [*CHARACTERS, " "]:
        models = [character, *LOOKS_LIKE.get(character, ""), "?"]
        found = next(one for one in models if one in column_of)
        columns.append(column_of[found])
        penalties.append(0.0 if found == character else NEWCOMER_BIAS)
    weights[weight_name] = np.ascontiguousarray(weight[:, columns])
    weights[bias_name] = (bias[columns] + np.array(penalties, np.float32)).astype(np.float32)
    return Start(model, blueprint, weights)


def averaged(
    start: Mapping[str, NDArray[np.float32]], tuned: Mapping[str, NDArray[np.float32]], share: float
) -> dict[str, NDArray[np.float32]]:
    """Weights between the start (share 0) and the tuned network (share 1)."""
    return {name: ((1 - share) * start[name] + share * tuned[name]).astype(np.float32) for name in start}

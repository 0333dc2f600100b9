"""Reads line crops with a network that EasyOCR loads: our trained one by default, or one that EasyOCR publishes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.easyocr_parts import Stock, class_in, device_for, load_state, open_easyocr_weights, package
from vision.errors import EngineError
from vision.recognise.base import Recognised
from vision.recognise.ctc import greedy, small_lattice
from vision.types import Card, Picture
from vision.weights import Weights

VERSION = "1"
HEIGHT_PX = 64
"""Of the published networks."""
WIDEST_FOR_ITS_HEIGHT = 40
"""A crop that would be wider is squeezed."""
NETWORK = {"input_channel": 1, "output_channel": 256, "hidden_size": 256}


@dataclass(frozen=True, slots=True)
class Ready:
    """A network that can be asked.

    Attributes:
        network: (1, 1, height_px, W) float32 in -1..1 -> (1, T, 1 + len(alphabet)) scores before the softmax.
        alphabet: the character of each column 1, 2, …; column 0 is the blank.
        height_px: of its crops.
        device: of torch.
        card: what it is.
    """

    network: Any
    alphabet: str
    height_px: int
    device: str
    card: Card


def published(model_dir: Path | None, *, gpu: bool = False, model: str) -> Ready:
    """One of EasyOCR's own recognisers, from a folder with its weights; the cyrillic one reads no Kazakh.

    Raises:
        EngineError: EasyOCR or the weights are missing; the message says what to do.
    """
    stock = package("easyocr.config").recognition_models["gen2"][model]
    weights = open_easyocr_weights(model_dir, Stock(stock["filename"], stock["md5sum"]))
    alphabet: str = stock["characters"]
    network = package("easyocr.model.vgg_model").Model(num_class=len(alphabet) + 1, **NETWORK)
    device = device_for(gpu=gpu)
    card = Card(f"easyocr-{model}", VERSION, {weights.name: weights.sha256})
    return Ready(load_state(network, weights, device), alphabet, HEIGHT_PX, device, card)


def custom(text: Weights, code: Weights, tensors: Weights, *, gpu: bool = False) -> Ready:
    """A custom network in the three files that EasyOCR asks for, each of them checked.

    Args:
        text: the .yaml file.
        code: the .py file.
        tensors: the .pth file.
        gpu: whether to use one.

    Raises:
        EngineError: EasyOCR is missing, or the files do not fit each other.
    """
    try:
        said = package("yaml").safe_load(text.data)
        alphabet, height_px, parameters = said["character_list"], said["imgH"], said["network_params"]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"{text.name} does not describe a custom network of EasyOCR: {error}.") from error
    device = device_for(gpu=gpu)
    network = class_in(code)(num_class=len(alphabet) + 1, **parameters)
    card = Card(f"easyocr-{Path(tensors.name).stem}", VERSION, {one.name: one.sha256 for one in (text, code, tensors)})
    return Ready(load_state(network, tensors, device), alphabet, height_px, device, card)


class EasyOcrRecogniser:
    """Asks such a network (CTC), one crop a call. None of EasyOCR's globals is touched, so any number may live here."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        self._torch: Any = package("torch")

    @property
    def card(self) -> Card:
        """What this engine is."""
        return self._ready.card

    def recognise(self, crops: Sequence[Picture]) -> tuple[Recognised, ...]:
        """One answer per crop, in the order given."""
        return tuple(self._read(crop) for crop in crops)

    def _read(self, crop: Picture) -> Recognised:
        ready, torch = self._ready, self._torch
        with torch.inference_mode():
            scores = ready.network(torch.from_numpy(network_input(crop, ready.height_px)).to(ready.device), None)
            probabilities = torch.softmax(scores, dim=2)[0].cpu().numpy()
        decoded = greedy(probabilities, ready.alphabet)
        return Recognised(decoded.text, decoded.confidence, small_lattice(probabilities, ready.alphabet))


def network_input(crop: Picture, height_px: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A crop as EasyOCR's networks want it: (1, 1, height_px, W) float32 grey in -1..1."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    wanted = min(max(height_px // 2, math.ceil(height_px * width / height)), WIDEST_FOR_ITS_HEIGHT * height_px)
    shape = cv2.INTER_AREA if height > height_px else cv2.INTER_CUBIC
    resized = cv2.resize(grey, (wanted, height_px), interpolation=shape)
    return (resized.astype(np.float32) / 127.5 - 1.0)[None, None]

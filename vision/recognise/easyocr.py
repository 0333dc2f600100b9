"""Reads line crops with EasyOCR's second-generation recogniser."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from vision.easyocr_parts import Stock, device_for, load_state, open_easyocr_weights, package
from vision.recognise.base import Recognised
from vision.recognise.ctc import greedy, small_lattice
from vision.types import Card, Picture

VERSION = "1"
HEIGHT_PX = 64
LARGEST_WIDTH_PX = 2560
NETWORK = {"input_channel": 1, "output_channel": 256, "hidden_size": 256}
MODELS = ("cyrillic_g2", "latin_g2", "english_g2")


class EasyOcrRecogniser:
    """EasyOCR's CTC recogniser, one crop a call; its cyrillic model reads Russian and Latin, no Kazakh."""

    def __init__(self, model_dir: Path | None, *, gpu: bool = False, model: str = MODELS[0]) -> None:
        stock = package("easyocr.config").recognition_models["gen2"][model]
        weights = open_easyocr_weights(model_dir, Stock(stock["filename"], stock["md5sum"]))
        self._alphabet: str = stock["characters"]
        self._device = device_for(gpu=gpu)
        network = package("easyocr.model.vgg_model").Model(num_class=len(self._alphabet) + 1, **NETWORK)
        self._network: Any = load_state(network, weights, self._device)
        self._torch: Any = package("torch")
        self._card = Card(f"easyocr-{model}", VERSION, {weights.name: weights.sha256})

    @property
    def card(self) -> Card:
        """What this engine is."""
        return self._card

    def recognise(self, crops: Sequence[Picture]) -> tuple[Recognised, ...]:
        """One answer per crop, in the order given."""
        return tuple(self._read(crop) for crop in crops)

    def _read(self, crop: Picture) -> Recognised:
        torch = self._torch
        with torch.inference_mode():
            scores = self._network(torch.from_numpy(network_input(crop)).to(self._device), None)
            probabilities = torch.softmax(scores, dim=2)[0].cpu().numpy()
        decoded = greedy(probabilities, self._alphabet)
        return Recognised(decoded.text, decoded.confidence, small_lattice(probabilities, self._alphabet))


def network_input(crop: Picture) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """A crop as EasyOCR's networks want it: (1, 1, 64, W) float32 grey in -1..1."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    wanted = min(max(HEIGHT_PX // 2, math.ceil(HEIGHT_PX * width / height)), LARGEST_WIDTH_PX)
    shape = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_CUBIC
    resized = cv2.resize(grey, (wanted, HEIGHT_PX), interpolation=shape)
    return (resized.astype(np.float32) / 127.5 - 1.0)[None, None]

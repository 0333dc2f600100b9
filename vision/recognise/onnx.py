"""Reads line crops with PP-OCRv6's recogniser."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

import cv2
import numpy as np

from vision.errors import EngineError
from vision.recognise.base import Recognised
from vision.recognise.ctc import greedy, small_lattice
from vision.runtime import Floats, Network, open_network
from vision.types import Card, Picture
from vision.weights import Weights

VERSION = "1"
HEIGHT_PX = 48
WIDTHS_PX = (320, 480, 640, 960, 1280, 1920)
"""Crops are padded to one of these: the network was trained at 320, and a new width costs the runtime a compilation."""

SCRIPTS = ("LATIN", "GREEK", "CYRILLIC")
EXTRA = frozenset("©®№«»“”„‘’·•–—…×°")


class OnnxRecogniser:
    """PP-OCRv6's recogniser (CTC), its alphabet narrowed to what is painted here.

    Every crop is a network call of its own: on two cores a batch is no faster (docs/reader.md), and so a crop's answer
    cannot depend on its neighbours.
    """

    def __init__(self, weights: Weights, *, runtime: str = "auto", threads: int | None = None) -> None:
        self._network: Network = open_network(weights, runtime=runtime, threads=threads)
        characters = self._network.metadata.get("character", "").splitlines()
        if not characters:
            raise EngineError(f"{weights.name} carries no alphabet: it is not a PP-OCR recogniser.")
        full = [*characters, " "]  # the space is the network's last column and not in the list
        columns = [index for index, character in enumerate(full, start=1) if is_painted(character)]
        self._columns = np.array([0, *columns])
        self._alphabet = "".join(full[column - 1] for column in columns)
        self._card = Card("pp-ocrv6-rec", VERSION, {weights.name: weights.sha256})

    @property
    def card(self) -> Card:
        """What this engine is."""
        return self._card

    def recognise(self, crops: Sequence[Picture]) -> tuple[Recognised, ...]:
        """One answer per crop, in the order given."""
        return tuple(self._read(crop) for crop in crops)

    def _read(self, crop: Picture) -> Recognised:
        probabilities = self._network.run(network_input(crop))[0][:, self._columns]
        decoded = greedy(probabilities, self._alphabet)
        return Recognised(decoded.text, decoded.confidence, small_lattice(probabilities, self._alphabet))


def is_painted(character: str) -> bool:
    """Whether a character of the network's alphabet may be on a wall here: no CJK, kana, emoji, full-width forms.

    Greek stays: the network has no Cyrillic and reads some of it as Greek (Π, Γ, Φ), which the address repair undoes.
    """
    if character == " " or "!" <= character <= "~" or character in EXTRA:
        return True
    return character.isalpha() and unicodedata.name(character, "").split(" ")[0] in SCRIPTS


def network_input(crop: Picture) -> Floats:
    """A crop as the network wants it: (1, 3, 48, W) float32 in -1..1, right-padded with 0 to one of `WIDTHS_PX`.

    A crop that would be wider than the widest is squeezed into it.
    """
    height, width = crop.shape[:2]
    wanted = max(1, math.ceil(HEIGHT_PX * width / height))
    padded = next((bucket for bucket in WIDTHS_PX if bucket >= wanted), WIDTHS_PX[-1])
    wanted = min(wanted, padded)
    shape = cv2.INTER_AREA if height > HEIGHT_PX else cv2.INTER_LINEAR
    resized = cv2.resize(crop, (wanted, HEIGHT_PX), interpolation=shape)
    blob = np.zeros((1, 3, HEIGHT_PX, padded), np.float32)
    blob[0, :, :, :wanted] = resized.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1.0
    return blob

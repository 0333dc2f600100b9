"""Reads line crops with PP-OCRv6's recogniser, as it comes or as we trained it."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence

import cv2
import numpy as np

from vision.errors import EngineError
from vision.recognise.base import Recognised
from vision.recognise.ctc import Probabilities, greedy, small_lattice
from vision.runtime import Floats, Network, open_network
from vision.types import Card, Picture
from vision.weights import Weights

VERSION = "2"
HEIGHT_PX = 48
WIDTHS_PX = (320, 480, 640, 960, 1280, 1920)
"""Crops are padded to one of these: the network was trained at 320, and a new width costs the runtime a compilation."""

EXTRA = frozenset("©®№«»“”„‘’·•–—…×°")
OURS = "я"
"""A network that has this letter is one that we trained: all of its characters are painted here, й and ң as well."""

BARE = str.maketrans("ıłŁøØđĐ", "ilLoOdD")
"""Latin letters with a stroke or without a dot, which Unicode does not take apart."""


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
        ours = OURS in full
        meant = full if ours else [painted_as(character) for character in full]
        self._alphabet = "".join(sorted({character for character in meant if character}))
        columns = sorted((self._alphabet.index(one), at) for at, one in enumerate(meant, start=1) if one)
        self._columns = np.array([0, *(at for _, at in columns)])
        letters = np.array([-1, *(letter for letter, _ in columns)])
        self._starts = np.flatnonzero(np.diff(letters, prepend=-2))
        self._card = Card("wallwatch-rec" if ours else "pp-ocrv6-rec", VERSION, {weights.name: weights.sha256})

    @property
    def card(self) -> Card:
        """What this engine is."""
        return self._card

    def recognise(self, crops: Sequence[Picture]) -> tuple[Recognised, ...]:
        """One answer per crop, in the order given."""
        return tuple(self._read(crop) for crop in crops)

    def _read(self, crop: Picture) -> Recognised:
        return answer_of(self.probabilities(crop), self.alphabet)

    @property
    def alphabet(self) -> str:
        """The character of each column 1, 2, … of `probabilities`."""
        return self._alphabet

    def probabilities(self, crop: Picture) -> Probabilities:
        """(T, C) over the blank and the alphabet, one row for 8 pixels of the crop at 48 pixels height."""
        columns = self._network.run(network_input(crop))[0][:, self._columns]
        return np.asarray(np.add.reduceat(columns, self._starts, axis=1), np.float32)


def answer_of(probabilities: Probabilities, alphabet: str) -> Recognised:
    """The most probable text, with the lattice behind it."""
    decoded = greedy(probabilities, alphabet)
    return Recognised(decoded.text, decoded.confidence, small_lattice(probabilities, alphabet))


def painted_as(character: str) -> str | None:
    """What a character of the network's alphabet means on a wall here; None for CJK, kana, emoji and the like.

    Accents are specks of paint to an address, so letters lose them. Greek stays: the network has no Cyrillic and reads
    some of it as Greek (Π, Γ, Φ), which the address repair undoes.
    """
    if character in EXTRA:
        return character
    bare = unicodedata.normalize("NFD", character.translate(BARE))[0]
    if " " <= bare <= "~":
        return bare
    return bare if character.isalpha() and unicodedata.name(bare, "").startswith(("GREEK", "CYRILLIC")) else None


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

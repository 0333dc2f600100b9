"""Training batches: chunks of crops drawn ahead in worker processes, and real crops mixed in for rehearsal."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from vision.lab.lines.alphabet import CHARACTERS
from vision.lab.lines.draw import Studio, draw_crop
from vision.lab.lines.grounds import Grounds
from vision.lab.lines.shot import HEIGHT_PX, altered
from vision.lab.lines.words import use_dictionaries
from vision.lab.synth.fonts import faces_in
from vision.lab.synth.truth import TRAIN_FROM
from vision.recognise.onnx import WIDTHS_PX
from vision.types import Picture

BATCH_PX = 32 * 320
"""How wide the crops of a batch are together: as many as fit."""

SNUG_PX = (128, 192, 256, 320, 384, 480, 640, 960)
SNUG = 0.7
"""The share of chunks that are padded to these widths and not to the reader's: less to compute."""

VALIDATION_FROM = 900_000_000
"""Seeds of the lines that training is watched with; they also have faces of their own."""

COLUMN_OF = {character: column for column, character in enumerate(CHARACTERS, start=1)} | {" ": len(CHARACTERS) + 1}


@dataclass(frozen=True)
class Known:
    """A crop and what it says."""

    picture: Picture
    text: str


@dataclass(frozen=True)
class Batch:
    """Crops of one padded width.

    Attributes:
        pictures: (N, 48, W, 3) uint8 BGR, padded on the right.
        widths: of each crop before padding, in pixels.
        texts: what they say.
    """

    pictures: NDArray[np.uint8]
    widths: tuple[int, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """Everything that batches are made from.

    Attributes:
        fonts: folders of fonts.
        textures: a folder of wall pictures, or None.
        held_out: beginnings of the names of faces that only validation may use.
        rehearsal: a file of real crops with texts (see `save_known`), or None.
        rehearsed: how many of them go into a chunk.
        first_seed: of the first chunk.
        drawn: how many crops are drawn for a chunk.
        dictionaries: a folder of hunspell's word lists, or None.
    """

    fonts: tuple[Path, ...]
    textures: Path | None = None
    held_out: tuple[str, ...] = ()
    rehearsal: Path | None = None
    rehearsed: int = 24
    first_seed: int = TRAIN_FROM
    drawn: int = 128
    dictionaries: Path | None = None

    def studio(self, *, validation: bool = False) -> Studio:
        """The faces for training, or those that only validation may use."""
        use_dictionaries(self.dictionaries)
        faces = faces_in(self.fonts, italics=True)
        chosen = tuple(face for face in faces if face.name.startswith(self.held_out) == validation)
        return Studio(chosen if self.held_out else faces, Grounds.found(self.textures))


def save_known(path: Path, crops: Sequence[Known]) -> None:
    """Writes crops and their texts to a file."""
    pictures = {f"crop_{index:05d}": crop.picture for index, crop in enumerate(crops)}
    np.savez_compressed(path, allow_pickle=False, texts=np.array([crop.text for crop in crops]), **pictures)


def load_known(path: Path) -> list[Known]:
    """The crops of a file."""
    with np.load(path) as stored:
        return [Known(stored[f"crop_{index:05d}"], str(text)) for index, text in enumerate(stored["texts"])]


def batched(crops: Sequence[Known], widths: Sequence[int] = WIDTHS_PX) -> list[Batch]:
    """The crops as batches, grouped by padded width, each group in the order given."""
    groups: dict[int, list[Known]] = {}
    for crop in crops:
        width = next((one for one in widths if one >= crop.picture.shape[1]), widths[-1])
        groups.setdefault(width, []).append(crop)
    batches = []
    for width, group in sorted(groups.items()):
        count = max(1, round(len(group) * width / BATCH_PX))
        for part in np.array_split(np.arange(len(group)), count):
            batches += [_batch([group[index] for index in part], width)]
    return batches


def _batch(crops: Sequence[Known], width: int) -> Batch:
    # 127.5, the padding after normalisation, is no byte: the mask in `as_input` sets it.
    pictures = np.full((len(crops), HEIGHT_PX, width, 3), 127, np.uint8)
    for row, crop in zip(pictures, crops, strict=True):
        row[:, : crop.picture.shape[1]] = crop.picture[:, :width]
    return Batch(pictures, tuple(crop.picture.shape[1] for crop in crops), tuple(crop.text for crop in crops))


@lru_cache(maxsize=2)
def _studio_of(source: Source) -> Studio:
    return source.studio()


@lru_cache(maxsize=2)
def _rehearsal_of(source: Source) -> tuple[Known, ...]:
    return tuple(load_known(source.rehearsal)) if source.rehearsal else ()


def open_worker() -> None:
    """Makes a process ready to draw: one thread, since the others train."""
    cv2.setNumThreads(1)


def chunk(source: Source, index: int) -> list[Batch]:
    """The batches of a chunk, in a random order that the index decides."""
    studio, rehearsal = _studio_of(source), _rehearsal_of(source)
    first = source.first_seed + index * source.drawn
    drawn = (draw_crop(seed, studio) for seed in range(first, first + source.drawn))
    crops = [Known(crop.picture, crop.text) for crop in drawn]
    rng = np.random.default_rng([source.first_seed, index, 1])
    if rehearsal:
        picked = [rehearsal[at] for at in rng.integers(0, len(rehearsal), source.rehearsed)]
        crops += [Known(altered(rng, one.picture), one.text) for one in picked]
    batches = batched(crops, SNUG_PX if rng.random() < SNUG else WIDTHS_PX)
    return [batches[at] for at in rng.permutation(len(batches))]


def chunks(source: Source, start: int, *, processes: int) -> Iterator[list[Batch]]:
    """Chunks from `start` on without end, drawn ahead in worker processes; 0 processes draw in this one."""
    if processes == 0:
        while True:
            yield chunk(source, start)
            start += 1
    with ProcessPoolExecutor(processes, get_context("spawn"), open_worker) as pool:
        ahead: deque[Future[list[Batch]]] = deque()
        try:
            while True:
                while len(ahead) < 3 * processes:
                    ahead.append(pool.submit(chunk, source, start))
                    start += 1
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()

"""`python -m vision.lab.train`: tunes the recogniser on drawn lines, from the stock weights or from a checkpoint.

It may be stopped at any moment: the checkpoint is written every two minutes and at the end, and the same command goes
on from there.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import math
import os
import sys
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from vision.lab.batches import COLUMN_OF, Batch, Source, chunks
from vision.lab.network import Blueprint, logits
from vision.lab.start import Start, stock_start
from vision.lab.watch import report, validation_batches

BATCH = 32
CHECKPOINT_EVERY_S = 120.0


@dataclass(frozen=True)
class Settings:
    """How it is tuned.

    Attributes:
        crops: how many drawn and rehearsed crops in all.
        rate, head_rate: highest learning rates, of the layers that were there and of the new head.
        warm_up: steps until the highest rate.
        decay_from: the share of the crops after which the rates fall to a fiftieth.
        ema: how much of the running average stays at each step.
        clip: largest norm of the gradient.
        weight_decay: of AdamW, on matrices and kernels.
        frozen: how many of the first layers stay as they are: the stem, then blocks. They see edges, not letters, and
            are the dearest to train.
    """

    crops: int = 120_000
    rate: float = 2e-4
    head_rate: float = 1e-3
    warm_up: int = 200
    decay_from: float = 0.6
    ema: float = 0.998
    clip: float = 4.0
    weight_decay: float = 0.01
    frozen: int = 4

    def factor(self, step: int, seen: int) -> float:
        """What the highest rates are multiplied with."""
        rise = min(1.0, (step + 1) / self.warm_up)
        left = (seen / self.crops - self.decay_from) / (1 - self.decay_from)
        fall = 0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(max(left, 0.0), 1.0)))
        return rise * fall


class Trainer:
    """The network being tuned, with its running average, optimiser and place in the data."""

    def __init__(self, start: Start, settings: Settings, *, device: str = "cpu", bfloat16: bool = True) -> None:
        self.blueprint: Blueprint = start.blueprint
        self.settings = settings
        self.device = device
        self.bfloat16 = bfloat16
        fixed = {name for layer in start.blueprint.batch_norms for name in layer[2:]}
        self.weights = {name: _tensor(value, device) for name, value in start.weights.items()}
        self.tuned = [name for name in self.weights if name not in fixed]
        for name in self.tuned:
            self.weights[name].requires_grad_()
        self.average = {name: value.detach().clone() for name, value in self.weights.items()}
        self.optimiser = torch.optim.AdamW(self._groups(), betas=(0.9, 0.98), eps=1e-8)
        self.step = self.seen = self.chunk = 0

    def _groups(self) -> list[dict[str, Any]]:
        head = set(self.blueprint.head)
        groups: dict[tuple[bool, bool], list[torch.Tensor]] = {}
        for name in self.tuned:
            value = self.weights[name]
            decays = value.ndim >= 2 and min(value.shape[:2]) > 1
            groups.setdefault((name in head, decays), []).append(value)
        s = self.settings
        return [
            {
                "params": values,
                "lr": s.head_rate if in_head else s.rate,
                "peak": s.head_rate if in_head else s.rate,
                "weight_decay": s.weight_decay if decays else 0.0,
            }
            for (in_head, decays), values in sorted(groups.items())
        ]

    def learn(self, batch: Batch) -> float:
        """One step; the mean loss per character."""
        crops, labels, lengths = as_tensors(batch, self.device)
        scores = self._scores(self.weights, crops)
        loss = ctc_loss(scores, labels, lengths)
        (loss * min(1.0, len(batch.texts) / BATCH)).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_([self.weights[name] for name in self.tuned], self.settings.clip)
        factor = self.settings.factor(self.step, self.seen)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.step += 1
        self.seen += len(batch.texts)
        self._remember()
        return float(loss.detach())

    def _remember(self) -> None:
        keep = min(self.settings.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name in self.tuned:
                self.average[name].lerp_(self.weights[name].detach(), 1 - keep)

    def _scores(self, weights: Mapping[str, torch.Tensor], crops: torch.Tensor) -> torch.Tensor:
        fast = torch.autocast(self.device, torch.bfloat16) if self.bfloat16 else nullcontext()
        with fast:
            return logits(weights, self.blueprint, crops, frozen=self.settings.frozen).float()

    def probabilities(self, batch: Batch) -> NDArray[np.float32]:
        """What the running average says of a batch, (N, T, C)."""
        crops, _, _ = as_tensors(batch, self.device)
        with torch.no_grad():
            return np.asarray(self._scores(self.average, crops).softmax(2).cpu().numpy(), np.float32)

    def averages(self) -> dict[str, NDArray[np.float32]]:
        """The running average of the weights by name."""
        return {name: value.cpu().numpy().astype(np.float32) for name, value in self.average.items()}

    def save(self, path: Path) -> None:
        """Writes the checkpoint beside the old one, then over it: half a file is never left."""
        state = {
            "weights": {name: value.detach() for name, value in self.weights.items()},
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
            "place": (self.step, self.seen, self.chunk),
        }
        beside = path.with_suffix(".part")
        torch.save(state, beside)
        os.replace(beside, path)  # noqa: PTH105  # atomic

    def load(self, path: Path) -> None:
        """Goes on from a checkpoint, under this trainer's settings."""
        state = torch.load(path, map_location=self.device, weights_only=True)
        with torch.no_grad():
            for name, value in state["weights"].items():
                self.weights[name].copy_(value)
                self.average[name].copy_(state["average"][name])
        peaks = [group["peak"] for group in self.optimiser.param_groups]
        self.optimiser.load_state_dict(state["optimiser"])
        for group, peak in zip(self.optimiser.param_groups, peaks, strict=True):
            group["peak"] = peak
        self.step, self.seen, self.chunk = state["place"]


def _tensor(value: NDArray[np.float32], device: str) -> torch.Tensor:
    tensor = torch.from_numpy(value.copy()).to(device)
    return tensor.to(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor


def as_tensors(batch: Batch, device: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Crops in -1..1, padded with 0 as the reader pads them; all labels in a row; the labels' lengths."""
    crops = torch.from_numpy(batch.pictures).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1.0
    width = torch.arange(batch.pictures.shape[2], device=device)
    inside = width[None, :] < torch.tensor(batch.widths, device=device)[:, None]
    crops = (crops * inside[:, None, None, :]).contiguous(memory_format=torch.channels_last)
    labels = [COLUMN_OF[character] for text in batch.texts for character in text]
    lengths = [len(text) for text in batch.texts]
    return crops, torch.tensor(labels, dtype=torch.long), torch.tensor(lengths, dtype=torch.long)


def ctc_loss(scores: torch.Tensor, labels: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Mean over the lines of the loss per character; a label too long for its crop counts nothing."""
    steps = torch.full((scores.shape[0],), scores.shape[1], dtype=torch.long)
    log_probabilities = scores.log_softmax(2).transpose(0, 1)
    return functional.ctc_loss(log_probabilities, labels.to(scores.device), steps, lengths, zero_infinity=True)


def record(source: Source, settings: Settings, trainer: Trainer) -> dict[str, Any]:
    """What a person needs to run it again: settings, hashes of fonts and textures, the place reached."""
    return {
        "settings": dataclasses.asdict(settings),
        "crops": trainer.seen,
        "steps": trainer.step,
        "seeds": [source.first_seed, source.first_seed + trainer.chunk * source.drawn],
        "held_out": list(source.held_out),
        "rehearsed_per_chunk": source.rehearsed,
        "fonts": {path.name: _digest(path) for face in source.studio().faces for path in face.paths},
        "textures": _folder_digest(source.textures),
        "rehearsal": _digest(source.rehearsal) if source.rehearsal else None,
        "dictionaries": _folder_digest(source.dictionaries),
        "torch": str(torch.__version__),
    }


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _folder_digest(folder: Path | None) -> str | None:
    if folder is None or not folder.is_dir():
        return None
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vision.lab.train", description="Tune the recogniser on drawn lines.")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the record")
    parser.add_argument("--fonts", type=Path, nargs="+", required=True, help="folders of fonts")
    parser.add_argument("--textures", type=Path, help="folder of wall pictures")
    parser.add_argument("--rehearsal", type=Path, help="file of real crops, made by vision.lab.rehearse")
    parser.add_argument("--rehearsed", type=int, default=24, help="real crops beside each 128 drawn ones")
    parser.add_argument("--dictionaries", type=Path, help="folder of hunspell's word lists, as Debian packages them")
    parser.add_argument("--hold-out", nargs="*", default=[], help="beginnings of names of faces for validation only")
    parser.add_argument("--crops", type=int, default=Settings.crops)
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--head-rate", type=float, default=Settings.head_rate)
    parser.add_argument("--decay-from", type=float, default=Settings.decay_from)
    parser.add_argument("--frozen", type=int, default=Settings.frozen)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--processes", type=int, default=1, help="processes that draw")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--watch-every", type=int, default=15_000, help="crops between two looks at validation")
    return parser


def main() -> int:
    """Trains until all crops are seen; 0 when done."""
    options = _arguments().parse_args()
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        options.crops, options.rate, options.head_rate, decay_from=options.decay_from, frozen=options.frozen
    )
    source = Source(
        tuple(options.fonts),
        options.textures,
        tuple(options.hold_out),
        options.rehearsal,
        options.rehearsed,
        dictionaries=options.dictionaries,
    )
    trainer = Trainer(stock_start(), settings, device=options.device)
    checkpoint = options.out / "checkpoint.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    run(trainer, source, checkpoint, processes=options.processes, watch_every=options.watch_every)
    (options.out / "record.json").write_text(json.dumps(record(source, settings, trainer), indent=1) + "\n", "utf-8")
    return 0


def run(trainer: Trainer, source: Source, checkpoint: Path, *, processes: int, watch_every: int) -> None:
    """Learns chunk after chunk, prints how it goes, and keeps the checkpoint fresh."""
    watched = validation_batches(source)
    stream = chunks(source, trainer.chunk, processes=processes)
    saved = printed = time.monotonic()
    seen_then, looked_at, losses = trainer.seen, trainer.seen // watch_every, []
    for batches in stream:
        losses += [trainer.learn(batch) for batch in batches]
        trainer.chunk += 1
        now = time.monotonic()
        if now - printed > 30:
            rate = (trainer.seen - seen_then) / (now - printed)
            print(f"{trainer.seen} crops, {trainer.step} steps, loss {np.mean(losses):.3f}, {rate:.1f}/s", flush=True)
            printed, seen_then, losses = now, trainer.seen, []
        if now - saved > CHECKPOINT_EVERY_S:
            trainer.save(checkpoint)
            saved = now
        if trainer.seen // watch_every > looked_at:
            looked_at = trainer.seen // watch_every
            print(report(watched, trainer.probabilities), flush=True)
        if trainer.seen >= trainer.settings.crops:
            break
    stream.close()  # type: ignore[attr-defined]
    trainer.save(checkpoint)
    print(report(watched, trainer.probabilities), flush=True)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m vision.lab.context`: how well the words around an address tell drug walls from signs and street text.

Four rounds: the texts of drawn walls; the same with the letters that a hand or a network confuses; the committed
samples as painted; with --read the samples as our reader reads them. And the lists of slang and of shop signs that the
line recogniser is trained with, each under an address. What it cannot tell: how real walls are worded. The vocabulary
was written by people who know these lists.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from vision.addresses.context import context
from vision.addresses.scripts import LATIN_OF
from vision.lab.synth.subjects import subject_for, username
from vision.types import Line

PLAIN = frozenset({"street", "tag", "blank"})
SEEDS = range(2_000, 6_000)
ADDRESS = "@"

Scored = tuple[bool, float, bool]
"""Whether it is a drug wall, its score, whether any word was known."""

_BOX = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


def scored(texts: Iterable[str], *, is_drugs: bool) -> Scored:
    """A wall's score from its lines."""
    found = context([Line(text, 1.0, _BOX) for text in texts])
    return is_drugs, found.score, bool(found.words)


def auc(walls: Sequence[Scored]) -> float:
    """The chance that a drug wall scores higher than another one, ties counting half (Mann-Whitney)."""
    drugs = np.array([score for is_drugs, score, _ in walls if is_drugs])
    others = np.array([score for is_drugs, score, _ in walls if not is_drugs])
    more = (drugs[:, None] > others[None]).mean() + 0.5 * (drugs[:, None] == others[None]).mean()
    return float(more)


def row(name: str, walls: Sequence[Scored]) -> str:
    """A line of the table: counts, shares above and below the middle, AUC for all and for those with known words."""
    drugs = [score for is_drugs, score, _ in walls if is_drugs]
    others = [score for is_drugs, score, _ in walls if not is_drugs]
    worded = [wall for wall in walls if wall[2]]
    above, wrong = np.mean([s > 0.5 for s in drugs]), np.mean([s > 0.5 for s in others])
    below = np.mean([s < 0.5 for s in others])
    return (
        f"| {name} | {len(drugs)} / {len(others)} | {above:.1%} | {wrong:.1%} | {below:.1%} | {auc(walls):.3f} |"
        f" {auc(worded):.3f} ({len(worded) / len(walls):.0%}) |"
    )


def drawn(*, misread: float = 0.0) -> Iterator[Scored]:
    """The texts of drawn test walls; `misread` is the share of letters that become look-alikes."""
    for seed in SEEDS:
        rng = np.random.default_rng([seed, 17])
        subject = subject_for(seed, rng)
        texts = [_misread(rng, line.text, misread) for line in subject.lines]
        yield scored(texts, is_drugs=subject.name not in PLAIN)


def listed(count: int = 2000) -> Iterator[Scored]:
    """Walls of two phrases of slang, or of shop signs, over an address."""
    rng = np.random.default_rng(17)
    for name, is_drugs in (("slang", True), ("signs", False)):
        text = resources.files("vision.lab.lines").joinpath("words", f"{name}.txt").read_text("utf-8")
        phrases = text.replace("\n", "|").split("|")
        for _ in range(count):
            two = [phrases[int(rng.integers(len(phrases)))] for _ in range(2)]
            yield scored([*two, ADDRESS + username(rng)], is_drugs=is_drugs)


def samples(folder: Path) -> Iterator[Scored]:
    """The committed photos as they are painted."""
    for record in _records(folder):
        yield scored((line["text"] for line in record["lines"]), is_drugs=record["subject"] not in PLAIN)


def samples_read(folder: Path) -> Iterator[Scored]:
    """The committed photos as our reader reads them."""
    from vision import ReaderOptions, build_reader  # noqa: PLC0415 - loads networks

    reader = build_reader(ReaderOptions())
    for record in _records(folder):
        reading = reader.read((folder / record["photo"]).read_bytes())
        yield scored((line.text for line in reading.lines), is_drugs=record["subject"] not in PLAIN)


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    for line in (folder / "truth.jsonl").read_text("utf-8").splitlines():
        yield json.loads(line)


def _misread(rng: Generator, text: str, share: float) -> str:
    return "".join(LATIN_OF.get(char.lower(), char) if rng.random() < share else char for char in text)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="vision.lab.context", description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=Path, default=Path("samples"))
    parser.add_argument("--read", action="store_true", help="read the samples too (a minute or two)")
    options = parser.parse_args()
    print("| walls | drugs / others | drugs above 0.5 | others above 0.5 | others below 0.5 | AUC | AUC, words known |")
    print("|---|---|---|---|---|---|---|")
    print(row("texts of drawn walls", list(drawn())))
    print(row("the same, a fifth of the letters look-alikes", list(drawn(misread=0.2))))
    print(row("slang and shop signs over an address", list(listed())))
    print(row("samples/ as painted", list(samples(options.samples))))
    if options.read:
        print(row("samples/ as read", list(samples_read(options.samples))))


if __name__ == "__main__":
    main()

"""What the recogniser takes for what: lines as read against the lines that were painted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from vision.addresses.scripts import to_latin
from vision.types import Line

LIKENESS = 75.0
"""Per cent; a line less like any painted one was not found, or is torn."""

LEAST_LENGTH = 6
LEAST_SEEN = 2
"""What was confused once may be chance."""

CALM = 20
"""Readings without confusion that every character is given beforehand."""

LEAST_SHARE, MOST_SHARE = 0.005, 0.1
MOST_RIVALS = 4


@dataclass(frozen=True)
class Confusions:
    """How often each character was read, and what was painted there when it was something else."""

    read: Counter[str] = field(default_factory=Counter)
    wrong: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, photos: Iterable[tuple[Mapping[str, Any], Sequence[Line]]]) -> Confusions:
        """Counted over photos: each one's record and its lines as read."""
        counts = cls()
        for record, lines in photos:
            painted = [to_latin(line["text"]) for line in record["lines"]]
            for line in lines:
                counts.add(to_latin(line.text), painted)
        return counts

    def add(self, read: str, painted: Sequence[str]) -> None:
        """Count one line as read against the painted line that is most like it, if any is."""
        if len(read) < LEAST_LENGTH or not painted:
            return
        truth = max(painted, key=lambda text: fuzz.ratio(text, read))
        if fuzz.ratio(truth, read) < LIKENESS:
            return
        for step in Levenshtein.opcodes(read, truth):
            seen = read[step.src_start : step.src_end]
            self.read.update(seen)
            if step.tag == "replace":
                self.wrong.update(zip(seen, truth[step.dest_start : step.dest_end], strict=False))

    def shares(self) -> Iterator[tuple[str, dict[str, float]]]:
        """By character that was read, what it was in truth and how often; letters and digits alone."""
        rivals: dict[str, list[tuple[float, str]]] = {}
        for (read, truth), times in self.wrong.items():
            share = min(MOST_SHARE, times / (self.read[read] + CALM))
            if times >= LEAST_SEEN and share >= LEAST_SHARE and _are_alike(read, truth):
                rivals.setdefault(read, []).append((share, truth))
        for read in sorted(rivals):
            ranked = sorted(rivals[read], key=lambda pair: (-pair[0], pair[1]))[:MOST_RIVALS]
            yield read, {truth: round(share, 4) for share, truth in ranked}

    def rows(self) -> list[str]:
        """The shares as lines of TOML."""
        return [
            f'"{read}" = {{ ' + ", ".join(f'"{truth}" = {share}' for truth, share in rivals.items()) + " }"
            for read, rivals in self.shares()
        ]


def _are_alike(one: str, other: str) -> bool:
    """Whether both are letters of one script, or digits: between scripts the rules' tables fold."""
    return one.isalnum() and other.isalnum() and (one.isdigit() or other.isdigit() or one.isascii() is other.isascii())

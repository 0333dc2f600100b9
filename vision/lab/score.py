"""How good a reader is: precision, recall and F1 of exact addresses, near misses, calibration, seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from rapidfuzz.distance import Levenshtein

from vision.types import Box, Finding, Kind

Key = tuple[Kind, str]


@dataclass(frozen=True)
class Case:
    """A labelled photo; `style` and `difficulty` are what the truth calls them, `record` is all of the truth."""

    name: str
    data: bytes
    truth: frozenset[Key]
    style: str
    difficulty: str
    record: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Found:
    """One address that a reader found.

    Attributes:
        alternatives: other values of the kind, the most probable first.
        box: in photo pixels; None for readers that know no places.
        coded: decoded from a code, not read from paint.
    """

    kind: Kind
    value: str
    confidence: float = 1.0
    accepted: bool = True
    alternatives: tuple[str, ...] = ()
    box: Box | None = None
    coded: bool = False

    @classmethod
    def of(cls, finding: Finding) -> Found:
        """What the board keeps of a finding of ours."""
        others = tuple(each.value for each in finding.alternatives)
        is_coded = finding.source != "ocr"
        return cls(finding.kind, finding.value, finding.confidence, finding.accepted, others, finding.box, is_coded)

    @property
    def key(self) -> Key:
        """What it is compared by."""
        return (self.kind, self.value)


@dataclass(frozen=True)
class Answer:
    """What a reader said of a case, and how long it took."""

    case: Case
    found: tuple[Found, ...]
    seconds: float
    lines: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Everything found and nothing else."""
        return {found.key for found in self.found} == self.case.truth


@dataclass
class Tally:
    """Counts over photos; `near` counts true addresses with a finding of their kind within one character."""

    right: int = 0
    found: int = 0
    true: int = 0
    near: int = 0

    @property
    def precision(self) -> float:
        """Share of what was found that is right; 1 when nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is there that was found; 1 when nothing is there."""
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0

    @property
    def within_one(self) -> float:
        """Share of what is there that was found with at most one character wrong."""
        return self.near / self.true if self.true else 1.0


@dataclass
class Board:
    """A reader's scores over a set of cases."""

    whole: Tally
    accepted: Tally
    painted: Tally
    by_kind: dict[str, Tally]
    by_style: dict[str, Tally]
    by_difficulty: dict[str, Tally]
    exact: tuple[str, ...]
    median_s: float
    calibration: list[Bin] = field(default_factory=list)


@dataclass(frozen=True)
class Bin:
    """Findings whose confidence lies in [low, high): how many, what they promised, what they held."""

    low: float
    high: float
    count: int
    mean_confidence: float
    right: float


def tally(answers: Iterable[Answer], keep: Callable[[Found | Key], bool] = lambda _: True) -> Tally:
    """Counts over the answers, of the findings and truths that are kept."""
    total = Tally()
    for answer in answers:
        truth = {key for key in answer.case.truth if keep(key)}
        found = {one.key for one in answer.found if keep(one)}
        total.right += len(truth & found)
        total.found += len(found)
        total.true += len(truth)
        total.near += sum(any(_near(key, other) for other in found) for key in truth)
    return total


def _near(key: Key, other: Key) -> bool:
    return key[0] == other[0] and Levenshtein.distance(key[1], other[1], score_cutoff=1) <= 1


def _of_kind(kind: Kind) -> Callable[[Found | Key], bool]:
    return lambda one: (one.kind if isinstance(one, Found) else one[0]) == kind


def board(answers: Sequence[Answer]) -> Board:
    """All scores of a reader."""
    kinds = [kind for kind in Kind if any(kind in {key[0] for key in answer.case.truth} for answer in answers)]
    return Board(
        whole=tally(answers),
        accepted=tally(answers, lambda one: not isinstance(one, Found) or one.accepted),
        painted=tally([answer for answer in answers if answer.case.style != "qr"]),
        by_kind={kind.value: tally(answers, _of_kind(kind)) for kind in kinds},
        by_style=_grouped(answers, lambda case: case.style),
        by_difficulty=_grouped(answers, lambda case: case.difficulty),
        exact=tuple(answer.case.name for answer in answers if answer.exact),
        median_s=median(answer.seconds for answer in answers),
        calibration=calibration(answers),
    )


def _grouped(answers: Sequence[Answer], name_of: Callable[[Case], str]) -> dict[str, Tally]:
    names = sorted({name_of(answer.case) for answer in answers})
    return {name: tally([answer for answer in answers if name_of(answer.case) == name]) for name in names}


def calibration(
    answers: Iterable[Answer], edges: Sequence[float] = (0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01)
) -> list[Bin]:
    """How often findings of a confidence are right, for every bin that holds any."""
    pairs = [(one.confidence, one.key in answer.case.truth) for answer in answers for one in answer.found]
    bins = []
    for low, high in pairwise(edges):
        inside = [(confidence, right) for confidence, right in pairs if low <= confidence < high]
        if inside:
            mean = sum(confidence for confidence, _ in inside) / len(inside)
            bins.append(Bin(low, high, len(inside), mean, sum(right for _, right in inside) / len(inside)))
    return bins

"""The figures of the board: what each entry found, how sure it was and how long it took; and the bars it is held to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vision.lab.board.contestants import OURS, PLAIN, STOCK
from vision.lab.board.race import Results
from vision.lab.calibrate import expected_error
from vision.lab.real import Score, was_read
from vision.lab.score import Answer, Case, Found, Key, Tally, tally
from vision.lab.watch import script_of
from vision.types import Kind

TOP = 3
DIFFICULTIES = ("easy", "medium", "hard")

Groups = dict[str, dict[str, Tally]]
"""By what, then the name of the group."""


@dataclass(frozen=True)
class Figures:
    """Everything that is said of one entry.

    Attributes:
        whole, accepted, painted: of all findings, of accepted ones, and of photos without a QR code.
        cyrillic_domains: of domains whose value has a Cyrillic letter.
        groups: all findings by kind, script of the value, style, wall and difficulty.
        top3: share of true addresses among the first three values of a finding of their kind.
        ece: expected calibration error of findings read from paint; None where confidences say nothing.
        false_alarms, empty: photos without an address that got an accepted finding, and all photos without one.
        lines: painted lines read, by script.
        real_lines: lines of the real pictures read, by script; empty where there were none.
        median_s, p95_s: seconds from the photo's bytes to its findings.
        peak_bytes: the most memory that its process held; 0 where the system does not tell.
    """

    whole: Tally
    accepted: Tally
    painted: Tally
    cyrillic_domains: Tally
    groups: Groups
    top3: float
    ece: float | None
    false_alarms: int
    empty: int
    lines: Mapping[str, Score]
    median_s: float
    p95_s: float
    peak_bytes: int = 0
    real_lines: Mapping[str, Score] = field(default_factory=dict)

    @property
    def false_alarms_per_100(self) -> float:
        """Of a hundred photos without an address, how many put one on the watchlist; 0 when there is no such photo."""
        return 100 * self.false_alarms / self.empty if self.empty else 0.0


def figures(answers: Sequence[Answer], *, peak_bytes: int = 0, real: Sequence[Answer] = ()) -> Figures:
    """The figures of one entry.

    Args:
        answers: one for each test photo; at least one.
        peak_bytes: of its process.
        real: its answers to real pictures.
    """
    seconds = [answer.seconds for answer in answers]
    empty = [answer for answer in answers if not answer.case.truth]
    return Figures(
        whole=tally(answers),
        accepted=tally(answers, is_accepted),
        painted=tally([answer for answer in answers if answer.case.style != "qr"]),
        cyrillic_domains=tally(answers, _is_cyrillic_domain),
        groups=grouped(answers),
        top3=top_share(answers),
        ece=calibration_error(answers),
        false_alarms=sum(any(found.accepted for found in answer.found) for answer in empty),
        empty=len(empty),
        lines=lines_read(answers),
        median_s=float(np.median(seconds)),
        p95_s=float(np.percentile(seconds, 95)),
        peak_bytes=peak_bytes,
        real_lines=lines_read(real),
    )


def all_figures(results: Results, real: Results | None) -> dict[str, Figures]:
    """The figures of every entry, in the order of the table."""
    return {
        entry: figures(
            answers,
            peak_bytes=results.peak_bytes.get(entry, 0),
            real=real.answers.get(entry, ()) if real else (),
        )
        for entry, answers in results.answers.items()
    }


def is_accepted(one: Found | Key) -> bool:
    """Truths, and findings that need no person."""
    return not isinstance(one, Found) or one.accepted


def _key(one: Found | Key) -> Key:
    return one.key if isinstance(one, Found) else one


def _is_cyrillic_domain(one: Found | Key) -> bool:
    kind, value = _key(one)
    return kind is Kind.DOMAIN and script_of(value) == "cyrillic"


def grouped(answers: Sequence[Answer]) -> Groups:
    """Tallies of the groups that hold any truth or photo, each by what it is grouped by."""
    truths = [key for answer in answers for key in answer.case.truth]
    kinds = [kind for kind in Kind if any(kind is each for each, _ in truths)]
    scripts = sorted({script_of(value) for _, value in truths})
    return {
        "kind": {kind.value: tally(answers, _where(kind, lambda key: key[0])) for kind in kinds},
        "script of the value": {name: tally(answers, _where(name, lambda key: script_of(key[1]))) for name in scripts},
        "style": _by_case(answers, lambda case: case.style),
        "wall": _by_case(answers, lambda case: str(case.record.get("wall", "unknown"))),
        "difficulty": _by_case(answers, lambda case: case.difficulty),
    }


def _where(name: str, of: Callable[[Key], str]) -> Callable[[Found | Key], bool]:
    return lambda one: of(_key(one)) == name


def _by_case(answers: Sequence[Answer], name_of: Callable[[Case], str]) -> dict[str, Tally]:
    names = {name_of(answer.case) for answer in answers}
    ordered = [name for name in DIFFICULTIES if name in names] + sorted(names - {*DIFFICULTIES})
    return {name: tally([answer for answer in answers if name_of(answer.case) == name]) for name in ordered}


def top_share(answers: Sequence[Answer]) -> float:
    """How many of the true addresses are among the first three values of a finding of their kind; 1 without any."""
    truths = [(answer, key) for answer in answers for key in answer.case.truth]
    hits = sum(any(_offers(found, key) for found in answer.found) for answer, key in truths)
    return hits / len(truths) if truths else 1.0


def _offers(found: Found, key: Key) -> bool:
    return found.kind == key[0] and key[1] in (found.value, *found.alternatives)[:TOP]


def sureness(answers: Sequence[Answer]) -> list[tuple[float, bool]]:
    """Confidence and whether it is right, of every finding that was read from paint."""
    return [
        (one.confidence, one.key in answer.case.truth) for answer in answers for one in answer.found if not one.coded
    ]


def calibration_error(answers: Sequence[Answer]) -> float | None:
    """The expected calibration error of findings read from paint; None when all are called certain or there is none."""
    pairs = sureness(answers)
    if all(confidence >= 1 for confidence, _ in pairs):
        return None
    return expected_error(np.array([one for one, _ in pairs]), np.array([right for _, right in pairs], np.float64))


def lines_read(answers: Sequence[Answer]) -> dict[str, Score]:
    """How many of the painted lines were read, by script; up to look-alikes and 15 % of a line's characters."""
    scores: dict[str, Score] = {}
    for answer in answers:
        for line in answer.case.record.get("lines", ()):
            score = scores.setdefault(script_of(line["text"]), Score())
            score.lines += 1
            score.read += was_read(line["text"], answer.lines)
    return dict(sorted(scores.items()))


def thresholds(answers: Sequence[Answer], steps: int = 101) -> list[tuple[float, float, float]]:
    """Confidence, precision and recall of the findings that reach it, for confidences from 0 to 1."""
    rows = []
    for least in np.linspace(0, 1, steps):
        score = tally(answers, _reaching(float(least)))
        if score.found:
            rows.append((float(least), score.precision, score.recall))
    return rows


def _reaching(least: float) -> Callable[[Found | Key], bool]:
    return lambda one: not isinstance(one, Found) or one.confidence >= least


@dataclass(frozen=True)
class Bar:
    """Something the reader is held to; `reached` None where it was not measured in this run."""

    what: str
    wanted: float
    reached: float | None
    at_most: bool = False

    @property
    def is_met(self) -> bool | None:
        """Whether it is reached; None when that is not known. Nothing is rounded in our favour."""
        if self.reached is None:
            return None
        return self.reached <= self.wanted if self.at_most else self.reached >= self.wanted


def bars(entries: Mapping[str, Figures], call_s: Sequence[float]) -> list[Bar]:
    """The bars of the board with what our reader reached.

    Args:
        entries: figures by entry; our reader's must be there.
        call_s: seconds of RapidOCR's default call on each photo; may be empty.
    """
    ours, plain, stock = entries[OURS], entries.get(PLAIN), entries.get(STOCK)
    call = float(np.median(call_s)) if call_s else None
    f1 = ours.accepted.f1
    return [
        Bar("F1 of exact addresses, accepted findings", 0.90, f1),
        Bar("the same above RapidOCR + expressions", 0.25, f1 - plain.whole.f1 if plain else None),
        Bar("precision of accepted findings", 0.97, ours.accepted.precision),
        Bar("true value among the first three", 0.96, ours.top3),
        Bar("F1 of Cyrillic domains", 0.85, ours.cyrillic_domains.f1 if ours.cyrillic_domains.true else None),
        Bar("median time / RapidOCR's call", 0.5, ours.median_s / call if call else None, at_most=True),
        Bar("95th percentile / median time", 1.5, ours.p95_s / ours.median_s, at_most=True),
        Bar("real Cyrillic lines read", 0.75, _share(ours, "cyrillic")),
        Bar("real Latin lines read, beside the stock network", _share(stock, "latin") or 0.0, _share(ours, "latin"))
        if stock
        else Bar("real Latin lines read, beside the stock network", 0.0, None),
    ]


def _share(entry: Figures | None, script: str) -> float | None:
    score = entry.real_lines.get(script) if entry else None
    return score.read / score.lines if score and score.lines else None

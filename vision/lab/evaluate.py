"""`python -m vision.lab.evaluate`: the board. Our reader beside RapidOCR and plain expressions, on the same photos."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vision.engines import ReaderOptions
from vision.errors import EngineError
from vision.lab import causes
from vision.lab.baseline import Baseline, found_in
from vision.lab.score import Answer, Board, Case, Found, Tally, board
from vision.lab.synth.__main__ import drawn_samples
from vision.lab.synth.fonts import FontsMissing, find_faces
from vision.lab.synth.truth import TRUTH_FILE, Sample, seeds_for, split_of
from vision.pipeline import Reader, build_reader
from vision.types import Kind

EXACT_FILE = "exact.txt"
ReadCase = Callable[[Case], Answer]


def load_cases(folder: Path, *, split: str | None = None, limit: int | None = None) -> list[Case]:
    """The labelled photos of a folder, in the order of its truth.

    Raises:
        FileNotFoundError: the folder has no truth, or a photo that the truth names is not there.
    """
    records = [json.loads(line) for line in (folder / TRUTH_FILE).read_text("utf-8").splitlines() if line]
    kept = [record for record in records if split in (None, record["split"])]
    return [case_of(record, (folder / record["photo"]).read_bytes()) for record in kept[:limit]]


def draw_cases(count: int, seed: int, fonts: Path | None) -> list[Case]:
    """Photos that no folder holds, drawn now."""
    samples: Iterator[Sample] = drawn_samples(seeds_for(split_of(seed), count, seed), find_faces(fonts))
    return [case_of(sample.record, sample.data) for sample in samples]


def case_of(record: Mapping[str, Any], data: bytes) -> Case:
    """A labelled photo from its truth and its bytes."""
    truth = frozenset((Kind(address["kind"]), str(address["value"])) for address in record["addresses"])
    return Case(str(record["photo"]), data, truth, str(record["style"]), str(record["difficulty"]), record)


def read_with(reader: Reader) -> ReadCase:
    """Our reader as something that answers cases."""

    def read(case: Case) -> Answer:
        start = time.perf_counter()
        reading = reader.read(case.data)
        seconds = time.perf_counter() - start
        found = tuple(Found.of(finding) for finding in reading.findings)
        return Answer(case, found, seconds, tuple(line.text for line in reading.lines))

    return read


def read_plainly(baseline: Baseline) -> ReadCase:
    """The baseline as something that answers cases; the seconds hold RapidOCR's call on the open photo alone."""

    def read(case: Case) -> Answer:
        start = time.perf_counter()
        lines = baseline.lines(case.data)
        seconds = time.perf_counter() - start
        found = tuple(Found(kind, value) for kind, value in sorted(found_in(lines)))
        return Answer(case, found, seconds, lines)

    return read


def compare(cases: Sequence[Case], readers: Sequence[ReadCase]) -> list[list[Answer]]:
    """Every reader's answers; who goes first changes from photo to photo, after one unmeasured photo each."""
    answers: list[list[Answer]] = [[] for _ in readers]
    for read in readers:
        read(cases[0])
    for index, case in enumerate(cases):
        order = list(range(len(readers)))
        for which in order[index % len(order) :] + order[: index % len(order)]:
            answers[which].append(readers[which](case))
    return answers


def table(names: Sequence[str], boards: Sequence[Board]) -> str:
    """The board as text."""
    rows = [f"{'':24}" + "".join(f"{name:>34}" for name in names)]
    rows.append(f"{'':24}" + "   precision recall    F1 within 1" * len(names))
    rows.append(_row("all", [one.whole for one in boards]))
    rows.append(_row("accepted only", [one.accepted for one in boards]))
    rows.append(_row("without QR codes", [one.painted for one in boards]))
    for title, pick in (("kind", "by_kind"), ("style", "by_style"), ("difficulty", "by_difficulty")):
        groups = [getattr(one, pick) for one in boards]
        rows.extend(_row(f"{title} {name}", [group[name] for group in groups]) for name in groups[0])
    rows.append(f"{'photos read exactly':24}" + "".join(f"{len(one.exact):>34}" for one in boards))
    rows.append(f"{'seconds, median':24}" + "".join(f"{one.median_s:>34.3f}" for one in boards))
    return "\n".join(rows)


def _row(title: str, tallies: Sequence[Tally]) -> str:
    cells = (f"{t.precision:>11.2f}{t.recall:>7.2f}{t.f1:>7.2f}{t.within_one:>9.2f}" for t in tallies)
    return f"{title + f' ({tallies[0].true})':24}" + "".join(cells)


def calibration_table(one: Board) -> str:
    """Confidence against truth, a line a bin."""
    rows = ["confidence      findings   mean   right"]
    rows += [
        f"{b.low:.2f} to {min(b.high, 1):.2f} {b.count:>10} {b.mean_confidence:>7.2f} {b.right:>6.2f}"
        for b in one.calibration
    ]
    return "\n".join(rows)


def misses(answers: Sequence[Answer]) -> Iterator[str]:
    """A line for every photo that was not read exactly: truth, findings, lines as read."""
    for answer in answers:
        if not answer.exact:
            wanted = ", ".join(value for _, value in sorted(answer.case.truth)) or "nothing"
            got = ", ".join(f"{one.value} {one.confidence:.2f}" for one in answer.found) or "nothing"
            yield f"{answer.case.name} [{answer.case.style} {answer.case.difficulty}] {wanted} <- {got} {answer.lines}"


def accept(folder: Path, exact: Sequence[str]) -> list[str]:
    """Writes newly exact samples to exact.txt, keeps those written before, and answers with the new ones."""
    path = folder / EXACT_FILE
    known = path.read_text("utf-8").split() if path.exists() else []
    gained = sorted(set(exact) - set(known))
    path.write_text("".join(f"{name}\n" for name in sorted({*known, *gained})), "utf-8")
    return gained


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vision.lab.evaluate", description="Score the reader on labelled photos.")
    parser.add_argument("--samples", type=Path, default=Path("samples"), help="folder with truth.jsonl")
    parser.add_argument("--split", choices=("val", "test"), help="only the samples of this set")
    parser.add_argument("--limit", type=int, help="only the first N samples")
    parser.add_argument("--drawn", type=int, metavar="N", help="score on N photos drawn now instead")
    parser.add_argument("--seed", type=int, default=2_100, help="first seed of --drawn")
    parser.add_argument("--fonts", type=Path, help="folder of fonts for --drawn (default: the system's)")
    parser.add_argument("--accept", action="store_true", help=f"write the samples read exactly to {EXACT_FILE}")
    parser.add_argument("--recogniser", help="another engine that reads the lines, by name")
    parser.add_argument("--misses", action="store_true", help="list what was not read exactly")
    parser.add_argument("--causes", action="store_true", help="only say why addresses are missed")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the board there as well")
    return parser


def main() -> int:
    """Scores, prints, and writes what was asked for; 0 when done."""
    options = _arguments().parse_args()
    try:
        if options.drawn:
            cases = draw_cases(options.drawn, options.seed, options.fonts)
        else:
            cases = load_cases(options.samples, split=options.split, limit=options.limit)
        reader = build_reader(ReaderOptions(recogniser=options.recogniser))
    except (FontsMissing, FileNotFoundError, ValueError, EngineError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    if not cases:
        print("There is no photo to score.", file=sys.stderr)
        return 2
    if options.accept:
        answers = [read_with(reader)(case) for case in cases]
        gained = accept(options.samples, [answer.case.name for answer in answers if answer.exact])
        print("\n".join((f"{len(gained)} gained", *gained)))
        return 0
    if options.causes:
        print(causes.table(causes.causes((case.record, reader.read(case.data)) for case in cases)))
        return 0
    _show(cases, reader, options)
    return 0


def _show(cases: Sequence[Case], reader: Reader, options: argparse.Namespace) -> None:
    ours, plain = compare(cases, [read_with(reader), read_plainly(Baseline())])
    names, boards = ("embedded", "rapidocr + expressions"), [board(ours), board(plain)]
    print(f"{len(cases)} photos, {sum(not case.truth for case in cases)} of them without an address\n")
    print(table(names, boards))
    print(
        f"\nF1 {boards[0].whole.f1 - boards[1].whole.f1:+.2f}, time x {boards[0].median_s / boards[1].median_s:.2f}\n"
    )
    print(calibration_table(boards[0]))
    if options.misses:
        print("\n" + "\n".join(misses(ours)))
    if options.json:
        content = {name: dataclasses.asdict(one) for name, one in zip(names, boards, strict=True)}
        options.json.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())

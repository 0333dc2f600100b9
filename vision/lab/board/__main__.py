"""`python -m vision.lab.board`: draws the test photos, lets everybody read them, writes docs/board.md."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from vision.lab.board import kept, machine, misses, plots, split
from vision.lab.board.contestants import OURS, PLACES
from vision.lab.board.figures import all_figures, bars
from vision.lab.board.page import PICTURES, Run, page
from vision.lab.board.race import Race, Results
from vision.lab.evaluate import case_of
from vision.lab.real import labelled
from vision.lab.score import Case
from vision.lab.synth.fonts import FontsMissing, find_faces

ANSWERS_FILE = "answers.json"
SPOKEN_EVERY_S = 10.0


def drawn_cases(folder: Path, fonts: Path | None, count: int | None) -> tuple[list[Case], split.Checked]:
    """The first photos of the test split, and how they compare with what was written down."""
    written = split.load()
    seeds = written.seeds[:count]
    drawn = split.draw_into(folder, written, seeds, find_faces(fonts), progress("photos drawn"))
    return [case_of(one.record, one.data) for one in drawn], split.check(written, drawn)


def real_cases(folders: Sequence[Path]) -> dict[str, list[Case]]:
    """The labelled real pictures of each folder that is there; a note for each that is not."""
    found = {}
    for folder in folders:
        if not (folder / "labels.csv").is_file():
            print(f"{folder} has no labels.csv: left out.", file=sys.stderr)
            continue
        found[folder.name] = [
            Case(one.name, (folder / one.name).read_bytes(), frozenset(), "", "", _lines(one.lines))
            for one in labelled(folder)
        ]
    return found


def _lines(texts: Sequence[str]) -> dict[str, object]:
    return {"lines": [{"text": text} for text in texts]}


def progress(what: str) -> Callable[[int, int], None]:
    """Something that tells how far it is, every ten seconds and at the end, and about how long it still takes."""
    start = spoken = time.monotonic()

    def tell(done: int, total: int) -> None:
        nonlocal spoken
        now = time.monotonic()
        if now - spoken >= SPOKEN_EVERY_S or done == total:
            spoken = now
            left = (now - start) / done * (total - done)
            print(f"{done} of {total} {what}, about {left / 60:.1f} minutes left", flush=True)

    return tell


def race(
    names: Sequence[str], cases: Sequence[Case], real: Sequence[Case], keep: Callable[[dict[str, Results]], None]
) -> dict[str, Results]:
    """What everybody says of the drawn photos, and of the real ones if there are any; kept after each of the two."""
    print(f"Starting {', '.join(names)}", flush=True)
    with Race(names) as running:
        for name, reason in running.absent.items():
            print(f"{name} is left out: {reason}", file=sys.stderr)
        results = {"drawn": running.run(cases, progress("photos read"))}
        keep(results)
        if real:
            results["real"] = running.run(real, progress("real pictures read"))
        results["drawn"].absent = dict(running.absent)
        keep(results)
    return results


def write(folder: Path, races: dict[str, Results], run: Callable[..., Run]) -> None:
    """The page and its pictures."""
    pictures = folder / PICTURES
    pictures.mkdir(parents=True, exist_ok=True)
    drawn = races["drawn"]
    entries = all_figures(drawn, races.get("real"))
    found = misses.worst(drawn.answers[OURS])
    made = run(
        results=drawn,
        entries=entries,
        bars=bars(entries, drawn.call_s),
        plots=plots.draw_all(pictures, entries, drawn.answers),
        misses=dict(zip(misses.draw_all(pictures, found), found, strict=True)),
    )
    (folder / "board.md").write_text(page(made), "utf-8")


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vision.lab.board", description="Race all readers over the test photos.")
    parser.add_argument("--fonts", type=Path, help="folder of the fonts that fonts/package.json pins")
    parser.add_argument("--cache", type=Path, default=Path("build/board"), help="folder for drawn photos and answers")
    parser.add_argument("--photos", type=int, metavar="N", help="only the first N test photos; written to the cache")
    parser.add_argument("--real", type=Path, nargs="*", default=[], metavar="FOLDER", help="pictures with labels.csv")
    parser.add_argument("--only", nargs="+", choices=list(PLACES), default=list(PLACES), help="contestants")
    parser.add_argument("--out", type=Path, help="folder for board.md (default: docs; with --photos the cache)")
    parser.add_argument("--again", action="store_true", help="make the page again from the answers of the last run")
    return parser


def main() -> int:
    """Runs the board and writes its page; 0 when done."""
    options = _arguments().parse_args()
    names = list(dict.fromkeys([OURS, *options.only]))  # everything on the page stands beside our reader
    out = options.out or (Path("docs") if options.photos is None else options.cache)
    answers = options.cache / ANSWERS_FILE
    try:
        cases, checked = drawn_cases(options.cache / "photos", options.fonts, options.photos)
        real = real_cases(options.real)
        pictures = [case for each in real.values() for case in each]
        if options.again:
            races, facts = kept.load(answers, {"drawn": cases, "real": pictures})
        else:
            facts = {"machine": machine.described(), "version": machine.versions(), "run": _this_run()}
            races = race(names, cases, pictures, partial(kept.save, answers, facts=facts))
    except (FontsMissing, OSError, ValueError) as refusal:
        print(refusal, file=sys.stderr)
        return 2
    if OURS not in races["drawn"].answers:
        print(f"Our own reader did not run: {races['drawn'].absent[OURS]}", file=sys.stderr)
        return 1
    if not checked.same:
        print("The photos are not all those written down; the page says which.", file=sys.stderr)
    seeds = (cases[0].record["seed"], cases[-1].record["seed"])
    about, counts = facts.pop("run"), {name: len(each) for name, each in real.items() if "real" in races}
    write(out, races, partial(Run, about["date"], about["command"], facts, seeds, checked, real=counts))
    print(f"Written: {out / 'board.md'}")
    return 0


def _this_run() -> dict[str, str]:
    """The date and the command; folders by their last names, which is all that a reader of the page can use."""
    words = [Path(word).name if word.startswith("/") else word for word in sys.argv[1:]]
    command = shlex.join(("python", "-m", "vision.lab.board", *words))
    return {"date": time.strftime("%Y-%m-%d"), "command": command}


if __name__ == "__main__":
    sys.exit(main())

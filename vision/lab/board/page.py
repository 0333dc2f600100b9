"""docs/board.md: every word and figure of it comes from one run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from vision.lab.board.contestants import CALL, OURS, PLAIN, entries_of
from vision.lab.board.figures import Bar, Figures
from vision.lab.board.misses import Miss, painted, read
from vision.lab.board.race import Results
from vision.lab.board.split import Checked
from vision.lab.real import Score
from vision.lab.score import Tally

PICTURES = "pictures/board"
FEWEST_NAMES = 12
MIB = 2**20

HEAD = """Made by `{command}` on {date}, one run on one machine; not written by hand. How the project scores is in
    [accuracy.md](accuracy.md), what the photos are below."""
ENTRIES = """{true} addresses in {photos} photos, {empty} of them without one. *Within 1*: found with at most one
    character wrong. *First 3*: the true value is the value or one of the first two alternatives. *ECE*: expected
    calibration error of findings read from paint; – where every finding is called certain. *False alarms*: of a
    hundred photos without an address, those with an accepted finding. Seconds run from the photo's bytes to its
    findings."""
TIMES = """*× call*: the median beside that of {name} on the open photo alone, {call:.3f} s in this run; nothing of
    ours and no opening of the file is in it."""
MEMORY = """*MiB*: the most that the entry's process and its helpers held; the two entries of RapidOCR, and of
    Tesseract, share one. {before:.0f} MiB are there before it knows which entry it is."""
GROUPS = """Precision, recall and F1 of all findings of our reader and of RapidOCR with expressions; F1 of the others.
    In brackets: addresses."""
LINES = """Painted lines of the drawn photos that were read, whatever they say: at most 15 % of a line's characters
    wrong, look-alikes and case counted equal."""
NO_REAL = """No folder of real pictures was given (`make board REAL=FOLDER…`), so the bars that need them are not
    measured."""
REAL = """Photographed signs and walls whose lines are known: {what}. None of them is in this repository. Each picture
    was read whole, by the same processes. Lines read, counted as above:"""
MISSES = """Of our reader: accepted findings that are wrong, then wrong ones it was sure of, then addresses missed on
    easy walls. Blue: where an address is painted. Green: accepted. Amber: waits for a person."""
PHOTOS = """{photos} photos, test seeds {first} to {last}, drawn by `vision/lab/synth` in the fonts that
    `vision/lab/board/fonts` pins. Their SHA-256 and that of each photo's truth stand in
    `vision/lab/board/split.csv`."""
MACHINE = """Each contestant runs in a process of its own; they read one photo at a time, no two at once, another one
    first at each photo, after one photo that is not measured. Absolute times are this machine's; the ratios carry
    over."""


@dataclass(frozen=True)
class Run:
    """What a page is made of.

    Attributes:
        date: of the run, ISO.
        command: that made it.
        facts: about the machine and the versions, each a table by title.
        seeds: first and last of the photos.
        checked: how the photos compare with those written down.
        results: of the race over them.
        real: names of folders with real pictures to the number of pictures; empty when there was none.
        plots: file name to what it shows.
        misses: file name of the picture to the miss.
    """

    date: str
    command: str
    facts: Mapping[str, Mapping[str, str]]
    seeds: tuple[int, int]
    checked: Checked
    results: Results
    entries: Mapping[str, Figures]
    bars: Sequence[Bar]
    plots: Mapping[str, str]
    misses: Mapping[str, Miss]
    real: Mapping[str, int] = field(default_factory=dict)


def page(run: Run) -> str:
    """The page as Markdown."""
    parts = (
        f"# The board\n\n{_words(HEAD, command=run.command, date=run.date)}",
        _section("Bars", _bars(run)),
        _section("Entries", _entries(run)),
        _section("Who is who", _legend(run)),
        _section(
            "Plots", "\n\n".join(f"![{title}]({PICTURES}/{name})\n\n{title}." for name, title in run.plots.items())
        ),
        _section("By kind, script, style, wall and difficulty", _groups(run)),
        _section("Lines", _lines(run)),
        _section("Real pictures", _real(run)),
        _section("The worst misses", _misses(run)),
        _section("The photos", _photos(run)),
        _section("The machine", _machine(run)),
    )
    return "\n\n".join(parts) + "\n"


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}"


def _words(text: str, **facts: object) -> str:
    return " ".join(text.format(**facts).split())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; its first column holds words, the others figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _bars(run: Run) -> str:
    words = {True: "yes", False: "**no**", None: "not measured"}
    rows = [
        (
            bar.what,
            f"{'≤' if bar.at_most else '≥'} {bar.wanted:.2f}",
            "–" if bar.reached is None else f"{bar.reached:.3f}",
            words[bar.is_met],
        )
        for bar in run.bars
    ]
    return table(("bar", "wanted", "reached", "met"), rows)


def _entries(run: Run) -> str:
    head = (
        "entry", "precision", "recall", "F1", "accepted: precision", "recall", "F1", "within 1", "first 3", "ECE",
        "false alarms", "median s", "95 % s", "× call", "MiB",
    )  # fmt: skip
    call = float(np.median(run.results.call_s)) if run.results.call_s else None
    rows = [_entry_row(name, each, call) for name, each in run.entries.items()]
    ours = run.entries[OURS]
    notes = [_words(ENTRIES, true=ours.whole.true, photos=run.checked.photos, empty=ours.empty)]
    if call is not None:
        notes.append(_words(TIMES, name=CALL, call=call))
    notes.append(_words(MEMORY, before=run.results.before_bytes / MIB))
    notes += [f"Left out: **{name}**: {reason}" for name, reason in run.results.absent.items()]
    return "\n\n".join((table(head, rows), *notes))


def _entry_row(name: str, each: Figures, call: float | None) -> tuple[str, ...]:
    return (
        f"**{name}**" if name == OURS else name,
        *_three(each.whole),
        *_three(each.accepted),
        f"{each.whole.within_one:.2f}",
        f"{each.top3:.3f}",
        "–" if each.ece is None else f"{each.ece:.3f}",
        f"{each.false_alarms_per_100:.0f}",
        f"{each.median_s:.3f}",
        f"{each.p95_s:.3f}",
        "–" if call is None else f"{each.median_s / call:.2f}",
        f"{each.peak_bytes / MIB:.0f}" if each.peak_bytes else "–",
    )


def _three(score: Tally) -> tuple[str, str, str]:
    return f"{score.precision:.3f}", f"{score.recall:.3f}", f"{score.f1:.3f}"


def _legend(run: Run) -> str:
    known = entries_of(run.results.about)
    lines = [f"- **{entry}**: {line}." for entry, line in known.items() if entry in run.entries]
    about = table(
        ("contestant", "versions and weights"), [(name, f"`{text}`") for name, text in run.results.about.items()]
    )
    return "\n".join(lines) + "\n\n" + about.replace("---:", "---")


def _groups(run: Run) -> str:
    ours, plain = run.entries[OURS], run.entries.get(PLAIN)
    others = {name: each for name, each in run.entries.items() if name not in (OURS, PLAIN)}
    full = {OURS: ours, **({PLAIN: plain} if plain else {})}
    parts = [_words(GROUPS), _group_table("photos", {"without QR codes": None}, full, others)]
    for title, groups in ours.groups.items():
        parts.append(_group_table(title, dict.fromkeys(groups, title), full, others))
    return "\n\n".join(parts)


def _group_table(
    title: str, names: Mapping[str, str | None], full: Mapping[str, Figures], others: Mapping[str, Figures]
) -> str:
    def score(each: Figures, name: str, by: str | None) -> Tally:
        return each.painted if by is None else each.groups[by].get(name, Tally())

    head = [title, *(f"{entry} {what}" for entry in full for what in ("P", "R", "F1")), *others]
    rows = []
    for name, by in names.items():
        cells = [cell for each in full.values() for cell in _two_digits(score(each, name, by))]
        true = score(next(iter(full.values())), name, by).true
        rows.append([f"{name} ({true})", *cells, *(f"{score(each, name, by).f1:.2f}" for each in others.values())])
    return table(head, rows)


def _two_digits(score: Tally) -> tuple[str, str, str]:
    return f"{score.precision:.2f}", f"{score.recall:.2f}", f"{score.f1:.2f}"


def _lines(run: Run) -> str:
    return f"{_words(LINES)}\n\n{_line_table({name: each.lines for name, each in run.entries.items()})}"


def _real(run: Run) -> str:
    if not run.real:
        return _words(NO_REAL)
    what = ", ".join(f"{name} ({count})" for name, count in run.real.items())
    return f"{_words(REAL, what=what)}\n\n{_line_table({name: each.real_lines for name, each in run.entries.items()})}"


def _line_table(scores: Mapping[str, Mapping[str, Score]]) -> str:
    """Lines read by script; entries with the same lines stand in one row."""
    scripts = sorted({script for each in scores.values() for script in each})
    rows: dict[str, tuple[str, ...]] = {}
    for name, each in scores.items():
        rows[name.partition(" + ")[0] if _is_other(name) else name] = tuple(str(each.get(s, "–")) for s in scripts)
    return table(("entry", *scripts), [(name, *cells) for name, cells in rows.items()])


def _is_other(name: str) -> bool:
    return name.startswith(("rapidocr", "tesseract"))


def _misses(run: Run) -> str:
    if not run.misses:
        return "There was none."
    parts = [_words(MISSES)]
    for number, (name, miss) in enumerate(run.misses.items(), start=1):
        case = miss.answer.case
        facts = ", ".join((case.style, str(case.record.get("wall", "")), case.difficulty))
        said = f"painted `{painted(miss.answer)}`, read `{read(miss.answer)}`"
        caption = f"{number}. **{miss.why}** — {case.name} ({facts}): {said}"
        parts.append(f"![{miss.why}: {case.name}]({PICTURES}/{name})\n\n{caption}")
    return "\n\n".join(parts)


def _photos(run: Run) -> str:
    checked = run.checked
    text = _words(PHOTOS, photos=checked.photos, first=run.seeds[0], last=run.seeds[1])
    if checked.same:
        return f"{text} All photos of this run are the ones written down there."
    parts = [text, "**The photos of this run are not all the ones written down:**"]
    if checked.truth_differs:
        parts.append(f"- other truth in {_named(checked.truth_differs)}: these figures do not compare with other runs;")
    if checked.bytes_differ:
        parts.append(f"- same truth, other bytes in {_named(checked.bytes_differ)};")
    parts += [f"- {name} is {change}." for name, change in checked.versions_differ.items()]
    return "\n".join((parts[0], "", parts[1], "", *parts[2:]))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - FEWEST_NAMES} more" if len(names) > FEWEST_NAMES else ""
    return f"{len(names)} photos ({', '.join(names[:FEWEST_NAMES])}{more})"


def _machine(run: Run) -> str:
    tables = [table((title, ""), facts.items()).replace("---:", "---") for title, facts in run.facts.items()]
    return "\n\n".join((_words(MACHINE), *tables))

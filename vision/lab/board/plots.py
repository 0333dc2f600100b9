"""The board's plots, as small PNG files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter

from vision.lab.board.contestants import OURS, PLAIN
from vision.lab.board.figures import Figures, sureness, thresholds
from vision.lab.calibrate import BINS
from vision.lab.score import Answer

BLUE, ORANGE, GREEN, GREY, PURPLE = "#0072b2", "#d55e00", "#009e73", "#8a8a8a", "#cc79a7"
"""Told apart by people who see colours differently (Okabe and Ito), and by their lightness on paper."""

DPI = 100
Answers = Mapping[str, Sequence[Answer]]


def draw_all(folder: Path, entries: Mapping[str, Figures], answers: Answers) -> dict[str, str]:
    """Draws every plot into the folder; file name to what it shows."""
    mpl.rcParams.update({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False})
    plots = {
        "f1.png": (f1_by_entry(entries), "F1 of exact addresses by entry: all findings, and accepted ones alone"),
        "threshold.png": (
            by_threshold(answers[OURS]),
            "Precision and recall of our reader's findings from a confidence up",
        ),
        "reliability.png": (reliability(answers[OURS]), "Confidence beside truth, findings read from paint"),
        "time.png": (time_and_f1(entries), "Median seconds a photo beside F1"),
        "difficulty.png": (by_difficulty(entries), "F1 by difficulty of the wall"),
    }
    for name, (figure, _) in plots.items():
        figure.savefig(folder / name, dpi=DPI, metadata={"Software": None})
    return {name: title for name, (_, title) in plots.items()}


def _figure(width: float, height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")  # of its own, with no window and no shared state
    return figure, figure.add_subplot()


def f1_by_entry(entries: Mapping[str, Figures]) -> Figure:
    """A bar for all findings and one for accepted ones, for each entry."""
    figure, axes = _figure(6.4, 0.5 * len(entries) + 1)
    rows = np.arange(len(entries))
    for shift, title, colour, values in (
        (-0.2, "all findings", GREY, [each.whole.f1 for each in entries.values()]),
        (0.2, "accepted", BLUE, [each.accepted.f1 for each in entries.values()]),
    ):
        drawn = axes.barh(rows + shift, values, 0.38, label=title, color=colour)
        axes.bar_label(drawn, fmt="%.2f", padding=2, fontsize=8)
    axes.set_yticks(rows, list(entries))
    axes.invert_yaxis()
    axes.set_xlim(0, 1.08)
    axes.set_xlabel("F1")
    figure.legend(loc="outside upper right", ncols=2, frameon=False)
    return figure


def by_threshold(answers: Sequence[Answer]) -> Figure:
    """Precision and recall over the confidence that a finding must reach."""
    figure, axes = _figure(5.2, 3.4)
    rows = np.array(thresholds(answers)).reshape(-1, 3)
    axes.plot(rows[:, 0], rows[:, 1], color=BLUE, label="precision")
    axes.plot(rows[:, 0], rows[:, 2], color=ORANGE, linestyle="--", label="recall")
    _unit_square(axes)
    axes.set_xlabel("confidence at least")
    axes.legend(loc="lower left", frameon=False)
    return figure


def reliability(answers: Sequence[Answer]) -> Figure:
    """How often findings of a confidence are right, over ten bins with the number of findings in each."""
    figure, axes = _figure(4.4, 4.0)
    axes.plot((0, 1), (0, 1), color=GREY, linewidth=1, linestyle=":")
    pairs = np.array(sureness(answers), np.float64).reshape(-1, 2)
    bins = np.minimum((pairs[:, 0] * BINS).astype(int), BINS - 1)
    for number in np.unique(bins):
        inside = pairs[bins == number]
        promised, held = inside.mean(axis=0)
        axes.bar((number + 0.5) / BINS, held, 0.9 / BINS, color=BLUE, alpha=0.35)
        axes.plot(promised, held, "o", color=BLUE, markersize=4)
        axes.annotate(str(len(inside)), ((number + 0.5) / BINS, 0.015), ha="center", fontsize=7)
    _unit_square(axes)
    axes.set_xlabel("confidence (findings in the bin at its foot)")
    axes.set_ylabel("share that is right")
    return figure


def time_and_f1(entries: Mapping[str, Figures]) -> Figure:
    """A point for each entry; up and to the left is better."""
    figure, axes = _figure(6.4, 4.2)
    for entry, each in entries.items():
        colour = GREEN if entry == OURS else ORANGE if _is_other(entry) else GREY
        axes.plot(each.median_s, each.whole.f1, "o", color=colour)
    _name_points(axes, [(entry, each.median_s, each.whole.f1) for entry, each in entries.items()])
    axes.set_xscale("log")
    for axis_format in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        axis_format(FormatStrFormatter("%g"))
    seconds = [each.median_s for each in entries.values()]
    axes.set_xlim(min(seconds) / 1.6, max(seconds) * 3.2)
    axes.set_ylim(-0.04, 1.04)
    axes.set_xlabel("median seconds a photo (logarithmic)")
    axes.set_ylabel("F1, all findings")
    return figure


def _name_points(axes: Axes, points: Iterable[tuple[str, float, float]]) -> None:
    """Names beside their points, moved down as far as it takes not to lie on each other."""
    lowest = 2.0
    for entry, x, y in sorted(points, key=lambda point: (-point[2], -point[1])):
        lowest = min(y, lowest - 0.045)
        axes.annotate(
            entry,
            (x, y),
            (x * 1.12, lowest),
            va="center",
            fontsize=8,
            arrowprops={"arrowstyle": "-", "color": GREY, "linewidth": 0.5, "shrinkB": 3},
        )


def by_difficulty(entries: Mapping[str, Figures]) -> Figure:
    """Bars for some entries, side by side, for each difficulty."""
    shown = [
        entry
        for entry in (OURS, "no grammar", "no fine-tuning", "rapidocr + our extraction", PLAIN)
        if entry in entries
    ]
    figure, axes = _figure(6.4, 3.4)
    names = list(entries[OURS].groups["difficulty"])
    wide = 0.84 / len(shown)
    for number, (entry, colour) in enumerate(zip(shown, (BLUE, GREEN, PURPLE, ORANGE, GREY), strict=False)):
        values = [entries[entry].groups["difficulty"][name].f1 for name in names]
        axes.bar(
            np.arange(len(names)) + (number - (len(shown) - 1) / 2) * wide, values, wide, color=colour, label=entry
        )
    axes.set_xticks(np.arange(len(names)), names)
    axes.set_ylim(0, 1)
    axes.set_ylabel("F1, all findings")
    figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=8)
    return figure


def _is_other(entry: str) -> bool:
    return entry.startswith(("rapidocr", "tesseract"))


def _unit_square(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.grid(alpha=0.25)

"""Tesseract as a contestant: the program of the machine, one call a photo, its lines from TSV."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import threading
import unicodedata
from collections.abc import Iterable
from itertools import groupby

import cv2

from vision.errors import EngineError
from vision.lab.board.contestants import LinesOfOthers, Said
from vision.lab.board.machine import peak_bytes
from vision.types import Line, Picture

LANGUAGES = ("rus", "eng", "kaz")
SPARSE_TEXT = "11"
ONE_THREAD = {"OMP_THREAD_LIMIT": "1"}
"""Lines are too small to share: with more threads it waits for itself, four times the processor time for the same."""

WATCH_EVERY_S = 0.02
TIMEOUT_S = 120.0


class Tesseract:
    """Tesseract's lines, once with plain expressions and once with our extraction behind them."""

    def __init__(self) -> None:
        program = shutil.which("tesseract")
        if program is None:
            raise EngineError("tesseract is not installed: apt install tesseract-ocr tesseract-ocr-{rus,eng,kaz}.")
        known = _said([program, "--list-langs"]).split()
        if missing := [language for language in LANGUAGES if language not in known]:
            raise EngineError(f"Tesseract lacks {', '.join(missing)}: apt install tesseract-ocr-LANGUAGE.")
        self._call = [program, "stdin", "stdout", "-l", "+".join(LANGUAGES), "--psm", SPARSE_TEXT, "tsv"]
        about = (
            f"{_said([program, '--version']).splitlines()[0]}, --psm {SPARSE_TEXT} -l {'+'.join(LANGUAGES)}, one thread"
        )
        self._lines = LinesOfOthers("tesseract", self.seen, about)
        self.about = about
        self.children_bytes = 0

    def read(self, data: bytes) -> Said:
        """What both extractions find in the lines."""
        return self._lines.read(data)

    def seen(self, picture: Picture) -> tuple[Line, ...]:
        """The lines of an open photo; none when Tesseract gives up on it."""
        content = cv2.imencode(".ppm", picture)[1].tobytes()
        with subprocess.Popen(  # noqa: S603 - a program of the machine, arguments of ours
            self._call,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **ONE_THREAD},
        ) as child:
            done = threading.Event()
            watch = threading.Thread(target=self._watch, args=(child.pid, done))
            watch.start()
            try:
                answer = child.communicate(content, timeout=TIMEOUT_S)[0]
            except subprocess.TimeoutExpired:
                child.kill()
                answer = b""
            finally:
                done.set()
                watch.join()
        return tuple(lines_of(answer.decode("utf-8", "replace")))

    def _watch(self, pid: int, done: threading.Event) -> None:
        """Notes the memory of a child while it runs: what it held is not to be had afterwards."""
        while not done.wait(WATCH_EVERY_S):
            self.children_bytes = max(self.children_bytes, peak_bytes(pid))


def lines_of(tsv: str) -> Iterable[Line]:
    """The lines in Tesseract's table of words, each with the box around its words."""
    rows = csv.DictReader(io.StringIO(tsv), delimiter="\t", quoting=csv.QUOTE_NONE)
    words = [row for row in rows if (row.get("text") or "").strip() and float(row["conf"]) >= 0]
    for _, group in groupby(words, key=lambda row: (row["block_num"], row["par_num"], row["line_num"])):
        line = list(group)
        text = unicodedata.normalize("NFC", " ".join(row["text"].strip() for row in line))
        left, top = (min(float(row[side]) for row in line) for side in ("left", "top"))
        right = max(float(row["left"]) + float(row["width"]) for row in line)
        bottom = max(float(row["top"]) + float(row["height"]) for row in line)
        box = ((left, top), (right, top), (right, bottom), (left, bottom))
        yield Line(text, sum(float(row["conf"]) for row in line) / len(line) / 100, box)


def _said(command: list[str]) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - as above

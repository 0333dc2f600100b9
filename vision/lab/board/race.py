"""The race: each contestant in a process of its own, one photo at a time, taking turns in going first."""

from __future__ import annotations

import contextlib
import multiprocessing
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from vision.errors import EngineError
from vision.lab.board.contestants import CALL, PLACES, Said
from vision.lab.board.machine import peak_bytes, peak_with_children_bytes
from vision.lab.score import Answer, Case

REST_S = 0.03
"""Between two contestants: worker threads of the one before go on looking for work for a moment."""

Tell = Callable[[int, int], None]


@dataclass
class Results:
    """What came of a race.

    Attributes:
        answers: by entry of the board, in the order of the photos.
        peak_bytes: by entry; entries of one contestant share its process.
        before_bytes: what such a process holds before it knows who it is.
        about: versions and weights by contestant.
        absent: contestant to the reason why it is not on the board.
        call_s: seconds of RapidOCR's default call on each open photo; empty when it did not run.
    """

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    peak_bytes: dict[str, int] = field(default_factory=dict)
    before_bytes: int = 0
    about: dict[str, str] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)
    call_s: list[float] = field(default_factory=list)


class Gone(Exception):
    """A contestant failed or its process ended; the message says what it said last."""


def serve(pipe: Connection, name: str) -> None:
    """What runs in a contestant's process: builds it, then answers photo after photo until nobody asks."""
    before = peak_bytes()
    try:
        contestant = PLACES[name].build()
        pipe.send(("ready", (contestant.about, before)))
    except EngineError as refusal:
        pipe.send(("absent", str(refusal)))
        return
    except Exception as error:  # noqa: BLE001 - told to the one who waits for it
        pipe.send(("failed", _told(error)))
        return
    while (data := pipe.recv()) is not None:
        try:
            said = contestant.read(data)
        except Exception as error:  # noqa: BLE001 - as above
            pipe.send(("failed", _told(error)))
            return
        pipe.send(("said", (said, peak_with_children_bytes() + contestant.children_bytes)))


def _told(error: Exception) -> str:
    """The error in a line for the page; all of it, with the paths of this machine, for the terminal alone."""
    traceback.print_exception(error)
    return f"{type(error).__name__}: {error}"


class Runner:
    """One contestant's process, seen from outside."""

    def __init__(self, name: str) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would begin with our memory
        self.name = name
        self.peak_bytes = self.before_bytes = 0
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=serve, args=(other, name), daemon=False)
        self._process.start()
        other.close()

    def wait(self) -> str:
        """What the contestant says of itself, once it is ready.

        Raises:
            Gone: it cannot take part.
        """
        about, self.before_bytes = self._answer("ready")
        return str(about)

    def read(self, data: bytes) -> Said:
        """What the contestant says of a photo.

        Raises:
            Gone: it failed.
        """
        self._pipe.send(data)
        said, peak = self._answer("said")
        self.peak_bytes = max(self.peak_bytes, peak)
        assert isinstance(said, Said)  # noqa: S101  # the other end is ours
        return said

    def _answer(self, expected: str) -> Any:
        try:
            word, content = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise Gone("its process ended without a word") from error
        if word != expected:
            raise Gone(str(content))
        return content

    def stop(self) -> None:
        """Ends the process; a second time does nothing."""
        with contextlib.suppress(OSError):  # it may have ended already
            self._pipe.send(None)
        self._pipe.close()
        self._process.join(20)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


class Race(contextlib.AbstractContextManager["Race"]):
    """The contestants in their processes, from the start to the end of the `with`."""

    def __init__(self, names: Iterable[str]) -> None:
        self.about: dict[str, str] = {}
        self.absent: dict[str, str] = {}
        self._runners: list[Runner] = []
        for name in names:
            runner = Runner(name)  # one after another: building takes all cores as well
            self._runners.append(runner)
            try:
                self.about[name] = runner.wait()
            except Gone as reason:
                self._drop(runner, str(reason))

    def __exit__(self, *_: object) -> None:
        for runner in self._runners:
            runner.stop()

    @property
    def names(self) -> list[str]:
        """The contestants that take part."""
        return [runner.name for runner in self._runners]

    def run(self, cases: Sequence[Case], tell: Tell = lambda *_: None) -> Results:
        """Every contestant's answers to every photo, after one photo that is not measured.

        A contestant that fails on the way is taken off the board, whatever it had said before.

        Args:
            cases: photos in the order they are read.
            tell: called with the photos read and the photos in all, after each.
        """
        said: dict[str, list[Said]] = {runner.name: [] for runner in self._runners}
        for index, case in enumerate((cases[0], *cases) if cases else ()):
            turn = index % max(1, len(self._runners))
            for runner in self._runners[turn:] + self._runners[:turn]:
                time.sleep(REST_S)
                try:
                    said[runner.name].append(runner.read(case.data))
                except Gone as reason:
                    self._drop(runner, f"{reason} (at {case.name})")
            if index:
                tell(index, len(cases))
        return self._results(cases, {name: said[name][1:] for name in self.names})

    def _drop(self, runner: Runner, reason: str) -> None:
        self.absent[runner.name] = reason
        self._runners.remove(runner)
        runner.stop()

    def _results(self, cases: Sequence[Case], said: Mapping[str, Sequence[Said]]) -> Results:
        results = Results(about=dict(self.about), absent=dict(self.absent))
        results.before_bytes = max((runner.before_bytes for runner in self._runners), default=0)
        peaks = {runner.name: runner.peak_bytes for runner in self._runners}
        for name, each in said.items():
            for entry in PLACES[name].entries:
                results.peak_bytes[entry] = peaks[name]
                results.answers[entry] = [
                    Answer(case, one.found[entry], one.seconds[entry], one.lines)
                    for case, one in zip(cases, each, strict=True)
                ]
            results.call_s += [one.seconds[CALL] for one in each if CALL in one.seconds]
        return results

"""From the bytes of a photo to a reading: prepare, detect, recognise, codes, addresses; each stage timed."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from vision import addresses
from vision.codes import Code, read_codes
from vision.detect.base import Detector, Region
from vision.engines import ReaderOptions, build_detector, build_recogniser
from vision.frames import Frame
from vision.photo import Photo, open_photo
from vision.prepare.light import even_light
from vision.prepare.rectify import cut_line
from vision.prepare.scale import shrink
from vision.prepare.turn import turn
from vision.recognise.base import Recognised, Recogniser
from vision.recognise.orient import (
    LEAST_CHARACTERS,
    Evidence,
    evidence,
    is_sideways,
    speaks_for_turning,
    worth_a_look,
)
from vision.types import Box, Card, Finding, Line, Picture, Reading

VERSION = "4"
CROP_HEIGHT_PX = 48
LEAST_CONFIDENCE = 0.3
"""Lines read with less are paint, not text."""
CLEAR_LINE = 0.8
"""Lines read with more keep their text in a second look, which shows noise as well as paint."""
SAME_PLACE = 0.5
UPRIGHT_FINDING = 0.4
"""From this confidence of a finding on, a wall is not tried the other way up."""

TURNED_LINES = 3
"""Lines that are read the other way up before all of them are."""


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage name; a stage that runs twice adds up."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what runs inside."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class View:
    """One working copy of a photo: its pixels for cutting lines, and where it lies in the photo."""

    picture: Picture
    frame: Frame


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read in one view: answers and boxes in the view's pixels, in reading order, and the lines' crops."""

    view: View
    boxes: tuple[Box, ...]
    answers: tuple[Recognised, ...]
    crops: tuple[Picture, ...] = ()

    def lines(self) -> tuple[Line, ...]:
        """The lines that are text, with boxes in the view's pixels."""
        pairs = zip(self.boxes, self.answers, strict=True)
        return tuple(
            Line(answer.text, answer.confidence, box, answer.lattice, answer.others)
            for box, answer in pairs
            if answer.text and answer.confidence >= LEAST_CONFIDENCE
        )


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads photos. Immutable; one instance serves many threads."""

    detector: Detector
    recogniser: Recogniser
    options: ReaderOptions = field(default_factory=ReaderOptions)

    @property
    def card(self) -> Card:
        """What this reader is: its engines, what decides about its answers, and every weights file it opened."""
        options, detector, recogniser = self.options, self.detector.card, self.recogniser.card
        parts = (VERSION, f"{detector.name}.{detector.version}", f"{recogniser.name}.{recogniser.version}")
        sizes = f"{options.working_side_px}.{options.crop_side_px}.{options.most_lines}.{options.second_side_px}"
        version = "+".join((*parts, f"addresses.{addresses.VERSION}", sizes, f"{options.threshold:g}"))
        return Card(options.reader, version, {**detector.weights, **recogniser.weights})

    def read(self, data: bytes) -> Reading:
        """The reading of a photo's bytes.

        Raises:
            PhotoError: the bytes are not a photo that can be read.
        """
        watch = Stopwatch()
        with watch.stage("open"):
            photo = open_photo(data, limits=self.options.limits)
        return self.read_photo(photo, watch)

    def read_photo(self, photo: Photo, watch: Stopwatch | None = None) -> Reading:
        """The reading of a photo that is open already."""
        watch = watch or Stopwatch()
        with watch.stage("prepare"):
            view = View(*shrink(photo.pixels, photo.frame, self.options.crop_side_px))
        seen = self._look(view, watch)
        findings = self._findings(seen.lines(), watch)
        turns = 0
        if not shows_upright(findings) or is_sideways(seen.boxes):
            seen, turns = self._set_upright(seen, watch)
            findings = self._findings(seen.lines(), watch) if turns else findings
        lines = seen.lines()
        if self.options.second_side_px and not findings and all(line.confidence < CLEAR_LINE for line in lines):
            lines = self._look_again(seen.view, lines, watch)
            findings = self._findings(lines, watch)
        with watch.stage("codes"):
            codes = read_codes(photo.pixels, photo.frame)
        with watch.stage("addresses"):
            here = seen.view.frame
            found = tuple(replace(finding, box=here.back_box(finding.box)) for finding in findings)
            painted = tuple(replace(line, box=here.back_box(line.box)) for line in lines)
            unread = addresses.left_over(painted, found)
            found += self._coded(codes, found)
        return Reading(photo.facts, found, painted, self.card, dict(watch.seconds), turns, unread)

    def _set_upright(self, level: Seen, watch: Stopwatch) -> tuple[Seen, int]:
        """What is read in the view set upright, and the clockwise quarter turns that took."""
        upright = evidence(level.answers)
        if is_sideways(level.boxes):
            tries = [(self._look(turned_view(level.view, turns), watch), turns) for turns in (1, 3)]
            best, turns = max(tries, key=lambda one: evidence(one[0].answers).score)
            if evidence(best.answers).score > 0.9 * upright.score:  # a line that runs down reads well unturned too
                return best, turns
        if upright.clear:
            return level, 0
        for turns in self._promising(level, upright, watch):
            turned = self._look(turned_view(level.view, turns), watch)
            # Lines that run up or down in the turned view are no text that stands upright there.
            if speaks_for_turning(upright, evidence(turned.answers)) and not is_sideways(turned.boxes):
                return turned, turns
        return level, 0

    def _promising(self, level: Seen, upright: Evidence, watch: Stopwatch) -> Iterator[int]:
        """The quarter turns after which the largest lines read so well that all deserve a look.

        Lines are found upside down as well as upright: half a turn needs the crops alone, turned.
        """
        if self._reads_well(largest(level.boxes, level.crops), upright, watch, half_turn=True):
            yield 2
        if upright.characters >= LEAST_CHARACTERS:
            return
        aside = turned_view(level.view, 1)
        regions = self._detect(aside, watch, self.options.working_side_px)
        crops = largest([region.box for region in regions], crops_of(regions, aside))
        for turns, half_turn in ((1, False), (3, True)):
            if self._reads_well(crops, upright, watch, half_turn=half_turn):
                yield turns

    def _reads_well(self, crops: Sequence[Picture], upright: Evidence, watch: Stopwatch, *, half_turn: bool) -> bool:
        with watch.stage("recognise"):
            shown = [np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops] if half_turn else list(crops)
            return worth_a_look(upright, evidence(self.recogniser.recognise(shown)))

    def _look(self, view: View, watch: Stopwatch, side_px: int | None = None) -> Seen:
        """What is read in a view as it stands."""
        regions = self._detect(view, watch, side_px or self.options.working_side_px)
        with watch.stage("recognise"):
            boxes = tuple(region.box for region in regions)
            crops = crops_of(regions, view)
            return Seen(view, boxes, self.recogniser.recognise(crops), crops)

    def _detect(self, view: View, watch: Stopwatch, side_px: int) -> tuple[Region, ...]:
        """Regions in the view's pixels, the best `most_lines`, in reading order."""
        with watch.stage("prepare"):
            small, frame = shrink(view.picture, view.frame, side_px)
        with watch.stage("detect"):
            regions = self.detector.detect(small)
            if len(regions) > self.options.most_lines:
                least = sorted((region.score for region in regions), reverse=True)[self.options.most_lines - 1]
                regions = tuple(region for region in regions if region.score >= least)[: self.options.most_lines]
            return tuple(region.moved(lambda points: view.frame.forward(frame.back(points))) for region in regions)

    def _look_again(self, view: View, lines: Sequence[Line], watch: Stopwatch) -> tuple[Line, ...]:
        """The lines, each place read once more under even light, where that reads better or finds more."""
        with watch.stage("prepare"):
            clearer = View(even_light(view.picture), view.frame)
        again = self._look(clearer, watch, self.options.second_side_px).lines()
        kept = [line for line in lines if not any(_better(other, line) for other in again)]
        new = [line for line in again if not any(_overlap(line.box, other.box) > SAME_PLACE for other in kept)]
        return tuple(sorted((*kept, *new), key=lambda line: (min(y for _, y in line.box), line.box[0][0])))

    def _findings(self, lines: Sequence[Line], watch: Stopwatch) -> tuple[Finding, ...]:
        with watch.stage("addresses"):
            return tuple(addresses.extract(lines, threshold=self.options.threshold))

    def _coded(self, codes: Sequence[Code], found: Sequence[Finding]) -> tuple[Finding, ...]:
        """The addresses in codes that were not found painted as well."""
        known = {(finding.kind, finding.value) for finding in found}
        coded: dict[tuple[str, str], Finding] = {}
        for code in codes:
            for finding in addresses.parse_code(code.text, code.symbology, code.box):
                if (finding.kind, finding.value) not in known:
                    coded.setdefault((finding.kind, finding.value), finding)
        return tuple(coded.values())


def build_reader(options: ReaderOptions | None = None) -> Reader:
    """A reader put together as the options say; takes a second or so, so build one and keep it.

    Raises:
        EngineError: one of its kinds; the message says what to do.
    """
    options = options or ReaderOptions()
    return Reader(build_detector(options), build_recogniser(options), options)


def read(data: bytes, options: ReaderOptions | None = None) -> Reading:
    """The reading of a photo's bytes; the reader is kept for the next call with equal options.

    Raises:
        PhotoError: the bytes are not a photo that can be read.
        EngineError: the reader cannot be put together.
    """
    return _kept_reader(options or ReaderOptions()).read(data)


@lru_cache(maxsize=2)
def _kept_reader(options: ReaderOptions) -> Reader:
    return build_reader(options)


def crops_of(regions: Sequence[Region], view: View) -> tuple[Picture, ...]:
    """The pixels of lines, level."""
    return tuple(cut_line(view.picture, view.frame, each.box, each.ribbon, CROP_HEIGHT_PX) for each in regions)


def largest(boxes: Sequence[Box], crops: Sequence[Picture]) -> list[Picture]:
    """The crops of the few largest boxes."""
    by_area = sorted(zip(boxes, crops, strict=True), key=lambda one: -_area(one[0]))
    return [crop for _, crop in by_area[:TURNED_LINES]]


def shows_upright(findings: Sequence[Finding]) -> bool:
    """Whether an address was read that no wall shows upside down."""
    return any(finding.confidence >= UPRIGHT_FINDING for finding in findings)


def turned_view(view: View, turns: int) -> View:
    """The view turned clockwise by quarter turns."""
    return View(*turn(view.picture, view.frame, turns))


def _area(box: Box) -> float:
    return math.dist(box[0], box[1]) * math.dist(box[0], box[3])


def _better(other: Line, line: Line) -> bool:
    return line.confidence < min(CLEAR_LINE, other.confidence) and _overlap(other.box, line.box) > SAME_PLACE


def _overlap(one: Box, two: Box) -> float:
    """Shared part of the smaller of two boxes' upright hulls, 0..1."""
    a, b = np.array(one), np.array(two)
    low, high = np.maximum(a.min(axis=0), b.min(axis=0)), np.minimum(a.max(axis=0), b.max(axis=0))
    shared = float(np.prod(np.maximum(high - low, 0.0)))
    smaller = min(float(np.prod(np.ptp(a, axis=0))), float(np.prod(np.ptp(b, axis=0))))
    return shared / smaller if smaller > 0 else 0.0

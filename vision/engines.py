"""Which engines there are, by name: one visible table. What an engine needs is imported inside its factory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vision.detect.base import Detector
from vision.errors import EngineUnknown
from vision.photo import DEFAULT_LIMITS, PhotoLimits
from vision.recognise.base import Recogniser
from vision.weights import DEFAULT_FOLDER, WeightsFolder

DETECTION_WEIGHTS = "PP-OCRv6_det_small_int8.onnx"
RECOGNITION_WEIGHTS = "PP-OCRv6_rec_small.onnx"
TRAINED_WEIGHTS = "wallwatch_rec.onnx"
EASYOCR_WEIGHTS, EASYOCR_CODE, EASYOCR_TEXT = "wallwatch.pth", "wallwatch.py", "wallwatch.yaml"
"""The same network as EasyOCR loads one: tensors, the class that computes with them, and its alphabet."""


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """How a reader is put together.

    Attributes:
        reader: the engine's name in `ENGINES`.
        detector, recogniser: another engine for this half; empty or None for the reader's own.
        gpu: for engines that can use one.
        model_dir: the folder of the weights that EasyOCR publishes.
        weights_dir: the folder with the manifest of the program's own weights.
        runtime: "auto", "openvino" or "onnxruntime".
        threads: processor threads of one reading; None for all cores, 1 when several processes read.
        working_side_px: the long side of the picture that lines are looked for in.
        crop_side_px: the long side of the picture that lines are cut from.
        threshold: 0..1, the confidence from which a finding goes on the watchlist without a person.
        most_lines: the most lines read in one photo, the best scored.
        second_side_px: the same for the second look, with more contrast, that a photo without a finding or a clear
            line gets; 0 for no second look.
        limits: what one photo may cost.
    """

    reader: str = "embedded"
    detector: str | None = None
    recogniser: str | None = None
    gpu: bool = False
    model_dir: Path | None = None
    weights_dir: Path = DEFAULT_FOLDER
    runtime: str = "auto"
    threads: int | None = None
    working_side_px: int = 640
    crop_side_px: int = 1600
    threshold: float = 0.75
    most_lines: int = 200
    second_side_px: int = 640
    limits: PhotoLimits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Engine:
    """The two halves of an engine, each made on demand."""

    detector: Callable[[ReaderOptions], Detector]
    recogniser: Callable[[ReaderOptions], Recogniser]


def _embedded_detector(options: ReaderOptions) -> Detector:
    from vision.detect.dbnet import DbnetDetector, DbnetOptions  # noqa: PLC0415 - heavy

    weights = WeightsFolder(options.weights_dir).open(DETECTION_WEIGHTS)
    boxes = DbnetOptions(limit=options.most_lines)
    return DbnetDetector(weights, options=boxes, runtime=options.runtime, threads=options.threads)


def _embedded_recogniser(options: ReaderOptions) -> Recogniser:
    from vision.recognise.pair import PairRecogniser  # noqa: PLC0415 - heavy

    return PairRecogniser(_stock_recogniser(options), _trained_recogniser(options))


def _stock_recogniser(options: ReaderOptions) -> Recogniser:
    return _onnx_recogniser(options, RECOGNITION_WEIGHTS)


def _trained_recogniser(options: ReaderOptions) -> Recogniser:
    return _onnx_recogniser(options, TRAINED_WEIGHTS)


def _onnx_recogniser(options: ReaderOptions, name: str) -> Recogniser:
    from vision.recognise.onnx import OnnxRecogniser  # noqa: PLC0415 - heavy

    weights = WeightsFolder(options.weights_dir).open(name)
    return OnnxRecogniser(weights, runtime=options.runtime, threads=options.threads)


def _easyocr_detector(options: ReaderOptions) -> Detector:
    from vision.detect.easyocr import EasyOcrDetector  # noqa: PLC0415 - brings torch

    _require_easyocr_files(options)
    return EasyOcrDetector(options.model_dir, gpu=options.gpu)


def _easyocr_recogniser(options: ReaderOptions) -> Recogniser:
    from vision.recognise.easyocr import EasyOcrRecogniser, custom  # noqa: PLC0415 - brings torch

    _require_easyocr_files(options)
    folder = WeightsFolder(options.weights_dir)
    text, code, tensors = (folder.open(name) for name in (EASYOCR_TEXT, EASYOCR_CODE, EASYOCR_WEIGHTS))
    return EasyOcrRecogniser(custom(text, code, tensors, gpu=options.gpu))


def _published_recogniser(options: ReaderOptions) -> Recogniser:
    from vision.recognise.easyocr import EasyOcrRecogniser, published  # noqa: PLC0415 - brings torch

    _require_easyocr_files(options)
    return EasyOcrRecogniser(published(options.model_dir, gpu=options.gpu, model=options.recogniser or options.reader))


def _require_easyocr_files(options: ReaderOptions) -> None:
    from vision.easyocr_parts import require_files  # noqa: PLC0415 - brings torch

    detector, recogniser = options.detector or options.reader, options.recogniser or options.reader
    with_craft = _engine(detector).detector is _easyocr_detector
    require_files(options.model_dir, detector=with_craft, recogniser=recogniser if recogniser in PUBLISHED else None)


PUBLISHED = ("cyrillic_g2", "latin_g2", "english_g2")
"""EasyOCR's own recognisers; their weights come from its release page."""

ENGINES: Mapping[str, Engine] = {
    "embedded": Engine(_embedded_detector, _embedded_recogniser),
    "stock": Engine(_embedded_detector, _stock_recogniser),
    "trained": Engine(_embedded_detector, _trained_recogniser),
    "easyocr": Engine(_easyocr_detector, _easyocr_recogniser),
    **{name: Engine(_easyocr_detector, _published_recogniser) for name in PUBLISHED},
}


def build_detector(options: ReaderOptions) -> Detector:
    """The detector that the options name.

    Raises:
        EngineUnknown: no engine has the name.
        EngineError: its package or weights are missing; the message says what to do.
    """
    return _engine(options.detector or options.reader).detector(options)


def build_recogniser(options: ReaderOptions) -> Recogniser:
    """The recogniser that the options name.

    Raises:
        EngineUnknown: no engine has the name.
        EngineError: its package or weights are missing; the message says what to do.
    """
    return _engine(options.recogniser or options.reader).recogniser(options)


def _engine(name: str) -> Engine:
    if name not in ENGINES:
        raise EngineUnknown(f"There is no reader {name!r}: choose {' or '.join(ENGINES)}.")
    return ENGINES[name]

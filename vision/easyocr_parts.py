"""What both EasyOCR engines share: importing the package, and opening its weights without trusting its defaults.

EasyOCR downloads missing weights, replaces files that it does not know, writes to the home folder, keeps a global
height and unpickles whatever it finds. None of that is used here: its networks are built from its own classes, and
their weights are loaded from bytes that were checked, as tensors only.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from vision.errors import EngineError, WeightsChanged, WeightsMissing
from vision.weights import MANIFEST, Weights, WeightsFolder

RELEASES = "EasyOCR's release page"
_kept_libraries: list[Any] = []


@dataclass(frozen=True, slots=True)
class Stock:
    """A weights file that EasyOCR publishes, with the MD5 that EasyOCR itself goes by."""

    name: str
    md5: str


def package(module: str) -> Any:
    """A module of the installed EasyOCR.

    Raises:
        EngineError: EasyOCR is not installed, or cannot be imported.
    """
    if importlib.util.find_spec("easyocr") is None:
        raise EngineError("The easyocr reader is not installed: pip install wallwatch[easyocr].")
    try:
        _declare_missing_operators()
        return importlib.import_module(module)
    except (ImportError, RuntimeError, OSError) as error:
        raise EngineError(f"EasyOCR cannot be imported ({error}): pip install --upgrade wallwatch[easyocr].") from error


def require_files(folder: Path | None, *, detector: bool, recogniser: str | None) -> None:
    """Nothing, when the published weights of these halves are on disk; so that whoever fetches them need not come back.

    Args:
        folder: where they should be.
        detector: whether CRAFT is needed.
        recogniser: the published recogniser that is needed, one of EasyOCR's second generation.

    Raises:
        WeightsMissing: it names every file that is missing, not only the first.
    """
    config = package("easyocr.config")
    names = [config.detection_models["craft"]["filename"]] * detector
    if recogniser:
        names.append(config.recognition_models["gen2"][recogniser]["filename"])
    missing = [name for name in names if folder is None or not (folder / name).is_file()]
    if missing:
        raise WeightsMissing(_fetch(missing, folder))


def _fetch(names: Sequence[str], folder: Path | None) -> str:
    """What to do about missing files."""
    what, them = (f"{names[0]} is", "it") if len(names) == 1 else (f"{' and '.join(names)} are", "them")
    where = "a folder and name the folder in WALLWATCH_VISION__MODEL_DIR" if folder is None else str(folder)
    return f"{what} missing: download {them} from {RELEASES} and put {them} in {where}."


def open_easyocr_weights(folder: Path | None, stock: Stock) -> Weights:
    """A weights file of EasyOCR's, checked.

    With a manifest in the folder, its sha256 decides. Without one only the published file is opened, known by the MD5
    that EasyOCR publishes; a forged file would still be loaded as numbers only, never as code.

    Raises:
        WeightsMissing: the file is not in the folder, or no folder is set.
        WeightsChanged: it is neither the file of the manifest nor the published one.
    """
    if folder is None:
        raise WeightsMissing(_fetch([stock.name], folder))
    if (folder / MANIFEST).exists():
        return WeightsFolder(folder).open(stock.name)
    path = folder / stock.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsMissing(_fetch([stock.name], folder)) from error
    if hashlib.md5(data, usedforsecurity=False).hexdigest() != stock.md5:
        raise WeightsChanged(
            f"{path} is not the file that EasyOCR publishes: replace it, or list its sha256 in {folder / MANIFEST}."
        )
    return Weights(stock.name, hashlib.sha256(data).hexdigest(), data)


def load_state(network: Any, weights: Weights, device: str) -> Any:
    """The network with these weights, on the device, ready to answer.

    Raises:
        EngineError: the file holds something else than this network's tensors.
    """
    torch = package("torch")
    try:
        state: Mapping[str, Any] = torch.load(io.BytesIO(weights.data), map_location="cpu", weights_only=True)
        network.load_state_dict({name.removeprefix("module."): tensor for name, tensor in state.items()})
    except Exception as error:  # torch raises many kinds for a file that is not what it should be
        raise EngineError(f"{weights.name} does not fit its network: {error}") from error
    return network.to(device).eval()


def class_in(source: Weights) -> Any:
    """The class `Model` of a Python file that was checked: the bytes that were hashed are the code that runs.

    Raises:
        EngineError: the file has no such class, or what it imports is not installed.
    """
    module = ModuleType(source.name)
    try:
        exec(compile(source.data, source.name, "exec"), module.__dict__)  # noqa: S102 - only with the manifest's sha256
        made = module.Model
    except (ImportError, AttributeError, SyntaxError) as error:
        raise EngineError(f"{source.name} cannot be used as a network ({error}).") from error
    return made


def device_for(*, gpu: bool) -> str:
    """The torch device to use.

    Raises:
        EngineError: a GPU is asked for and torch sees none.
    """
    if not gpu:
        return "cpu"
    torch = package("torch")
    if torch.cuda.is_available():
        return "cuda"
    if torch.backends.mps.is_available():
        return "mps"
    raise EngineError("torch sees no GPU: set WALLWATCH_VISION__GPU=false, or install torch's build for this GPU.")


def _declare_missing_operators() -> None:
    """Make `import torchvision` work where torch is the CPU build and torchvision the CUDA one.

    torchvision then cannot load its compiled operators and stumbles over describing two that do not exist. EasyOCR
    never calls them; it needs the pure Python layers only. Their schemas are declared, nothing is implemented.
    """
    torch = importlib.import_module("torch")
    if _kept_libraries or torch.version.cuda is not None or _torchvision_loads_operators():
        return
    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _kept_libraries.append(library)  # the declarations live as long as this object


def _torchvision_loads_operators() -> bool:
    """Whether torchvision's compiled half fits this torch; asked without importing torchvision."""
    torch = importlib.import_module("torch")
    spec = importlib.util.find_spec("torchvision")
    if spec is None or not spec.submodule_search_locations:
        return True
    compiled = sorted(Path(next(iter(spec.submodule_search_locations))).glob("_C*.so"))
    try:
        for path in compiled:
            torch.ops.load_library(path)
    except OSError:
        return False
    return bool(compiled)

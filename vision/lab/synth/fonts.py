"""Font faces found in a folder, with what each of them can write and how thick its strokes are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

SUFFIXES = (".ttf", ".otf", ".woff2")
SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"))
SUBSET_FILE = re.compile(
    r"(?P<family>[a-z0-9-]+?)-(?P<subset>latin|cyrillic)(?P<ext>-ext)?-(?P<weight>400|700)-(?P<slant>normal|italic)"
)
FOREIGN_FILE = re.compile(r"-(greek|vietnamese|hebrew|arabic|math|symbols|\d+)(-ext)?-\d00-|-\d00-(italic|normal)$")
NOBODYS_CHARACTER = "\U0010fffe"


class FontsMissing(Exception):
    """No usable font was found: give a folder that holds .ttf, .otf or .woff2 files."""


@dataclass(frozen=True)
class Face:
    """One typeface in one weight; a family cut into subsets is several files.

    Attributes:
        name: the file's stem, or family and weight of a family in subsets.
        paths: asked in order for a glyph.
    """

    name: str
    paths: tuple[Path, ...]

    def writes(self, text: str) -> bool:
        """Whether every character of the text has a glyph."""
        return all(character == " " or self.path_for(character) for character in text)

    def path_for(self, character: str) -> Path | None:
        """The file that holds the character's glyph."""
        return next((path for path in self.paths if _has_glyph(path, character)), None)

    def font_for(self, character: str, size_px: int) -> ImageFont.FreeTypeFont:
        """The font that draws the character; the first file for a space or a character nobody has."""
        return _font(self.path_for(character) or self.paths[0], size_px)

    @property
    def stroke(self) -> float:
        """Thickness of a stroke as a part of the font's size: 0.03 is a hairline, 0.2 a poster face."""
        return _stroke(self.paths[0])


@lru_cache(maxsize=4096)
def _font(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size_px, layout_engine=ImageFont.Layout.BASIC)


def _glyph(path: Path, character: str, size_px: int) -> NDArray[np.uint8]:
    mask = _font(path, size_px).getmask(character, mode="L")
    return np.asarray(mask, np.uint8).reshape(mask.size[::-1])


@lru_cache(maxsize=65_536)
def _has_glyph(path: Path, character: str) -> bool:
    glyph, absent = _glyph(path, character, 24), _glyph(path, NOBODYS_CHARACTER, 24)
    return bool(glyph.size and glyph.any()) and not (glyph.shape == absent.shape and (glyph == absent).all())


@lru_cache(maxsize=512)
def _stroke(path: Path) -> float:
    """Ink over half of its outline, which is the width of a long stroke."""
    character = "H" if _has_glyph(path, "H") else "Н"
    ink = np.pad((_glyph(path, character, 200) > 127).astype(np.uint8), 2)
    outlines, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    around = sum(cv2.arcLength(outline, True) for outline in outlines)
    return float(2 * ink.sum() / max(around, 1) / 200)


def faces_in(folders: Iterable[Path], *, italics: bool = False) -> tuple[Face, ...]:
    """Every upright face below the folders, sorted by name; subset files of one family become one face.

    Args:
        folders: searched with all folders below them.
        italics: leaning faces too, in which т, г and д have the shapes of handwriting.
    """
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    groups: dict[str, list[Path]] = {}
    for path in files:
        subset = SUBSET_FILE.fullmatch(path.stem)
        if subset:
            slant = "" if subset["slant"] == "normal" else "-italic"
            if italics or not slant:
                groups.setdefault(f"{subset['family']}-{subset['weight']}{slant}", []).append(path)
        elif not FOREIGN_FILE.search(path.stem) and not re.search("italic|oblique", path.stem, re.IGNORECASE):
            groups.setdefault(path.stem, []).append(path)
    faces = (Face(name, tuple(_latin_first(paths))) for name, paths in sorted(groups.items()))
    return tuple(face for face in faces if face.writes("Hn0") or face.writes("Нн"))


def _latin_first(paths: Sequence[Path]) -> list[Path]:
    """Plain Latin before Cyrillic before extensions: digits and dots come from the first file."""
    return sorted(dict.fromkeys(paths), key=lambda path: ("-ext-" in path.stem, "cyrillic" in path.stem, path.stem))


def find_faces(folder: Path | None = None) -> tuple[Face, ...]:
    """The faces of a folder, or of the system when no folder is given.

    Raises:
        FontsMissing: there is none.
    """
    folders = [folder] if folder else [place for place in SYSTEM_FOLDERS if place.is_dir()]
    faces = faces_in(folders)
    if not faces:
        raise FontsMissing(
            f"No .ttf, .otf or .woff2 font below {', '.join(map(str, folders)) or 'the system folders'}."
        )
    return faces

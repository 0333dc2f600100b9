"""Files in a watched folder: which are whole, where they go when they were taken or refused. No link is followed."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

TAKEN, REFUSED, REASON = "taken", "refused", ".reason.txt"
PARTIAL = (".part", ".partial", ".tmp", ".crdownload", ".download", "~")
UNASKED = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})
"""What systems write into folders by themselves."""
MOST = 5000

Mark = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """An ordinary file, and how it stood when it was looked at: number, size, time of change."""

    path: Path
    mark: Mark
    changed_at_s: float


def found_below(root: Path) -> Iterator[Found]:
    """Files below a folder by name, at most 5000; OSError where the folder itself cannot be read.

    Left out: hidden and half-written ones, links, what is no file, our own reasons, and the folders for what was taken
    and refused.
    """
    count = 0
    for here, folders, names in os.walk(root, onerror=_raise_at(root)):
        is_root = Path(here) == root
        folders[:] = sorted(
            each for each in folders if not each.startswith(".") and not (is_root and each in {TAKEN, REFUSED})
        )
        for name in sorted(names):
            if _is_left(name):
                continue
            try:
                seen = os.lstat(Path(here, name))
            except OSError:
                continue  # gone since
            if stat.S_ISREG(seen.st_mode):
                yield Found(Path(here, name), _mark(seen), seen.st_mtime)
                count += 1
            if count == MOST:
                return


def _is_left(name: str) -> bool:
    lower = name.lower()
    return lower.startswith(".") or lower.endswith((*PARTIAL, REASON)) or lower in UNASKED


def _raise_at(root: Path):  # type: ignore[no-untyped-def]  # noqa: ANN202 - os.walk's
    def raise_it(error: OSError) -> None:
        if Path(error.filename or root) == root:
            raise error

    return raise_it


class Quiet:
    """Which files have not changed for so long; it forgets those that are gone."""

    def __init__(self, quiet_s: float) -> None:
        self._quiet = timedelta(seconds=quiet_s)
        self._since: dict[Path, tuple[Mark, datetime]] = {}

    def among(self, files: list[Found], now: datetime) -> list[Found]:
        """Those that were the same all the time since they were first looked at, `quiet_s` or longer ago."""
        before, self._since = self._since, {}
        for each in files:
            known = before.get(each.path)
            is_same = known is not None and known[0] == each.mark
            self._since[each.path] = known if known is not None and is_same else (each.mark, now)
        return [each for each in files if now - self._since[each.path][1] >= self._quiet]


def open_as_found(found: Found) -> int:
    """A descriptor of the very file that was looked at, for reading.

    Raises:
        OSError: it is gone, another one, a link by now, or may not be read.
    """
    number = os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    seen = os.fstat(number)
    if _mark(seen) != found.mark or not stat.S_ISREG(seen.st_mode):
        os.close(number)
        raise FileNotFoundError(f"{found.path} changed")
    return number


def move(found: Found, root: Path, into: str) -> Path | None:
    """Put the very file that was looked at below `taken` or `refused`, where it lay before, under a name that is free.

    None, and nothing is moved, when it is gone or another one by now: a later round looks at that.
    """
    target = root / into / found.path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    free = _free(target)
    try:
        found.path.rename(free)
    except FileNotFoundError:
        return None
    if _mark(free.lstat()) == found.mark:
        return free
    with suppress(OSError):
        free.rename(_free(found.path))
    return None


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.is_symlink() or free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free


def _mark(seen: os.stat_result) -> Mark:
    return (seen.st_ino, seen.st_size, seen.st_mtime_ns)

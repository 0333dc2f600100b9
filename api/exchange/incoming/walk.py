"""JSON of any size as a stream of its records, with nothing held that a record does not need."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import IO, Any

import ijson

from api.exchange.incoming.claims import ImportRefused

DEPTH = 40
EVENTS_AT_MOST = 20_000
KEPT_CHARS = 64 * 1024
STRETCH_BYTES = 16 * 2**20
IN_ARRAY = "[]"
Path = tuple[str, ...]


def records(file: IO[bytes], wanted: Collection[Path]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each object whose path ends like one of these, such as ("objects", "[]"), with that ending.

    Texts longer than 64 Ki characters in a record (pictures, mostly) are left out of it.

    Raises:
        ImportRefused: it is not JSON, or nested, large or long beyond any file that exchanges addresses.
    """
    path: list[str] = []
    builder: _Builder | None = None
    try:
        for event, value in ijson.basic_parse(_Guarded(file), use_float=True):
            if builder is not None:
                builder.add(event, value)
                if builder.is_whole:
                    yield builder.ending, builder.root
                    builder = None
            elif event == "map_key":
                path[-1] = value[:100]
            elif (name := _out_of_shape(event, path, wanted)) is not None:
                raise ImportRefused(f"{name} in it is no list of objects")
            elif event == "start_map" and (ending := _ending(path, wanted)):
                builder = _Builder(ending)
            elif event in ("start_map", "start_array"):
                if len(path) >= DEPTH:
                    raise ImportRefused(f"it is nested more than {DEPTH} deep")
                path.append(IN_ARRAY if event == "start_array" else "")
            elif event in ("end_map", "end_array"):
                path.pop()
    except (ijson.JSONError, ValueError, ArithmeticError) as error:
        raise ImportRefused(f"it is not JSON that can be read ({_first_line(error)})") from None


def _ending(path: list[str], wanted: Collection[Path]) -> Path | None:
    return next((ending for ending in wanted if tuple(path[-len(ending) :]) == ending), None)


def _out_of_shape(event: str, path: list[str], wanted: Collection[Path]) -> str | None:
    """The name under which something else stands than its list of records; null is as good as none."""
    if event in ("null", "end_map", "end_array"):
        return None
    here = tuple(path)
    for ending in wanted:
        if len(ending) == 1:
            continue  # a list without a name
        is_list, is_record = here[-len(ending) + 1 :] == ending[:-1], here[-len(ending) :] == ending
        if (is_list and event != "start_array") or (is_record and event != "start_map"):
            return ending[-2]
    return None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:100]


class _Builder:
    """Puts one record together from its events."""

    def __init__(self, ending: Path) -> None:
        self.ending = ending
        self.root: dict[str, Any] = {}
        self._open: list[dict[str, Any] | list[Any]] = [self.root]
        self._keys = [""]
        self._events = 0

    @property
    def is_whole(self) -> bool:
        """Whether the record's own brace was closed."""
        return not self._open

    def add(self, event: str, value: Any) -> None:
        """Take the next event."""
        self._events += 1
        if self._events > EVENTS_AT_MOST:
            raise ImportRefused(f"a record in it has more than {EVENTS_AT_MOST} values")
        match event:
            case "map_key":
                self._keys[-1] = value[:200]
            case "start_map" | "start_array":
                if len(self._open) >= DEPTH:
                    raise ImportRefused(f"it is nested more than {DEPTH} deep")
                made: dict[str, Any] | list[Any] = {} if event == "start_map" else []
                self._put(made)
                self._open.append(made)
                self._keys.append("")
            case "end_map" | "end_array":
                self._open.pop()
                self._keys.pop()
            case _:
                self._put(None if isinstance(value, str) and len(value) > KEPT_CHARS else value)

    def _put(self, value: Any) -> None:
        inner = self._open[-1]
        if isinstance(inner, list):
            inner.append(value)
        else:
            inner[self._keys[-1]] = value


class _Guarded:
    """A file in which no text may be longer than the parser should have to hold."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._stretch = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        last = data.rfind(b'"')
        self._stretch = self._stretch + len(data) if last < 0 else len(data) - last
        if self._stretch > STRETCH_BYTES:
            raise ImportRefused(f"a value in it is longer than {STRETCH_BYTES // 2**20} MiB")
        return data

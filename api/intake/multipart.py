"""The parts of a multipart form, one after another as they come in, under strict limits."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import IO, Protocol

from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from api.errors import Problem

IN_MEMORY_BYTES = 4 * 2**20  # a photo of ordinary size never touches the disk before the blob store writes it
LONGEST_FIELD_BYTES = 16 * 1024


class FormExpected(Problem):
    """A body that is no multipart form."""

    status = 415

    def __init__(self) -> None:
        super().__init__("Send the report as multipart/form-data, with a boundary, as browsers and `curl -F` do.")


class FormDamaged(Problem):
    """A multipart form that breaks off or breaks its own rules."""

    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"The form cannot be read ({reason}): send it again.")


class PartUnknown(Problem):
    """A part with a name that nobody asked for."""

    status = 422

    def __init__(self, name: str, *, known: Sequence[str], of: str) -> None:
        super().__init__(f"There is no part called {name!r}. The parts of {of} are {', '.join(known)}.")
        self.part = name


class PartRepeated(Problem):
    """A part that may come once and came again."""

    status = 422

    def __init__(self, name: str) -> None:
        super().__init__(f"The part {name!r} came twice: send it once.")
        self.part = name


class PartNotText(Problem):
    """A field that is no UTF-8 text or too long."""

    status = 422

    def __init__(self, name: str, *, reason: str) -> None:
        super().__init__(f"The part {name!r} {reason}.")
        self.part = name


class OneFileExpected(Problem):
    """A form that takes one file, with none or with several."""

    status = 422

    def __init__(self) -> None:
        super().__init__("Send one file at a time, as the part called file.")


class FileTooLarge(Problem):
    """A file that is no photo, over the limit, found while it came in; whoever reads the form knows what to do."""

    status = 413

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(f"The file is too large: it may be at most {limit_bytes / 2**20:.3g} MiB.")
        self.limit_bytes = limit_bytes


class TooManyPhotos(Problem):
    """More photos than one report may carry."""

    status = 422

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"A report carries at most {limit} photos: send the others in a second report.")
        self.limit = limit


class PhotoTooLarge(Problem):
    """A photo over the limit, found while it came in; the same code as when vision finds it."""

    status = 413

    def __init__(self, *, photo: str, limit_bytes: int) -> None:
        super().__init__(f"{photo} is too large: a photo may be at most {limit_bytes / 2**20:g} MiB.")
        self.photo, self.limit_bytes = photo, limit_bytes


@dataclass(frozen=True, slots=True)
class FormRules:
    """What a form may hold: `files` any number of times up to `max_files`, each of `fields` once; `of` names it."""

    files: str
    max_files: int
    max_file_bytes: int
    fields: Sequence[str]
    of: str = "a report"

    @property
    def is_report(self) -> bool:
        """Whether the files are photos of a report, or one file of another form."""
        return self.of == "a report"


@dataclass(slots=True)
class FilePart:
    """One file of a form: the name that the sender gave it, uncleaned, and its bytes in a temporary file."""

    name: str
    label: str
    size_bytes: int = 0
    file: IO[bytes] = field(default_factory=lambda: tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES))  # noqa: SIM115


@dataclass(slots=True)
class Form:
    """A whole form; close it when its files are no longer needed."""

    files: list[FilePart] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Let the temporary files go."""
        for part in self.files:
            part.file.close()


class TooLarge(Protocol):
    """Makes the refusal of a file beyond a limit."""

    def __call__(self, *, limit_bytes: int) -> Problem:
        """The refusal, which names the limit."""
        ...


@asynccontextmanager
async def one_file(request: Request, limit_bytes: int, too_large: TooLarge, *, of: str) -> AsyncIterator[FilePart]:
    """The file of a form that takes just one, called "file"; its temporary file is gone afterwards.

    Args:
        request: its body is read.
        limit_bytes: of the file.
        too_large: makes the refusal of a larger one.
        of: what the form sends, for messages.

    Raises:
        Problem: what is wrong with the form.
    """
    rules = FormRules("file", 1, limit_bytes, (), of=of)
    try:
        form = await read_form(request.headers.get("content-type", ""), request.stream(), rules)
    except FileTooLarge as error:
        raise too_large(limit_bytes=limit_bytes) from error
    try:
        if not form.files:
            raise OneFileExpected
        yield form.files[0]
    finally:
        form.close()


async def read_form(content_type: str, stream: AsyncIterator[bytes], rules: FormRules) -> Form:
    """The form in this body.

    After a refusal the rest of the body is read and thrown away, because a server that answers and closes while the
    client still sends makes the answer get lost. The body limit in front of the application bounds that.

    Raises:
        Problem: what is wrong with the form; no temporary file is left.
    """
    reader = _Reader(_boundary(content_type), rules)
    try:
        async for chunk in stream:
            await reader.feed(chunk)
        return reader.finish()
    except Problem:
        async for _rest in stream:
            pass
        raise
    except FormParserError as error:
        async for _rest in stream:
            pass
        raise FormDamaged("its boundaries or headers are broken") from error
    finally:
        reader.close_unless_finished()


def _boundary(content_type: str) -> bytes:
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise FormExpected
    return options[b"boundary"]


class _Reader:
    """Feeds python-multipart, whose callbacks tell where each part begins, goes on and ends."""

    def __init__(self, boundary: bytes, rules: FormRules) -> None:
        self._rules = rules
        self._form = Form()
        self._finished = False
        self._ended = False
        self._header = (bytearray(), bytearray())
        self._disposition = b""
        self._field: tuple[str, bytearray] | None = None
        self._file: FilePart | None = None
        self._spilling: list[tuple[FilePart, bytes]] = []
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part_begins,
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data,
                    "on_part_end": self._part_ends,
                    "on_end": self._form_ends,
                },
            )
        except FormParserError as error:
            raise FormExpected from error

    async def feed(self, chunk: bytes) -> None:
        """Take the next piece of the body; what goes to the disk is written in a thread."""
        self._parser.write(chunk)
        if self._spilling:
            pieces, self._spilling = self._spilling, []
            await run_in_threadpool(_write, pieces)

    def finish(self) -> Form:
        """The form, when its last boundary has come."""
        if not self._ended:
            raise FormDamaged("it breaks off before its end")
        self._finished = True
        for part in self._form.files:
            part.file.seek(0)
        return self._form

    def close_unless_finished(self) -> None:
        """Let the temporary files of a refused form go."""
        if not self._finished:
            self._form.close()

    def _part_begins(self) -> None:
        self._disposition = b""

    def _header_ends(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = bytes(value)
        self._header = (bytearray(), bytearray())

    def _headers_end(self) -> None:
        kind, options = parse_options_header(self._disposition)
        if kind != b"form-data" or b"name" not in options:
            raise FormDamaged("a part has no name")
        name = _text(options[b"name"], part="name of a part")
        if name == self._rules.files:
            self._file_begins(_text(options.get(b"filename", b""), part=name))
        elif name not in self._rules.fields:
            raise PartUnknown(name[:64], known=(self._rules.files, *self._rules.fields), of=self._rules.of)
        elif name in self._form.fields:
            raise PartRepeated(name)
        else:
            self._field = (name, bytearray())

    def _file_begins(self, file_name: str) -> None:
        number = len(self._form.files) + 1
        if number > self._rules.max_files:
            raise TooManyPhotos(limit=self._rules.max_files) if self._rules.is_report else OneFileExpected()
        self._file = FilePart(file_name, f"{self._rules.files} {number}")
        self._form.files.append(self._file)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._field is not None:
            name, collected = self._field
            if len(collected) + end - start > LONGEST_FIELD_BYTES:
                raise PartNotText(name, reason=f"is longer than {LONGEST_FIELD_BYTES // 1024} KiB")
            collected += data[start:end]
        elif self._file is not None:
            self._file.size_bytes += end - start
            if self._file.size_bytes > self._rules.max_file_bytes:
                limit_bytes = self._rules.max_file_bytes
                if not self._rules.is_report:
                    raise FileTooLarge(limit_bytes=limit_bytes)
                raise PhotoTooLarge(photo=self._file.label, limit_bytes=limit_bytes)
            if self._file.size_bytes > IN_MEMORY_BYTES:
                self._spilling.append((self._file, data[start:end]))
            else:
                self._file.file.write(data[start:end])

    def _part_ends(self) -> None:
        if self._field is not None:
            name, collected = self._field
            self._form.fields[name] = _text(bytes(collected), part=name)
        self._field = self._file = None

    def _form_ends(self) -> None:
        self._ended = True


def _text(data: bytes, *, part: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PartNotText(part, reason="is not UTF-8 text") from error


def _write(pieces: list[tuple[FilePart, bytes]]) -> None:
    for part, data in pieces:
        part.file.write(data)

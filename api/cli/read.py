"""`wallwatch read`: photos in, addresses out, one line each, whatever is wrong with some of them."""

from __future__ import annotations

import os
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from api.cli import wire
from api.cli.options import reader_options, stop
from api.cli.visible import visible

if TYPE_CHECKING:
    from vision import Reader, ReaderOptions

WORTH_A_POOL = 6  # starting a process and its networks costs about as much as reading this many photos
UNFOLDED = 10_000  # characters: wider than any table
AHEAD = 4  # photos handed out for each process: enough to keep it busy, few enough to stop quickly


@dataclass(frozen=True, slots=True)
class Task:
    """One photo to read, and where its annotated copy goes."""

    photo: str
    annotate: Path | None


def read(
    photos: Annotated[list[str], typer.Argument(metavar="PHOTO…", help="Pictures to read.")],
    *,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines out, for programs.")] = False,
    annotate: Annotated[Path | None, typer.Option(metavar="DIR", help="Write each photo with its boxes here.")] = None,
    processes: Annotated[int, typer.Option(min=0, help="Processes that read; 0: as many as are worth it.")] = 0,
) -> None:
    """Read photos: addresses with confidence, box and alternatives. Exit status 1 if any photo could not be read."""
    from vision import errors  # noqa: PLC0415 - OpenCV takes its time and `--help` needs none of it

    options = reader_options()
    if annotate:
        _prepare(annotate)
    tasks = [Task(photo, _target(annotate, photo, number)) for number, photo in enumerate(photos)]
    failed = False
    try:
        for answer in track(
            _answers(tasks, options, _processes(processes, len(tasks))),
            total=len(tasks),
            description="Reading",
            console=Console(stderr=True),
            disable=len(tasks) == 1 or not Console(stderr=True).is_terminal,
        ):
            failed |= "error" in answer
            wire.write(answer) if jsonl else _show(answer)
    except errors.EngineError as error:
        Console(stderr=True).print(f"wallwatch: {visible(str(error))}", style="red", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    if failed:
        raise typer.Exit(1)


def _prepare(folder: Path) -> None:
    """Make the folder and see whether it can be written to, before minutes of reading and not after."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        stop(f"cannot write to --annotate {folder}: {error.strerror}")


def _processes(asked: int, photos: int) -> int:
    if asked:
        return min(asked, photos)
    return min(len(os.sched_getaffinity(0)), photos) if photos >= WORTH_A_POOL else 1


def _answers(tasks: list[Task], options: ReaderOptions, processes: int) -> Iterator[dict[str, Any]]:
    from vision import build_reader  # noqa: PLC0415

    reader = build_reader(options)  # for a pool too: what it lacks is said once, not by every process that dies of it
    if processes == 1:
        yield from (_answer(reader, task) for task in tasks)
        return
    del reader
    yield from _in_processes(tasks, options, processes)


def _in_processes(tasks: list[Task], options: ReaderOptions, processes: int) -> Iterator[dict[str, Any]]:
    """Answers in the order asked.

    A process that dies takes its pool with it: the next photo is then read alone, so that the one to blame is known by
    name, and a new pool reads the rest.
    """
    done = 0
    while done < len(tasks):
        with _pool(options, processes) as pool:
            rest = iter(tasks[done:])
            try:
                window = deque(pool.submit(_work, task) for task in islice(rest, AHEAD * processes))
                while window:
                    yield window.popleft().result()
                    done += 1
                    window.extend(pool.submit(_work, task) for task in islice(rest, 1))
            except BrokenProcessPool:
                broken = True
            else:
                broken = False
        if broken:
            yield _alone(tasks[done], options)
            done += 1


def _alone(task: Task, options: ReaderOptions) -> dict[str, Any]:
    """The answer of a process of its own, so that a photo that kills it is known by name."""
    with _pool(options, 1) as pool:
        try:
            return pool.submit(_work, task).result()
        except BrokenProcessPool:
            return {"photo": task.photo} | wire.error("reader_crashed", "The reader's process ended on this photo.")


def _pool(options: ReaderOptions, processes: int) -> ProcessPoolExecutor:
    # Spawned, not forked: the inference runtime has threads, and a forked thread pool hangs.
    return ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=_start, initargs=(options, processes)
    )


_reader: Reader | None = None  # one per process of the pool, made by its initializer


def _start(options: ReaderOptions, processes: int) -> None:
    global _reader  # noqa: PLW0603 - the pool offers no other place for what a process keeps
    from dataclasses import replace  # noqa: PLC0415

    from vision import build_reader  # noqa: PLC0415

    threads = max(1, len(os.sched_getaffinity(0)) // processes)
    _reader = build_reader(replace(options, threads=threads))


def _work(task: Task) -> dict[str, Any]:
    if _reader is None:
        raise RuntimeError("the pool's initializer did not run")
    return _answer(_reader, task)


def _answer(reader: Reader, task: Task) -> dict[str, Any]:
    """What one photo says, or why it cannot be read."""
    from vision.errors import PhotoError  # noqa: PLC0415
    from vision.photo import encode_jpeg, open_photo, read_file  # noqa: PLC0415

    started = time.perf_counter()
    try:
        limits = reader.options.limits
        photo = open_photo(read_file(task.photo, limits=limits), limits=limits)
        reading = reader.read_photo(photo)
    except PhotoError as error:
        return {"photo": task.photo} | wire.error(error.code, str(error))
    seconds = round(time.perf_counter() - started, 4)
    unwritten = {}
    if task.annotate:
        from vision.annotate import annotate  # noqa: PLC0415

        try:
            task.annotate.write_bytes(encode_jpeg(annotate(photo.pixels, photo.frame, reading)))
        except OSError as error:
            message = f"{task.annotate} cannot be written: {error.strerror or error}."
            unwritten = wire.error("annotation_unwritable", message)
    return {
        "photo": task.photo,
        **unwritten,
        "seconds": seconds,
        "addresses": [wire.address(finding) for finding in reading.findings],
        "lines": [wire.line(line) for line in reading.lines],
    }


def _target(folder: Path | None, photo: str, number: int) -> Path | None:
    """Two photos of the same name from two folders must not overwrite each other."""
    return folder and folder / f"{number + 1:04}-{Path(photo).stem}.jpg"


def _show(answer: dict[str, Any]) -> None:
    console = Console()
    if not console.is_terminal:
        console.width = UNFOLDED  # a program that reads this must not find an address in two pieces
    console.print(visible(answer["photo"]), style="bold", markup=False, highlight=False)
    if "error" in answer:
        console.print(f"  {visible(answer['error']['message'])}", style="red", markup=False, highlight=False)
    if "addresses" not in answer:
        return
    if not answer["addresses"]:
        console.print(f"  no address in {len(answer['lines'])} lines", highlight=False)
        return
    console.print(_table(answer["addresses"], width=console.width))


def _table(addresses: list[dict[str, Any]], *, width: int) -> Table:
    table = Table(box=None, padding=(0, 2))
    # The others make room for the address, unless it takes so much that letters of it would be lost.
    fits = max(len(found["value"]) for found in addresses) <= width // 2
    for heading in ("kind", "address", "confidence", "as read", "or"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "address" and fits)
    for found in addresses:
        sure = "" if found["accepted"] else " review"
        others = ", ".join(other["value"] for other in found["alternatives"][:3])
        table.add_row(
            found["kind"],
            escape(visible(found["value"])),
            f"{found['confidence']:.2f}{sure}",
            escape(visible(found["text"].replace("\n", " / "))),
            escape(visible(others)),
        )
    return table

"""Child processes that decode photos: started once, fed one photo at a time, killed when a photo misbehaves.

Starting Python for every photo would cost more than decoding it, so children are kept and lent out. A child is ended
after `PHOTOS_PER_CHILD` photos (what leaks, leaks little), after a time-out, and after any answer that is not exactly
what was asked for. It holds no secrets: its environment is emptied and it inherits no open files.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess  # our own program, by path, with arguments of ours alone
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from signal import SIGKILL, SIGXCPU
from typing import Any, cast

import numpy as np

from vision.decode_child import LENGTH
from vision.errors import DecoderUnavailable, PhotoDamaged, PhotoTookTooLong
from vision.types import Picture

PROGRAM = Path(__file__).with_name("decode_child.py")
PHOTOS_PER_CHILD = 200
START_S = 60.0
LONGEST_HEADER = 1 << 16
PASSED_ON = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a child said about a photo; only its shape has been checked.

    Attributes:
        said: the JSON object: `refused`, or `full`, `size` and `exif`.
        pixels: (H, W, 3) uint8 BGR, writable; None when refused or when only facts were asked for.
    """

    said: Mapping[str, Any]
    pixels: Picture | None


class DecoderDied(Exception):
    """The child ended, or stopped making sense, in the middle of a photo."""


class Decoder:
    """One child process. Not for two threads at once: borrow it from `Decoders`."""

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", str(PROGRAM)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,  # nothing half-written may be flushed by a fork of this process
                cwd="/",
                # Two arenas: the address space of many would count against the memory limit without being used.
                env={"MALLOC_ARENA_MAX": "2"} | {name: os.environ[name] for name in PASSED_ON if name in os.environ},
                process_group=0,  # Ctrl-C is for the parent; the child ends when the pipe does
            )
        except OSError as error:
            raise DecoderUnavailable(f"{DecoderUnavailable.__doc__} ({error.strerror})") from error
        self._photos_left = PHOTOS_PER_CHILD
        try:
            with self._deadline(START_S):
                self._read(LENGTH.size)
        except EOFError as error:
            self.end()
            raise DecoderUnavailable from error
        except BaseException:
            self.end()
            raise

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._process.pid

    @property
    def worn(self) -> bool:
        """True when the child has decoded enough, or has ended."""
        return self._photos_left <= 0 or self._process.poll() is not None

    @property
    def _sink(self) -> FileIO:
        return cast("FileIO", self._process.stdin)

    @property
    def _source(self) -> FileIO:
        return cast("FileIO", self._process.stdout)

    def ask(self, data: bytes, request: Mapping[str, Any], *, wall_s: float) -> Answer:
        """The child's answer about one photo.

        Raises:
            PhotoTookTooLong: `wall_s` went by, or the processor time of the request was used up; the child is dead.
            DecoderDied: the child ended for another reason or broke the protocol; it is dead.
        """
        self._photos_left -= 1
        header = json.dumps({**request, "size_bytes": len(data)}).encode()
        with self._deadline(wall_s) as overdue:
            try:
                answer = self._exchange(LENGTH.pack(len(header)) + header, data)
            except BaseException as error:
                self.end()
                if overdue.is_set() or self._process.returncode == -SIGXCPU:
                    raise PhotoTookTooLong from error
                if isinstance(error, (OSError, EOFError, ValueError, LookupError, TypeError, AttributeError)):
                    raise DecoderDied from error
                raise
        if overdue.is_set() or answer.said.get("refused") == "out_of_memory":
            self.end()
        return answer

    def _exchange(self, header: bytes, data: bytes) -> Answer:
        self._write(header)
        self._write(data)
        length = LENGTH.unpack(self._read(LENGTH.size))[0]
        if length > LONGEST_HEADER:
            raise ValueError("a header this long is not ours")
        said = json.loads(self._read(length))
        if "refused" in said or not said["pixel_bytes"]:
            return Answer(said, None)
        width, height = said["size"]
        if not (isinstance(width, int) and isinstance(height, int) and said["pixel_bytes"] == width * height * 3 > 0):
            raise ValueError("the pixels do not fit their size")
        pixels = np.empty((height, width, 3), np.uint8)
        self._read_into(pixels.data.cast("B"))
        return Answer(said, pixels)

    def _write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._sink.write(rest) :]

    def _read(self, size: int) -> bytes:
        data = bytearray(size)
        self._read_into(memoryview(data))
        return bytes(data)

    def _read_into(self, rest: memoryview) -> None:
        while rest:
            came = self._source.readinto(rest)
            if not came:
                raise EOFError("the decoder ended")
            rest = rest[came:]

    @contextmanager
    def _deadline(self, wall_s: float) -> Iterator[threading.Event]:
        """Kill the child when the time is up: whoever waits for the pipe then sees its end."""
        overdue = threading.Event()

        def kill() -> None:
            overdue.set()
            self._process.send_signal(SIGKILL)

        timer = threading.Timer(wall_s, kill)
        timer.daemon = True
        timer.start()
        try:
            yield overdue
        finally:
            timer.cancel()

    def end(self) -> None:
        """Kill the child and wait for it, so that nothing is left of it; twice is once."""
        self._process.kill()
        self.forget()
        self._process.wait()

    def forget(self) -> None:
        """Close this process's ends of the pipes and leave the child alone."""
        for stream in (self._sink, self._source):
            with suppress(OSError):
                stream.close()

    def disown(self) -> None:
        """Forget a child that belongs to the process this one was forked from."""
        self._process.returncode = -SIGKILL  # or Popen would complain of, and wait for, somebody else's child
        self.forget()


class Decoders:
    """A few children, lent to one thread at a time; thread-safe, and a forked process starts with none.

    Args:
        size: how many photos may be decoded at once; further threads wait.
    """

    def __init__(self, size: int | None = None) -> None:
        self._size = size or max(1, min(4, os.cpu_count() or 1))
        self._renew()
        os.register_at_fork(after_in_child=self._forked)
        atexit.register(self.close)

    def _renew(self) -> None:
        self._turns = threading.BoundedSemaphore(self._size)
        self._lock = threading.Lock()
        self._idle: list[Decoder] = []
        self._all: set[Decoder] = set()

    def _forked(self) -> None:
        inherited = self._all
        self._renew()
        for decoder in inherited:
            decoder.disown()

    @contextmanager
    def borrow(self) -> Iterator[Decoder]:
        """A ready child for the length of the block; it is ended instead of kept when it is worn."""
        with self._turns:
            decoder = self._take()
            try:
                yield decoder
            finally:
                self._put_back(decoder)

    def ask(self, data: bytes, request: Mapping[str, Any], *, wall_s: float) -> Answer:
        """The answer of some child; a photo during which a child died gets one more try.

        Raises:
            PhotoTookTooLong: the time was used up.
            PhotoDamaged: two children died of it.
            DecoderUnavailable: no child could be started.
        """
        for _attempt in range(2):
            with suppress(DecoderDied), self.borrow() as decoder:
                return decoder.ask(data, request, wall_s=wall_s)
        raise PhotoDamaged("The picture makes the decoder fail: look for another copy of the photo.")

    def close(self) -> None:
        """End all idle children; the next photo starts new ones."""
        with self._lock:
            idle, self._idle = self._idle, []
            self._all.difference_update(idle)
        for decoder in idle:
            decoder.end()

    def _take(self) -> Decoder:
        while True:
            with self._lock:
                decoder = self._idle.pop() if self._idle else None
            if decoder is None:
                decoder = Decoder()
                with self._lock:
                    self._all.add(decoder)
                return decoder
            if not decoder.worn:
                return decoder
            self._drop(decoder)

    def _put_back(self, decoder: Decoder) -> None:
        if decoder.worn:
            self._drop(decoder)
            return
        with self._lock:
            self._idle.append(decoder)

    def _drop(self, decoder: Decoder) -> None:
        with self._lock:
            self._all.discard(decoder)
        decoder.end()

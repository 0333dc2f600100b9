"""The one form of ZIP that a pack has, so that no byte of it can be changed unseen.

Members are stored, never compressed; their names come from a small alphabet; sizes and sums stand before the bytes; the
date is always 1980-01-01. So the whole file follows from the members, and a pack can be checked byte by byte, in one
pass and in the memory of one piece. Any program opens it. Source: PKWARE APPNOTE 6.3.10, 4.3 and 4.5.3.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

NAME = re.compile(r"(?:[a-z0-9-]{1,40}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
MOST_MEMBERS = 50_000
PIECE_BYTES = 2**18
LARGEST = 0xFFFFFFFF
"""What four bytes hold: a larger place in the file is written in the eight of ZIP64."""

LOCAL = struct.Struct("<4s5H3L2H")
CENTRAL = struct.Struct("<4s6H3L5H2L")
PLACE64 = struct.Struct("<2HQ")
END64 = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
END = struct.Struct("<4s4H2LH")

MADE_BY = 3 << 8 | 20  # a Unix system, so that the mode below is meant
MODE = 0o100444 << 16  # a plain file, read-only
NAMES_ARE_UTF8 = 0x800
DATE = 1 << 5 | 1  # 1980-01-01


class NotAPack(Exception):
    """The file is not laid out as a pack is; the message says where."""


class ChecksumWrong(NotAPack):
    """A file's bytes are not those that its checksum is of; what follows can still be read."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a pack."""

    name: str
    size_bytes: int
    crc32: int


def head(member: Member) -> bytes:
    """What stands before a member's bytes."""
    name = member.name.encode()
    size = member.size_bytes
    return LOCAL.pack(b"PK\3\4", 20, NAMES_ARE_UTF8, 0, 0, DATE, member.crc32, size, size, len(name), 0) + name


def tail(members: Iterable[Member], *, largest: int = LARGEST) -> Iterator[bytes]:
    """What stands behind the last member's bytes: the table of contents.

    Args:
        members: in their order.
        largest: the largest place that is written in four bytes; smaller in tests only.
    """
    place, size, count = 0, 0, 0
    for member in members:
        entry = _listed(member, place, largest)
        yield entry
        place += len(head(member)) + member.size_bytes
        size += len(entry)
        count += 1
    if place > largest or count > 0xFFFF:
        yield END64.pack(b"PK\6\6", END64.size - 12, 45, 45, 0, 0, count, count, size, place)
        yield LOCATOR.pack(b"PK\6\7", 0, place + size, 1)
    short = min(count, 0xFFFF)
    yield END.pack(b"PK\5\6", 0, 0, short, short, size, LARGEST if place > largest else place, 0)


def _listed(member: Member, place: int, largest: int) -> bytes:
    extra = PLACE64.pack(1, 8, place) if place > largest else b""
    name, size = member.name.encode(), member.size_bytes
    needed = 45 if extra else 20
    shown = LARGEST if extra else place
    sums = member.crc32, size, size, len(name), len(extra), 0, 0, 0, MODE, shown
    return CENTRAL.pack(b"PK\1\2", MADE_BY, needed, NAMES_ARE_UTF8, 0, 0, DATE, *sums) + name + extra


def size_of(members: list[Member]) -> int:
    """How many bytes a pack of these members has."""
    return sum(len(head(each)) + each.size_bytes for each in members) + sum(len(piece) for piece in tail(members))


@dataclass(frozen=True, slots=True)
class Found:
    """A member as it comes: read `pieces` to their end before the next. ChecksumWrong at their end."""

    name: str
    size_bytes: int
    pieces: Iterator[bytes]


def walk(file: IO[bytes]) -> Iterator[Found]:
    """The members of a pack in their order, and then the check of everything that is no member's.

    Raises:
        NotAPack: the file ends early, goes on after its end, or has a byte that a pack would not have.
    """
    members: list[Member] = []
    names: set[str] = set()
    while (start := file.read(4)) == b"PK\3\4":
        member = _member(start + file.read(LOCAL.size - 4), file, members)
        if member.name in names:
            raise NotAPack(f"{member.name} is in it twice")
        if len(members) == MOST_MEMBERS:
            raise NotAPack(f"it has more than {MOST_MEMBERS} files")
        names.add(member.name)
        members.append(member)
        yield Found(member.name, member.size_bytes, _pieces(file, member))
    if not members:
        raise NotAPack("it is no ZIP that WallWatch wrote")
    _check_tail(start, file, members)


def _member(said: bytes, file: IO[bytes], before: list[Member]) -> Member:
    after = f"after {before[-1].name}" if before else "at its beginning"
    if len(said) != LOCAL.size:
        raise NotAPack(f"it ends {after}")
    _, _, _, method, _, _, crc32, _, size, length, _ = LOCAL.unpack(said)
    raw = file.read(length)
    name = raw.decode("ascii", "replace")
    if not NAME.fullmatch(name):
        raise NotAPack(f"{after} comes a file of the name {name[:200]!r}, which no pack has")
    if method != 0:
        raise NotAPack(f"{name} is compressed, which nothing in a pack is")
    member = Member(name, size, crc32)
    if said + raw != head(member):
        raise NotAPack(f"the head of {name} is not as WallWatch writes it")
    return member


def _pieces(file: IO[bytes], member: Member) -> Iterator[bytes]:
    left, crc32 = member.size_bytes, 0
    while left:
        piece = file.read(min(left, PIECE_BYTES))
        if not piece:
            raise NotAPack(f"it ends in the middle of {member.name}")
        left -= len(piece)
        crc32 = zlib.crc32(piece, crc32)
        yield piece
    if crc32 != member.crc32:
        raise ChecksumWrong(f"{member.name} was changed: its checksum is another one")


def _check_tail(start: bytes, file: IO[bytes], members: list[Member]) -> None:
    waiting = start
    for number, expected in enumerate(tail(members)):
        found = waiting + file.read(len(expected) - len(waiting))
        waiting = b""
        if found != expected:
            of = members[number].name if number < len(members) else "its end"
            raise NotAPack(f"after {members[-1].name} the table of contents is not that of its files, at {of}")
    if file.read(1):
        raise NotAPack("something was put behind its end")

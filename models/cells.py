"""Squares of the earth as numbers, so that a region is a few ranges of one index.

The earth is halved eastwards and northwards `LEVELS` times (squares of about 90 by 75 metres in the north of
Kazakhstan); the bits of column and row, interleaved (Morton order), number the squares. All squares inside a larger
square of the same halving follow one another.
"""

from __future__ import annotations

from collections.abc import Iterator

LEVELS = 18
SIDE = 1 << LEVELS
MOST_SQUARES = 32  # more follow a region's edge more closely and cost a look-up each

_Square = tuple[int, int, int]  # column, row, halvings


def cell_of(lat: float, lon: float) -> int:
    """The number of the square that a place lies in; lat -90..90, lon -180..180."""
    return _interleaved(_column(lon), _row(lat))


def cover(south: float, west: float, north: float, east: float) -> list[tuple[int, int]]:
    """Ranges of numbers (first, last) that hold every square a box touches, in order, and as little else as may be."""
    box = (_column(west), _row(south), _column(east), _row(north))
    inside: list[_Square] = []
    edge: list[_Square] = [(0, 0, 0)]
    while edge:
        quarters = [quarter for square in edge for quarter in _quarters(square) if _touches(quarter, box)]
        within = [quarter for quarter in quarters if _is_within(quarter, box)]
        if len(inside) + len(quarters) > MOST_SQUARES:
            break
        inside += within
        edge = [quarter for quarter in quarters if quarter not in within]
    return _joined(sorted(_numbers(square) for square in inside + edge))


def _column(lon: float) -> int:
    return min(SIDE - 1, int((lon + 180.0) / 360.0 * SIDE))


def _row(lat: float) -> int:
    return min(SIDE - 1, int((lat + 90.0) / 180.0 * SIDE))


def _interleaved(column: int, row: int) -> int:
    return _spread(column) | _spread(row) << 1


def _spread(bits: int) -> int:
    """The bits with a zero between each two (up to 32 of them)."""
    bits = (bits | bits << 16) & 0x0000FFFF0000FFFF
    bits = (bits | bits << 8) & 0x00FF00FF00FF00FF
    bits = (bits | bits << 4) & 0x0F0F0F0F0F0F0F0F
    bits = (bits | bits << 2) & 0x3333333333333333
    return (bits | bits << 1) & 0x5555555555555555


def _quarters(square: _Square) -> Iterator[_Square]:
    column, row, level = square
    for north in (0, 1):
        for east in (0, 1):
            yield 2 * column + east, 2 * row + north, level + 1


def _span(square: _Square) -> tuple[int, int, int, int]:
    column, row, level = square
    shift = LEVELS - level
    return column << shift, row << shift, ((column + 1) << shift) - 1, ((row + 1) << shift) - 1


def _touches(square: _Square, box: tuple[int, int, int, int]) -> bool:
    west, south, east, north = _span(square)
    return west <= box[2] and east >= box[0] and south <= box[3] and north >= box[1]


def _is_within(square: _Square, box: tuple[int, int, int, int]) -> bool:
    west, south, east, north = _span(square)
    return box[0] <= west and east <= box[2] and box[1] <= south and north <= box[3]


def _numbers(square: _Square) -> tuple[int, int]:
    column, row, level = square
    shift = 2 * (LEVELS - level)
    first = _interleaved(column, row) << shift
    return first, first + (1 << shift) - 1


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] + 1 == first:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return joined

"""Where and when, drawn without any map: nothing is fetched, and the paper says nothing to nobody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta, tzinfo

from api.evidence.paper import GREY, RULE, SMALL_PT, Paper
from api.evidence.subjects import Seen
from api.evidence.words import Words, short

DEGREE_M = 111_195.0
"""A degree of latitude on a sphere of 6,371,008.8 m."""
HEIGHT_MM = 95.0
PLAN_MM = HEIGHT_MM + 22
"""A plan with what is written below it."""
DOT = (178, 34, 52)
TOUCHING_MM = 2.6


def plan(paper: Paper, sightings: Sequence[Seen], words: Words) -> None:
    """A plan of the sightings: a grid in metres around their middle, a scale, north, the corners' coordinates."""
    south, north = min(each.lat for each in sightings), max(each.lat for each in sightings)
    west, east = min(each.lon for each in sightings), max(each.lon for each in sightings)
    middle_lat, middle_lon = (south + north) / 2, (west + east) / 2
    across = DEGREE_M * math.cos(math.radians(middle_lat))
    width = paper.epw
    span_m = max((east - west) * across * 1.25, (north - south) * DEGREE_M * 1.25 * width / HEIGHT_MM, 120.0)
    scale = width / span_m
    step_m = nice(span_m / 8)
    paper.keep_together(PLAN_MM)
    left, top = paper.l_margin, paper.get_y()
    _grid(paper, left, top, width, step_m * scale)
    marks = [
        (
            left + width / 2 + (each.lon - middle_lon) * across * scale,
            top + HEIGHT_MM / 2 - (each.lat - middle_lat) * DEGREE_M * scale,
            each.number,
        )
        for each in sightings
    ]
    for x, y, numbers in clustered(marks):
        _mark(paper, x, y, numbers, right=left + width)
    _north(paper, left + width - 8, top + 5)
    _scale_bar(paper, left + 5, top + HEIGHT_MM - 4, step_m * scale, metres(step_m, words))
    paper.set_y(top + HEIGHT_MM + 1)
    half_lat, half_lon = HEIGHT_MM / 2 / scale / DEGREE_M, width / 2 / scale / across
    first = f"{middle_lat + half_lat:.5f}, {middle_lon - half_lon:.5f}"
    corners = f"{first} — {middle_lat - half_lat:.5f}, {middle_lon + half_lon:.5f}"
    paper.text_block(f"{words('map_note', step=metres(step_m, words))} {corners}", size_pt=SMALL_PT, is_grey=True)
    if south == north and west == east:
        paper.text_block(words("one_place"), size_pt=SMALL_PT, is_grey=True)


def time_line(paper: Paper, sightings: Sequence[Seen], words: Words, zone: tzinfo) -> None:
    """Sightings on a line of time, from the first to the last."""
    first, last = sightings[0].seen_at, sightings[-1].seen_at
    span = max(last - first, timedelta(hours=1))
    paper.heading(words("time_line"))
    left, width, y = paper.l_margin + 6, paper.epw - 12, paper.get_y() + 9
    paper.set_draw_color(*GREY)
    paper.line(left, y, left + width, y)
    paper.ink(SMALL_PT - 0.5, colour=GREY)
    for part in range(5):
        x = left + width * part / 4
        paper.line(x, y - 1, x, y + 1)
        label = short(first + span * part / 4, zone)
        wide = paper.get_string_width(label)
        at = min(max(x - wide / 2, paper.l_margin), paper.l_margin + paper.epw - wide)
        paper.text(at, y + 6, label)
    marks = [(left + width * ((each.seen_at - first) / span), y, each.number) for each in sightings]
    for x, at, numbers in clustered(marks):
        _mark(paper, x, at, numbers, right=left + width, is_above=True)
    paper.set_y(y + 9)
    paper.ink()


def clustered(marks: Sequence[tuple[float, float, int]]) -> list[tuple[float, float, list[int]]]:
    """Marks that would lie on one another as one, with all their numbers; each at the first one's place."""
    found: list[tuple[float, float, list[int]]] = []
    for x, y, number in marks:
        near = next((each for each in found if math.hypot(each[0] - x, each[1] - y) < TOUCHING_MM), None)
        if near is None:
            found.append((x, y, [number]))
        else:
            near[2].append(number)
    return found


def ranges(numbers: Sequence[int]) -> str:
    """Numbers as people write them: 1–3, 7."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][-1] + 1 == number:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ", ".join("–".join(map(str, part)) for part in parts)


def nice(wanted: float) -> float:
    """The largest of 1, 2, 5, 10, 20 … that is not above; at least 1."""
    ten = 10.0 ** math.floor(math.log10(max(wanted, 1.0)))
    return max(step * ten for step in (1, 2, 5) if step * ten <= max(wanted, 1.0))


def metres(distance_m: float, words: Words) -> str:
    """A distance with its unit."""
    return f"{distance_m / 1000:g} {words('km')}" if distance_m >= 1000 else f"{distance_m:g} {words('m')}"


def _grid(paper: Paper, left: float, top: float, width: float, step_mm: float) -> None:
    paper.set_draw_color(*RULE)
    paper.set_line_width(0.1)
    for n in range(-60, 61):
        x, y = left + width / 2 + n * step_mm, top + HEIGHT_MM / 2 + n * step_mm
        if left < x < left + width:
            paper.line(x, top, x, top + HEIGHT_MM)
        if top < y < top + HEIGHT_MM:
            paper.line(left, y, left + width, y)
    paper.set_line_width(0.2)
    paper.rect(left, top, width, HEIGHT_MM)


def _mark(paper: Paper, x: float, y: float, numbers: list[int], *, right: float, is_above: bool = False) -> None:
    paper.set_fill_color(*DOT)
    paper.circle(x, y, 0.9, style="F")
    paper.ink(SMALL_PT - 1)
    said = ranges(numbers)
    label = said if len(said) <= 24 else f"{said[:22].rstrip(' ,–')}…"
    wide = paper.get_string_width(label)
    at = min(x - wide / 2, right - wide) if is_above else (x + 1.5 if x + 1.5 + wide < right else x - 1.5 - wide)
    paper.text(at, y - 2.2 if is_above else y + 0.9, label)


def _north(paper: Paper, x: float, y: float) -> None:
    paper.set_fill_color(*GREY)
    paper.polygon([(x, y - 2), (x + 2, y + 4), (x, y + 2.8), (x - 2, y + 4)], style="F")
    paper.ink(SMALL_PT, colour=GREY)
    paper.text(x - 1, y + 8, "N")


def _scale_bar(paper: Paper, x: float, y: float, length_mm: float, label: str) -> None:
    paper.set_draw_color(*GREY)
    paper.set_line_width(0.5)
    paper.line(x, y, x + length_mm, y)
    paper.set_line_width(0.2)
    paper.line(x, y - 1, x, y + 1)
    paper.line(x + length_mm, y - 1, x + length_mm, y + 1)
    paper.ink(SMALL_PT, colour=GREY)
    paper.text(x, y - 1.6, label)

"""Points in links to maps, taken from the link's own text: no link is ever opened.

Each map has its habits. Google, Apple and OpenStreetMap write latitude first, Yandex and 2GIS longitude first. A link
may hold a pin and the middle of the screen: the pin counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from api.errors import Problem

Point = tuple[float, float]
"""Latitude, longitude."""

_SCHEMES = r"https?|geo|yandexmaps|yandexnavi|dgis|maps|comgooglemaps|waze"
_HOSTS = r"(?:[a-z0-9-]+\.)*(?:google|yandex|2gis|openstreetmap|osm|goo|maps|waze|ya)\.[a-z]{2,}"
_LINK = re.compile(rf"(?:\b(?:{_SCHEMES}):|\b{_HOSTS}(?:\.[a-z]{{2,3}})?/)[^\s<>]+", re.IGNORECASE)
_NUMBER = r"[-+]?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_PAIR = re.compile(rf"(?<![0-9.])({_NUMBER})\s*,[\s+]*({_NUMBER})(?![0-9.])")
_PRECISE = re.compile(r"(?<![0-9.])([-+]?[0-9]{1,3}\.[0-9]{1,20}),([-+]?[0-9]{1,3}\.[0-9]{1,20})(?![0-9.])")
_OSM_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_~"


class LinkTooShort(Problem):
    """A shortened link: where it leads is known only to its server, and links are never opened here."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "This is a shortened link, and links are never opened here. Open it yourself and send the long link from"
            " the browser, or the coordinates."
        )


class LinkWithoutPoint(Problem):
    """A link to a map that names no point."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "This map link holds no coordinates. Put a pin on the place and share that, or send the coordinates."
        )


class LinkWithSeveralPoints(Problem):
    """A link to a map with more than one pin, such as a route."""

    status = 422

    def __init__(self) -> None:
        super().__init__("This map link holds several points. Send a link with one pin, or the coordinates.")


class LinkUnknown(Problem):
    """A link that leads to none of the maps whose links are understood."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "Links of Google Maps, Yandex Maps, 2GIS, OpenStreetMap and Apple Maps are understood, and geo: links."
            " Send one of those, or the coordinates."
        )


@dataclass(frozen=True, slots=True)
class _Link:
    scheme: str
    host: str
    path: str
    fragment: str
    values: dict[str, str]


def find_link(text: str) -> str | None:
    """The first link in the text, or None when it holds none."""
    found = _LINK.search(text)
    return found[0].rstrip(".,;!)»\"'") if found else None


def point_of_link(link: str) -> Point:
    """The point that a map link names; not yet checked to be on the earth.

    Raises:
        Problem: a short link, an unknown one, or one without exactly one point.
    """
    if link.lower().startswith("geo:"):
        return _first(_geo(link))
    parts = _parts(link)
    if _is_short(parts):
        raise LinkTooShort
    for is_host, points in _MAPS:
        if is_host(parts):
            return _first(points(parts))
    raise LinkUnknown


def _parts(link: str) -> _Link:
    try:
        split = urlsplit(link if re.match(rf"(?:{_SCHEMES}):", link, re.IGNORECASE) else f"https://{link}")
        return _Link(split.scheme, _host(split), unquote(split.path), unquote(split.fragment), _values(split))
    except ValueError as error:
        raise LinkUnknown from error


def _host(split: SplitResult) -> str:
    return (split.hostname or "").removeprefix("www.").removeprefix("m.")


def _values(split: SplitResult) -> dict[str, str]:
    return {name.lower(): value for name, value in parse_qsl(split.query, max_num_fields=100)}


def _is_short(link: _Link) -> bool:
    return (
        link.host in {"goo.gl", "maps.app.goo.gl", "g.co", "ya.cc", "clck.ru", "go.2gis.com", "maps.apple", "g.page"}
        or (_is_yandex(link) and "/maps/-/" in link.path)
        or (link.host == "waze.com" and link.path.startswith("/ul/h"))
    )


def _first(groups: Iterator[list[Point]]) -> Point:
    """The point of the first group that has any; groups come in the order of how much they can be trusted."""
    for group in groups:
        distinct = set(group)
        if len(distinct) > 1:
            raise LinkWithSeveralPoints
        if distinct:
            return distinct.pop()
    raise LinkWithoutPoint


def _pairs(text: str | None, *, lon_first: bool = False, pattern: re.Pattern[str] = _PAIR) -> list[Point]:
    pairs = [(float(one), float(two)) for one, two in pattern.findall(text or "")]
    return [(two, one) for one, two in pairs] if lon_first else pairs


def _only_pair(text: str | None, *, lon_first: bool = False) -> list[Point]:
    """The pair that the whole text is, a zoom or a label behind it aside; a pair inside an address is none."""
    found = re.match(rf"(?:loc:)?\s*{_PAIR.pattern}\s*(?:[,/(].*)?$", text or "")
    return _pairs(found[0], lon_first=lon_first)[:1] if found else []


def _geo(link: str) -> Iterator[list[Point]]:
    """RFC 5870, and Android's `geo:0,0?q=lat,lon(label)`, in which the path means nothing."""
    body, _, query = link[4:].lstrip("/").partition("?")
    yield _only_pair(dict(parse_qsl(query)).get("q"))
    yield _only_pair(unquote(body.partition(";")[0]))


def _google(link: _Link) -> Iterator[list[Point]]:
    whole = link.path + "?" + "&".join(link.values.values())
    yield [(float(lat), float(lon)) for lat, lon in re.findall(rf"!3d({_NUMBER})!4d({_NUMBER})", whole)]
    yield [(float(lat), float(lon)) for lon, lat in re.findall(rf"!2d({_NUMBER})!3d({_NUMBER})", whole)]
    for name in ("q", "query", "destination", "daddr", "ll", "cbll", "viewpoint", "center", "sll"):
        yield _only_pair(link.values.get(name))
    yield [point for segment in link.path.split("/") for point in _only_pair(segment.replace("+", " "))]
    yield _pairs(link.path.partition("/@")[2])[:1]


def _yandex(link: _Link) -> Iterator[list[Point]]:
    pins = (link.values.get("pt") or "").split("~")
    yield [point for pin in pins for point in _pairs(pin, lon_first=True)[:1]]
    for name in ("whatshere[point]", "poi[point]", "panorama[point]"):
        yield _only_pair(link.values.get(name), lon_first=True)
    yield _only_pair(link.values.get("text"))
    yield [point for stop in (link.values.get("rtext") or "").split("~") for point in _only_pair(stop)]
    lat_to, lon_to = (
        link.values.get("lat_to") or link.values.get("lat"),
        link.values.get("lon_to") or link.values.get("lon"),
    )
    yield _only_pair(f"{lat_to},{lon_to}")
    for name in ("ll", "sll"):
        yield _only_pair(link.values.get(name), lon_first=True)


def _2gis(link: _Link) -> Iterator[list[Point]]:
    yield _pairs(link.path, lon_first=True, pattern=_PRECISE)
    yield _pairs(link.values.get("querystate"), lon_first=True, pattern=_PRECISE)
    yield _only_pair(link.values.get("m"), lon_first=True)


def _osm(link: _Link) -> Iterator[list[Point]]:
    yield _only_pair(f"{link.values.get('mlat')},{link.values.get('mlon')}")
    yield _only_pair(link.values.get("query"))
    if code := re.fullmatch(r"/go/([A-Za-z0-9_~@]+)-*", link.path):
        yield [_osm_short(code[1])]
    found = re.search(rf"map=[0-9.]+/({_NUMBER})/({_NUMBER})", link.fragment)
    yield [(float(found[1]), float(found[2]))] if found else []
    yield _only_pair(f"{link.values.get('lat')},{link.values.get('lon')}")


def _osm_short(code: str) -> Point:
    """OpenStreetMap's own short links hold the point: three bits of either axis in a letter, the largest first."""
    x = y = 0
    for letter in code.replace("@", "~")[:10]:
        six = _OSM_LETTERS.index(letter)
        for bit in (5, 3, 1):
            x, y = x << 1 | (six >> bit & 1), y << 1 | (six >> (bit - 1) & 1)
    bits = 3 * min(len(code), 10)
    # The code names a cell; its middle is the best guess.
    return (y + 0.5) / 2**bits * 180 - 90, (x + 0.5) / 2**bits * 360 - 180


def _apple(link: _Link) -> Iterator[list[Point]]:
    for name in ("coordinate", "ll", "q", "daddr", "address", "sll", "center"):
        yield _only_pair(link.values.get(name))


def _is_yandex(link: _Link) -> bool:
    return link.scheme in ("yandexmaps", "yandexnavi") or bool(
        re.fullmatch(r"(?:maps\.|navi\.|static-maps\.)?yandex\.[a-z]{2,3}(?:\.[a-z]{2})?", link.host)
    )


def _host_like(pattern: str, *schemes: str) -> Callable[[_Link], bool]:
    compiled = re.compile(pattern)
    return lambda link: link.scheme in schemes or compiled.fullmatch(link.host) is not None


_MAPS: tuple[tuple[Callable[[_Link], bool], Callable[[_Link], Iterator[list[Point]]]], ...] = (
    (_is_yandex, _yandex),
    (_host_like(r"(?:maps\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?", "comgooglemaps"), _google),
    (_host_like(r"(?:[a-z-]+\.)?2gis\.[a-z]{2,3}(?:\.[a-z]{2})?", "dgis"), _2gis),
    (_host_like(r"openstreetmap\.org|osm\.org"), _osm),
    (_host_like(r"maps\.apple\.com|(?:ul\.)?waze\.com", "maps", "waze"), _apple),
)

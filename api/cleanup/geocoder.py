"""Street addresses from a Nominatim server of one's own: asked by the worker, outside of transactions."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from api.intake.text import clean_line

MOST_BYTES = 256 * 1024
LONGEST = 300
AGENT = "WallWatch (work orders)"
_STREETS = ("road", "pedestrian", "footway", "residential", "neighbourhood", "suburb", "quarter")
_TOWNS = ("city", "town", "village", "hamlet", "municipality")


class GeocoderUnavailable(Exception):
    """The server did not say anything that can be used; trying later may help."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is none: places are told to the server that was set and to no other."""

    def redirect_request(self, *_: Any) -> None:
        """Follow nothing."""


def address_at(server: str, lat: float, lon: float, *, timeout_s: float, language: str = "ru") -> str:
    """The street address of a place in one line; empty when the server knows none.

    Args:
        server: the address of Nominatim's `/reverse`, from the settings.
        lat: degrees.
        lon: degrees.
        timeout_s: of the connection, and of each read.
        language: in which names are wanted.

    Raises:
        GeocoderUnavailable: no answer in time, a refusal, or no answer of Nominatim's.
    """
    asked = {"format": "jsonv2", "lat": f"{lat:.6f}", "lon": f"{lon:.6f}", "zoom": "18", "accept-language": language}
    url = f"{server}{'&' if '?' in server else '?'}{urlencode(asked)}"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    request = urllib.request.Request(url, headers={"User-Agent": AGENT})  # noqa: S310 - the settings let http(s) in only
    try:
        with opener.open(request, timeout=timeout_s) as answer:
            data = answer.read(MOST_BYTES + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise GeocoderUnavailable(f"it answered {error.code}") from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise GeocoderUnavailable(str(error) or type(error).__name__) from None
    if len(data) > MOST_BYTES:
        raise GeocoderUnavailable("its answer is too long")
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise GeocoderUnavailable("its answer is no JSON") from None
    return _line(said)


def _line(said: Any) -> str:
    """Street, house and town of Nominatim's answer, or else what it would display."""
    if not isinstance(said, dict):
        raise GeocoderUnavailable("its answer is no JSON object")
    if "error" in said:
        return ""
    parts = said.get("address")
    parts = parts if isinstance(parts, dict) else {}
    street = _first(parts, _STREETS)
    house = _first(parts, ("house_number",))
    found = [street, house if street else "", _first(parts, _TOWNS)]
    line = ", ".join(part for part in found if part) if street else _first(said, ("display_name",))
    return line[:LONGEST]


def _first(said: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((line for name in names if isinstance(said.get(name), str) and (line := clean_line(said[name]))), "")

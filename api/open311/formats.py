"""GeoReport's two ways of writing one thing: JSON, and XML in which a list is an element around its members.

The mapping is the specification's "Spark convention": a list in JSON has no names, in XML the list and each of its
members have one; what is null in JSON is an empty element. https://wiki.open311.org/GeoReport_v2/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.responses import Response

Format = Literal["json", "xml"]
MEDIA = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}

MEMBERS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
"""What XML calls the members of a list."""

NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML document may hold, in whatever spelling."""


def written(name: str, what: Any, form: str) -> bytes:
    """The document: `name` is the XML root, `what` lists and mappings of texts, numbers, truths, None, moments."""
    if form == "json":
        return json.dumps(_plain(what), ensure_ascii=False).encode()
    root = Element(name)
    _fill(root, name, what)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode").encode()


def answer(name: str, what: Any, form: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The document as an answer."""
    return Response(written(name, what, form), status, dict(headers or {}), media_type=MEDIA[form])


def form_of(path: str) -> Format:
    """The format that a path asks for by its ending; XML, which the specification demands of everybody, otherwise."""
    return "json" if path.endswith(".json") else "xml"


def moment(when: datetime) -> str:
    """To the second with its zone, as in 2026-03-01T09:00:00+05:00."""
    return when.isoformat(timespec="seconds")


def _plain(what: Any) -> Any:
    if isinstance(what, Mapping):
        return {name: _plain(value) for name, value in what.items()}
    if isinstance(what, Sequence) and not isinstance(what, str):
        return [_plain(value) for value in what]
    return moment(what) if isinstance(what, datetime) else what


def _fill(element: Element, name: str, what: Any) -> None:
    if isinstance(what, Mapping):
        for each, value in what.items():
            _fill(SubElement(element, each), each, value)
    elif isinstance(what, Sequence) and not isinstance(what, str):
        for value in what:
            _fill(SubElement(element, MEMBERS[name]), MEMBERS[name], value)
    elif what is not None:
        element.text = NO_XML.sub("", _text(what))


def _text(what: Any) -> str:
    if isinstance(what, bool):
        return "true" if what else "false"
    return moment(what) if isinstance(what, datetime) else str(what)

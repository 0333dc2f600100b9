"""From what a form or an address of a page says to the filters of the API, in one spelling."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import QueryParams

from api.instants import asked as moment
from api.services import Services
from api.watchlist.filters import Filters, Sort
from api.watchlist.query import PARAMETERS, filters
from models import AddressStatus, Tlp
from vision.types import Kind

NOBODY = "-"
"""What pages say for the assignee that nobody is: a form cannot tell an empty field from one that was not touched."""

PLAIN = ("prefix", "value", "box", "circle", "assignee", "tag", "case", "ids")
TYPES: dict[str, TypeAdapter[Any]] = {
    "kind": TypeAdapter(Kind),
    "status": TypeAdapter(AddressStatus),
    "min_confidence": TypeAdapter(float),
    "min_score": TypeAdapter(float),
    "tlp": TypeAdapter(Tlp),
    "warned": TypeAdapter(bool),
    "sort": TypeAdapter(Sort),
    "order": TypeAdapter(str),
}
SCHEMES = ("https://", "http://", "www.", "t.me/", "@")


def in_one_spelling(asked: QueryParams) -> dict[str, str]:
    """The parameters that narrow and sort, without empty ones; `q` and `match` become `prefix` or `value`."""
    said = {name: value.strip() for name, value in asked.items() if value.strip()}
    text = said.pop("q", "")
    if text and said.pop("match", "prefix") == "value":
        said["value"] = text
    elif text:
        said["prefix"] = begun(text)
    return {name: said[name] for name in PARAMETERS if said.get(name)}


def filters_of(services: Services, said: dict[str, str]) -> Filters:
    """The filters that the parameters say, as the API understands them; its refusals, and RequestValidationError."""
    asks = dict.fromkeys(PARAMETERS) | {name: said[name] for name in PLAIN if name in said}
    if asks["assignee"] == NOBODY:
        asks["assignee"] = ""
    values: dict[str, Any] = dict(asks)
    for name, kind in TYPES.items():
        values[name] = _read(name, kind, said[name]) if name in said else None
    zone = services.settings.zone
    values["since"] = _moment("since", said.get("since"), zone, is_end=False)
    values["until"] = _moment("until", said.get("until"), zone, is_end=True)
    values["in_box"], values["in_circle"] = values.pop("box"), values.pop("circle")
    values["sort"], values["order"] = values["sort"] or Sort.LAST_SEEN, values["order"] or "desc"
    return filters(services, **values)


def for_the_api(said: dict[str, str], zone: ZoneInfo) -> dict[str, str]:
    """The parameters as the API itself takes them, for a form that asks it."""
    told = dict(said)
    if told.get("assignee") == NOBODY:
        told["assignee"] = ""
    for name, is_end in (("since", False), ("until", True)):
        if when := _moment(name, told.get(name), zone, is_end=is_end):
            told[name] = when.isoformat()
    return told


def begun(text: str) -> str:
    """The beginning of a value as it is kept, of what somebody pastes."""
    for start in SCHEMES:
        if text.lower().startswith(start) and len(text) > len(start):
            text = text[len(start) :]
    return text


def _read(name: str, kind: TypeAdapter[Any], text: str) -> Any:
    try:
        value = kind.validate_python(text)
    except ValidationError as error:
        raise _not_understood(name, error.errors()[0]["msg"]) from error
    if name in {"min_confidence", "min_score"} and not 0 <= value <= 1:
        raise _not_understood(name, "from 0 to 1")
    if name == "order" and value not in {"asc", "desc"}:
        raise _not_understood(name, "asc or desc")
    return value


def _not_understood(name: str, why: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("query", name), "msg": why, "type": "value_error"}])


def _moment(name: str, text: str | None, zone: ZoneInfo, *, is_end: bool) -> datetime | None:
    """A moment; a day is its beginning or its end, by the clocks of the zone."""
    if not text:
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise _not_understood(name, "no date") from error
    if "T" not in text and " " not in text:
        when = datetime.combine(when.date(), time(), zone)
        when += timedelta(days=1, microseconds=-1) if is_end else timedelta()
    return moment(name, when)

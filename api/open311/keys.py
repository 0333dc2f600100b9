"""Where GeoReport's clients put their key: `api_key`, in the query or in the form."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request

from api.open311.errors import ROOT, CityFormExpected

MOST_FIELDS = 200
FORM = "application/x-www-form-urlencoded"


async def offered_key(request: Request) -> str:
    """The `api_key` of a request to Open311; empty elsewhere, and where there is none.

    The fields of a form are read here, before anybody knows who asks: the body limit bounds them. In a form with a
    photo the key is not looked for, because nobody should send us megabytes without one: it goes into the query or a
    header there.
    """
    if not request.url.path.startswith(ROOT):
        return ""
    if (key := request.query_params.get("api_key", "").strip()) or request.method != "POST":
        return key
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        return ""
    return (await fields_of(request)).get("api_key", "").strip()


async def fields_of(request: Request) -> Mapping[str, str]:
    """The fields of a form-encoded body; of one that comes twice the last. CityFormExpected."""
    try:
        text = (await request.body()).decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise CityFormExpected from error

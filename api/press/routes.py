"""The month for the press over HTTP."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from api.accounts.roles import Scope
from api.connections.asked import OnlyThese
from api.deps import Process, ReadingUnit, needs
from api.evidence.words import Language
from api.press.schemas import PressOut, press_out
from api.press.service import press
from api.press.text import press_text
from api.stats.month import month_named

router = APIRouter(prefix="/v1/press", tags=["statistics"])
TEXT = "text/plain; charset=utf-8"
Month = Annotated[str, Path(max_length=20, description="a year and a month", examples=["2026-05"])]


@router.get(
    "/{month}",
    dependencies=[needs(Scope.STATS_READ), Depends(OnlyThese())],
    summary="A month for the press",
)
def get_press(unit: ReadingUnit, services: Process, month: Month) -> PressOut:
    """Sums over the whole region beside those of the month before; no address, place or sender is in them."""
    settings = services.settings
    return press_out(press(unit, services.shelf, month_named(month), settings.zone), settings.timezone)


@router.get(
    "/{month}/text",
    dependencies=[needs(Scope.STATS_READ), Depends(OnlyThese("language"))],
    summary="A month for the press, as a text",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def get_press_text(
    unit: ReadingUnit,
    services: Process,
    month: Month,
    language: Annotated[Language, Query(description="of the text")] = Language.RU,
) -> Response:
    """The same from the template of a language. 409 when the operator's template cannot be used."""
    settings = services.settings
    told = press(unit, services.shelf, month_named(month), settings.zone)
    text = press_text(told, language, settings.zone, settings.press.templates)
    return Response(text.encode(), media_type=TEXT, headers={"Content-Language": str(language)})

"""Suggestions over HTTP."""

from __future__ import annotations

from fastapi import APIRouter

from api.accounts.roles import Scope
from api.deps import WritingUnit, needs
from api.suggested import service
from api.suggested.schemas import SuggestionIn, SuggestionOut, suggestion_out

router = APIRouter(prefix="/v1/findings", tags=["reports"], dependencies=[needs(Scope.REPORTS_WRITE)])


@router.put("/{finding_id}/suggestion", summary="It seems to say something else")
def suggest(finding_id: str, body: SuggestionIn, unit: WritingUnit) -> SuggestionOut:
    """Kept beside the finding for whoever reviews it, in place of what the same account suggested before.

    409 when somebody has decided about it.
    """
    kind = str(body.kind) if body.kind else None
    return suggestion_out(service.suggest(unit, finding_id, value=body.value, kind=kind))


@router.delete("/{finding_id}/suggestion", status_code=204, summary="Take one's suggestion back")
def withdraw(finding_id: str, unit: WritingUnit) -> None:
    """As if it had not been made; the audit log remembers."""
    service.withdraw(unit, finding_id)

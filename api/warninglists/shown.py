"""Findings as the review shows them: with known alternatives, the lists they are on and the words around them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from api.near.known import raised
from api.readings.repository import identity
from api.services import Services
from api.suggested.schemas import suggestion_out
from api.suggested.service import suggestions
from api.unit import Unit
from api.warninglists.schemas import ContextOut, context_out, hits_out, kept_context_out
from api.warninglists.weigh import context_of, words_json
from api.watchlist.schemas import ReviewOut, review_out
from models import Finding, FindingContext, Reading


def reviewed(unit: Unit, services: Services, finding: Finding) -> ReviewOut:
    """One finding as the review shows it."""
    return all_reviewed(unit, services, [finding])[0]


def all_reviewed(unit: Unit, services: Services, findings: Iterable[Finding]) -> list[ReviewOut]:
    """Findings as the review shows them, in their order; a score that is not kept yet is worked out."""
    rows = list(findings)
    contexts, alternatives = _contexts(unit, rows), raised(unit, rows)
    suggested = suggestions(unit, [row.id for row in rows])
    shown = []
    for row in rows:
        out = review_out(row, alternatives[row.id])
        out.warnings = hits_out(services.warning_lists.check(*identity(row)))
        out.context = contexts[row.id]
        out.suggestions = [suggestion_out(each) for each in suggested.get(row.id, [])]
        shown.append(out)
    return shown


def _contexts(unit: Unit, rows: list[Finding]) -> dict[str, ContextOut]:
    query = select(FindingContext).where(FindingContext.finding_id.in_([row.id for row in rows]))
    found = {row.finding_id: kept_context_out(row) for row in unit.session.scalars(query)}
    missing = [row for row in rows if row.id not in found]
    if missing:
        wanted = {row.reading_id for row in missing}
        readings = select(Reading).where(Reading.id.in_(wanted))
        by_id = {row.id: row for row in unit.session.scalars(readings)}
        for row in missing:
            worked_out = context_of(by_id[row.reading_id], row)
            found[row.id] = context_out(worked_out.score, words_json(worked_out))
    return found

"""Reports: the list, and what was read in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.accounts.roles import Scope
from api.deps import ReadingUnit, needs
from api.intake.repository import report_out, report_page, visible_report
from api.intake.schemas import ReportFindingOut, ReportOut
from api.web.pages.render import pages_of
from api.web.pages.viewer import Looking
from models import UNREAD, PhotoState, Review
from vision.addresses import defang
from vision.types import Kind

PAGE = 25

router = APIRouter(include_in_schema=False)


@router.get("/reports", dependencies=[needs("reports:read")])
def reports(
    request: Request, viewer: Looking, unit: ReadingUnit, *, cursor: str | None = None, who: str = "mine"
) -> Response:
    """Reports with their state: one's own, or everybody's for those who may see them."""
    sends, sees_all = viewer.may(Scope.REPORTS_WRITE), viewer.may(Scope.REPORTS_READ_ALL)
    is_mine = not sees_all or (sends and who != "all")
    return pages_of(request).page(
        request,
        viewer,
        "reports/reports.html",
        page=report_page(unit, cursor=cursor or None, limit=PAGE, mine=is_mine),
        is_mine=is_mine,
        may_switch=sends and sees_all,
    )


@router.get("/reports/{report_id}", dependencies=[needs("reports:read")])
def report(request: Request, viewer: Looking, unit: ReadingUnit, report_id: str) -> Response:
    """A report: its photos with what was read on them."""
    out = report_out(unit, visible_report(unit, report_id))
    return pages_of(request).page(request, viewer, "reports/report.html", **_shown(out))


@router.get("/reports/{report_id}/photos", dependencies=[needs("reports:read")])
def photos(
    request: Request, viewer: Looking, unit: ReadingUnit, report_id: str, had: Annotated[int, Query()] = -1
) -> Response:
    """The report's photos as they stand now; 204 while as many are read as the browser `had`, so that nothing moves."""
    kept = visible_report(unit, report_id)
    if had == sum(carried.photo.state != PhotoState.OWED for carried in kept.photos):
        return Response(status_code=204)
    return pages_of(request).page(request, viewer, "reports/photos.html", **_shown(report_out(unit, kept)))


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the page shows it.

    Attributes:
        kind: and `value`, as somebody decided, else as read.
        marks: the value as read in pieces, and whether each is a character in doubt.
        defanged: what may be pasted into a message; empty for a line that was not read as an address.
        is_open: nobody has decided, so that something may be suggested.
    """

    finding: ReportFindingOut
    kind: str
    value: str
    marks: Sequence[tuple[str, bool]]
    defanged: str
    is_open: bool


def _shown(out: ReportOut) -> dict[str, Any]:
    return {
        "report": out,
        "shown": {photo.sha256: [_finding(finding) for finding in photo.findings] for photo in out.photos},
        "settled": sum(photo.state != PhotoState.OWED for photo in out.photos),
        "kinds": [str(kind) for kind in Kind],
        "unread": UNREAD,
    }


def _finding(finding: ReportFindingOut) -> Shown:
    kind, value = finding.decided_kind or finding.kind, finding.decided_value or finding.value
    doubts = {doubt.position for doubt in finding.uncertain} if value == finding.value else set()
    return Shown(
        finding=finding,
        kind=kind,
        value=value,
        marks=[(char, position in doubts) for position, char in enumerate(value)],
        defanged="" if kind == UNREAD else defang(kind, value),
        is_open=finding.review == Review.UNREVIEWED,
    )

"""Finding reports and putting together what is shown of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.orm import selectinload

from api.errors import NotFound
from api.intake import schemas
from api.intake.cursors import decode_cursor, encode_cursor
from api.near.known import Raised, raised
from api.photos.visible import own_or_all
from api.readings.repository import addresses_of, identity, is_elsewhere, newest_reading
from api.readings.schemas import KnownOut, finding_out
from api.suggested.schemas import suggestion_out
from api.suggested.service import suggestions
from api.unit import Unit
from models import Account, Finding, FindingSuggestion, Photo, PhotoState, Report, ReportPhoto

WITH_PHOTOS = selectinload(Report.photos).joinedload(ReportPhoto.photo)


def report_page(unit: Unit, *, cursor: str | None, limit: int, mine: bool = False) -> schemas.ReportPageOut:
    """Reports that the actor may see, or with `mine` those that the actor sent, the newest first."""
    query = select(Report, Account.name).join(Account, Account.id == Report.account_id).options(WITH_PHOTOS)
    query = query.where(own_or_all(unit.actor))
    if mine:
        query = query.where(Report.account_id == unit.actor.account_id)
    if cursor:
        query = query.where(tuple_(Report.received_at, Report.id) < tuple_(*decode_cursor(cursor)))
    rows = unit.session.execute(query.order_by(Report.received_at.desc(), Report.id.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    last = shown[-1][0] if len(rows) > limit else None
    return schemas.ReportPageOut(
        reports=[_row_out(report, sender) for report, sender in shown],
        next=encode_cursor(last.received_at, last.id) if last else None,
    )


def visible_report(unit: Unit, report_id: str) -> Report:
    """The report with its photos; NotFound when there is none or it is somebody else's."""
    report = unit.session.scalar(
        select(Report).where(Report.id == report_id, own_or_all(unit.actor)).options(WITH_PHOTOS)
    )
    if report is None:
        raise NotFound("report")
    return report


def photo_states(unit: Unit, report_id: str) -> Sequence[Photo]:
    """The report's photos, each once, as they stand now."""
    return unit.session.scalars(
        select(Photo)
        .where(Photo.sha256.in_(select(ReportPhoto.photo_sha256).where(ReportPhoto.report_id == report_id)))
        .order_by(Photo.sha256)
    ).all()


def receipt_out(report: Report) -> schemas.ReceiptOut:
    """What the sender is told: nothing in it changes later."""
    return schemas.ReceiptOut(
        id=report.id,
        received_at=report.received_at,
        seen_at=report.seen_at,
        place=place_out(report),
        photos=[
            schemas.SentPhotoOut(
                sha256=carried.photo_sha256, size_bytes=carried.photo.size_bytes, file_name=carried.file_name
            )
            for carried in report.photos
        ],
        has_doubtful_place=any(carried.is_place_doubtful for carried in report.photos),
    )


def report_out(unit: Unit, report: Report) -> schemas.ReportOut:
    """The whole report; each finding says what the watchlist knows of its address."""
    readings = {carried.photo_sha256: newest_reading(unit.session, carried.photo_sha256) for carried in report.photos}
    findings = {sha256: reading.findings if reading else [] for sha256, reading in readings.items()}
    every = [finding for several in findings.values() for finding in several]
    known, alternatives = _known(unit, report, every), raised(unit, every)
    before, suggested = _before(unit, report), suggestions(unit, [finding.id for finding in every], own=True)
    return schemas.ReportOut(
        id=report.id,
        channel=report.channel,
        account_id=report.account_id,
        sender=unit.session.get_one(Account, report.account_id).name,
        received_at=report.received_at,
        seen_at=report.seen_at,
        place=place_out(report),
        note=report.note,
        is_settled=all(carried.photo.state != PhotoState.OWED for carried in report.photos),
        photos=[
            _photo_out(
                carried,
                before.get(carried.photo_sha256),
                [
                    _finding_out(finding, alternatives[finding.id], known, suggested)
                    for finding in findings[carried.photo_sha256]
                ],
            )
            for carried in report.photos
        ],
    )


def place_out(report: Report) -> schemas.PlaceOut:
    """Where the report was sent from."""
    return schemas.PlaceOut(
        lat=report.lat,
        lon=report.lon,
        accuracy_m=report.accuracy_m,
        source=report.place_source,
        text=report.place_text,
    )


def exif_out(photo: Photo, carried: ReportPhoto | None = None) -> schemas.ExifOut:
    """What the photo says of itself, and how that fits the report that carries it."""
    return schemas.ExifOut(
        lat=photo.exif_lat,
        lon=photo.exif_lon,
        taken_at=photo.exif_taken_at,
        camera=photo.camera,
        distance_m=carried.exif_distance_m if carried else None,
        is_place_doubtful=carried.is_place_doubtful if carried else False,
    )


def problem_out(photo: Photo) -> schemas.PhotoProblemOut | None:
    """Why the photo could not be read, if it could not."""
    if photo.state != PhotoState.UNREADABLE:
        return None
    return schemas.PhotoProblemOut(code=photo.error_code or "photo_unreadable", message=photo.error_message or "")


def _known(unit: Unit, report: Report, findings: Iterable[Finding]) -> dict[tuple[str, str], KnownOut]:
    return {
        key: KnownOut(
            address_id=address.id,
            status=address.status,
            status_at=address.status_at,
            first_seen_at=address.first_seen_at,
            last_seen_at=address.last_seen_at,
            sightings=address.sighting_count,
            elsewhere=is_elsewhere(unit.session, address, report.id),
        )
        for key, address in addresses_of(unit.session, findings).items()
    }


def _finding_out(
    finding: Finding,
    alternatives: Sequence[Raised],
    known: Mapping[tuple[str, str], KnownOut],
    suggested: Mapping[str, Sequence[FindingSuggestion]],
) -> schemas.ReportFindingOut:
    own = suggested.get(finding.id)
    return schemas.ReportFindingOut(
        **finding_out(finding, alternatives).model_dump(exclude={"known"}),
        known=known.get(identity(finding)),
        suggestion=suggestion_out(own[0]) if own else None,
    )


def _before(unit: Unit, report: Report) -> dict[str, schemas.SentBeforeOut]:
    """The first earlier report of each photo that had one, by the photo."""
    photos = {carried.photo_sha256 for carried in report.photos}
    asked = (
        select(ReportPhoto.photo_sha256, Report.received_at, Report.account_id)
        .join(Report, Report.id == ReportPhoto.report_id)
        .where(ReportPhoto.photo_sha256.in_(photos), Report.id != report.id, Report.received_at < report.received_at)
        .order_by(Report.received_at.desc(), Report.id)
    )
    return {
        sha256: schemas.SentBeforeOut(at=at, by_you=account_id == unit.actor.account_id)
        for sha256, at, account_id in unit.session.execute(asked)
    }


def _photo_out(
    carried: ReportPhoto, before: schemas.SentBeforeOut | None, findings: list[schemas.ReportFindingOut]
) -> schemas.ReportPhotoOut:
    photo = carried.photo
    return schemas.ReportPhotoOut(
        sha256=photo.sha256,
        size_bytes=photo.size_bytes,
        media_type=photo.media_type,
        file_name=carried.file_name,
        width=photo.width,
        height=photo.height,
        state=photo.state,
        problem=problem_out(photo),
        exif=exif_out(photo, carried),
        before=before,
        findings=findings,
    )


def _row_out(report: Report, sender: str) -> schemas.ReportRowOut:
    return schemas.ReportRowOut(
        id=report.id,
        channel=report.channel,
        account_id=report.account_id,
        sender=sender,
        received_at=report.received_at,
        seen_at=report.seen_at,
        place=place_out(report),
        note=report.note,
        photos=len(report.photos),
        states=dict(Counter(carried.photo.state for carried in report.photos)),
    )

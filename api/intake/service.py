"""Taking reports in: evidence durable first, then one transaction, and only then a promise to the sender."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.audit.service import record
from api.errors import Problem
from api.intake.coordinates import Place
from api.intake.draft import Draft, is_possible
from api.intake.geo import distance_m
from api.intake.text import clean_file_name
from api.photos.service import Original, examine, keep_bytes, keep_photo
from api.services import Services
from api.unit import Actor, Unit
from api.watchlist.service import sight_report
from models import Photo, Report, ReportPhoto, new_id


class PhotoNeeded(Problem):
    """A report without a photo."""

    status = 422

    def __init__(self) -> None:
        super().__init__("A report needs one photo or more: send each as a part called 'photo'.")


class CoordinatesNeeded(Problem):
    """A report that says nowhere where it is."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "A report needs coordinates, and none of its photos carries any. Send lat and lon, or place (coordinates"
            " or a map link), or switch on location in the camera and take the photo again."
        )


class KeyUsedDifferently(Problem):
    """An idempotency key under which something else was sent before."""

    status = 422

    def __init__(self, *, report_id: str) -> None:
        super().__init__(
            "Something else was sent under this Idempotency-Key: use a new key for a new report, or resend the same."
        )
        self.report_id = report_id


class SenderNeeded(Problem):
    """Reports belong to an account."""

    status = 403

    def __init__(self) -> None:
        super().__init__("A report needs an account that sends it: sign in, or use an API key.")


def receive_report(services: Services, actor: Actor, draft: Draft, *, request_id: str | None = None) -> Report:
    """The kept report, its photos loaded; its readings are asked for. Call it in a thread: it waits for disks.

    Sending the same under the same key again gives the first report back.

    Raises:
        Problem: a photo is refused, coordinates are missing, or the key was used for something else: nothing of the
            report is kept. Only when the store or the database fails, or two reports race for one key, can bytes stay
            that nothing refers to.
    """
    if not draft.photos:
        raise PhotoNeeded
    if actor.account_id is None:
        raise SenderNeeded
    limit_bytes = services.settings.limits.photo_bytes
    originals = [examine(photo.file, limit_bytes=limit_bytes, name=photo.label) for photo in draft.photos]
    with services.reading_unit(actor) as unit:
        _refuse_early(unit, draft, originals)
    for photo, original in zip(draft.photos, originals, strict=True):
        keep_bytes(services.blobs, photo.file, original, limit_bytes=limit_bytes, name=photo.label)
    with services.unit(actor, request_id=request_id) as unit:
        return take_report(unit, draft, originals, doubtful_m=services.settings.intake.doubtful_m)


def _refuse_early(unit: Unit, draft: Draft, originals: Sequence[Original]) -> None:
    """What would refuse the report in its transaction, asked before any byte is kept: nobody could remove it again."""
    if before := _sent_before(unit, draft.key):
        _must_be_same(before, content_sha256(draft, originals))
    elif draft.place is None and _exif_place(originals) is None:
        raise CoordinatesNeeded


def take_report(unit: Unit, draft: Draft, originals: Sequence[Original], *, doubtful_m: float) -> Report:
    """The report on photos whose bytes are durable; KeyUsedDifferently, CoordinatesNeeded.

    Args:
        unit: of an actor with an account.
        draft: what was sent.
        originals: the draft's photos, in its order.
        doubtful_m: a photo whose EXIF place is further away than this is flagged.
    """
    content = content_sha256(draft, originals)
    if before := _sent_before(unit, draft.key):
        return _same(before, content)
    place = draft.place or _exif_place(originals)
    if place is None:
        raise CoordinatesNeeded
    report = _report(unit, draft, place, content, seen_at=_seen_at(draft, originals, now=unit.clock.now()))
    try:
        with unit.session.begin_nested():
            unit.session.add(report)
    except IntegrityError:
        if before := _sent_before(unit, draft.key):
            return _same(before, content)
        raise
    kept = _keep_photos(unit, originals)
    for position, (photo, original) in enumerate(zip(draft.photos, originals, strict=True)):
        report.photos.append(_carried(report, position, clean_file_name(photo.name), original, doubtful_m=doubtful_m))
        report.photos[-1].photo = kept[original.sha256]
    unit.session.flush()
    for carried in _once_each(report.photos):
        sight_report(unit, carried)  # asks for itself: a reading may have ended since the photo was loaded
    record(
        unit,
        "report.received",
        report.id,
        channel=report.channel,
        place=[report.lat, report.lon, report.place_source],
        photos=[original.sha256 for original in originals],
    )
    return report


def content_sha256(draft: Draft, originals: Sequence[Original]) -> str:
    """The digest of everything the sender chose: fields and photos in order, file names aside."""
    content = {"fields": dict(draft.fields), "photos": [original.sha256 for original in originals]}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _sent_before(unit: Unit, key: str | None) -> Report | None:
    if key is None:
        return None
    return unit.session.scalar(
        select(Report).where(Report.account_id == unit.actor.account_id, Report.idempotency_key == key)
    )


def _must_be_same(report: Report, content: str) -> None:
    if report.request_sha256 != content:
        raise KeyUsedDifferently(report_id=report.id)


def _same(report: Report, content: str) -> Report:
    _must_be_same(report, content)
    for carried in report.photos:
        carried.photo  # noqa: B018 - loaded while the session lives, as for a new report
    return report


def _exif_place(originals: Sequence[Original]) -> Place | None:
    """Where the first photo that knows it was taken."""
    for original in originals:
        if original.facts and original.facts.lat is not None and original.facts.lon is not None:
            return Place(original.facts.lat, original.facts.lon, "exif")
    return None


def _seen_at(draft: Draft, originals: Sequence[Original], *, now: datetime) -> datetime:
    """As typed; else the earliest EXIF time whose zone is known and that can be; else now."""
    if draft.seen_at:
        return draft.seen_at
    taken = [original.facts.taken_at for original in originals if original.facts and original.facts.taken_at]
    return min((time for time in taken if time.tzinfo and is_possible(time, now=now)), default=now)


def _report(unit: Unit, draft: Draft, place: Place, content: str, *, seen_at: datetime) -> Report:
    return Report(
        id=new_id(),
        account_id=unit.actor.account_id,
        channel=draft.channel,
        received_at=unit.clock.now(),
        seen_at=seen_at,
        lat=place.lat,
        lon=place.lon,
        accuracy_m=draft.accuracy_m,
        place_source=place.source,
        place_text=draft.place_text,
        note=draft.note,
        is_demo=draft.is_demo,
        idempotency_key=draft.key,
        request_sha256=content,
    )


def _keep_photos(unit: Unit, originals: Sequence[Original]) -> dict[str, Photo]:
    """The photos' rows, locked: a reading that ends meanwhile either sees this report, or this report sees it.

    In the order of their hashes, so that two reports on the same photos never wait for each other.
    """
    kept = {}
    for sha256, original in sorted({original.sha256: original for original in originals}.items()):
        keep_photo(unit, original)
        kept[sha256] = unit.session.get_one(Photo, sha256, with_for_update=True, populate_existing=True)
    return kept


def _carried(
    report: Report, position: int, file_name: str | None, original: Original, *, doubtful_m: float
) -> ReportPhoto:
    facts = original.facts
    apart_m = None
    if facts and facts.lat is not None and facts.lon is not None:
        apart_m = distance_m(report.lat, report.lon, facts.lat, facts.lon)
    return ReportPhoto(
        report_id=report.id,
        position=position,
        photo_sha256=original.sha256,
        file_name=file_name,
        exif_distance_m=apart_m,
        is_place_doubtful=apart_m is not None and apart_m > doubtful_m,
    )


def _once_each(photos: Sequence[ReportPhoto]) -> list[ReportPhoto]:
    return list({carried.photo_sha256: carried for carried in photos}.values())

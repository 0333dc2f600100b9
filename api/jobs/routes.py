"""Background reading over HTTP: how it goes, and another try."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import Session

from api.accounts.roles import Scope
from api.deps import Process, ReadingUnit, WritingUnit, needs
from api.errors import Problem
from api.instants import written
from api.jobs import reread, service
from api.jobs.schemas import (
    AttemptOut,
    JobsOut,
    NewReread,
    ReadersOut,
    RereadOut,
    RetriedOut,
    RetryAll,
    TryAgainOut,
    UnreadableOut,
    WorkerOut,
)
from api.unit import Unit
from models import Attempt, Photo, PhotoState, Worker

router = APIRouter(prefix="/v1", tags=["jobs"])

NEWEST_ATTEMPTS = 50
RETRIED_AT_ONCE = 1000

PhotoId = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="the photo's SHA-256")]


class CursorRefused(Problem):
    """A cursor that is not `next` of an answer."""

    status = 422

    def __init__(self) -> None:
        super().__init__("This cursor is not one of ours: send `next` of the page before, unchanged.")


@router.get("/jobs", dependencies=[needs(Scope.JOBS_WRITE)], summary="How reading goes")
def jobs(
    unit: ReadingUnit,
    services: Process,
    cursor: Annotated[str | None, Query(max_length=128)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> JobsOut:
    """Counts, workers, the newest attempts, and unreadable photos with their reasons."""
    return standing(unit, services.settings.jobs.silent_after_s, cursor=cursor, limit=limit)


def standing(unit: Unit, silent_after_s: float, *, cursor: str | None = None, limit: int) -> JobsOut:
    """How reading goes; CursorRefused."""
    session = unit.session
    silent_since = unit.clock.now() - timedelta(seconds=silent_after_s)
    given_up, following = _unreadable(session, cursor, limit)
    counted = dict(session.execute(select(Photo.state, func.count()).group_by(Photo.state)).all())
    return JobsOut(
        photos={str(state): counted.get(state, 0) for state in PhotoState},
        oldest_owed_at=session.scalar(select(func.min(Photo.received_at)).where(Photo.state == PhotoState.OWED)),
        workers=[
            WorkerOut(name=w.name, started_at=w.started_at, beat_at=w.beat_at, is_silent=w.beat_at < silent_since)
            for w in session.scalars(select(Worker).order_by(Worker.name))
        ],
        attempts=_newest_attempts(session),
        unreadable=given_up,
        next=following,
    )


@router.post("/jobs/{photo}/retry", status_code=202, dependencies=[needs(Scope.JOBS_WRITE)], summary="Try again")
def retry(photo: PhotoId, unit: WritingUnit) -> TryAgainOut:
    """Owe the photo a reading once more, with all its tries."""
    return TryAgainOut(photo=photo, state=service.try_again(unit, photo).state)


@router.post(
    "/photos/{photo}/retry", status_code=202, dependencies=[needs(Scope.WATCHLIST_REVIEW)], summary="Read again"
)
def retry_for_review(photo: PhotoId, unit: WritingUnit) -> TryAgainOut:
    """The same for those who review what was read."""
    return TryAgainOut(photo=photo, state=service.try_again(unit, photo).state)


@router.post("/jobs/retry", status_code=202, dependencies=[needs(Scope.JOBS_WRITE)], summary="Try all again")
def retry_all(body: RetryAll, unit: WritingUnit) -> RetriedOut:
    """Owe photos that were given up a reading once more, at most a thousand a request, the newest first."""
    photos, left = service.try_all_again(unit, error_code=body.error_code, limit=RETRIED_AT_ONCE)
    return RetriedOut(photos=photos, left=left)


@router.get("/jobs/readers", dependencies=[needs(Scope.JOBS_WRITE)], summary="Which readers read here")
def readers(unit: ReadingUnit, services: Process) -> ReadersOut:
    """Readers with their weights and how many photos each has read, and the newest reading-again."""
    return reread.readers(unit, silent_after_s=services.settings.jobs.silent_after_s)


@router.post(
    "/jobs/reread", status_code=202, dependencies=[needs(Scope.JOBS_WRITE)], summary="Read again with the new reader"
)
def read_again(body: NewReread, unit: WritingUnit, services: Process) -> RereadOut:
    """Read photos again that the present reader has not read, the newest first, a few at a time behind new photos."""
    begun = reread.begin(unit, most=body.most, silent_after_s=services.settings.jobs.silent_after_s)
    return reread.shown(begun)


@router.delete("/jobs/reread", dependencies=[needs(Scope.JOBS_WRITE)], summary="Stop reading again")
def stop_reading_again(unit: WritingUnit) -> RereadOut:
    """Put no more photos into the queue; those that are in it are still read."""
    return reread.shown(reread.stop(unit))


def _newest_attempts(session: Session) -> list[AttemptOut]:
    wanted = select(Attempt).order_by(Attempt.started_at.desc(), Attempt.id.desc()).limit(NEWEST_ATTEMPTS)
    return [
        AttemptOut(
            photo=attempt.photo_sha256,
            worker=attempt.worker,
            started_at=attempt.started_at,
            ended_at=attempt.ended_at,
            outcome=attempt.outcome,
            error_code=attempt.error_code,
            error_message=attempt.error_message,
        )
        for attempt in session.scalars(wanted)
    ]


def _unreadable(session: Session, cursor: str | None, limit: int) -> tuple[list[UnreadableOut], str | None]:
    """A page of photos given up, the newest first, and the cursor of the next one."""
    wanted = select(Photo).where(Photo.state == PhotoState.UNREADABLE)
    if cursor is not None:
        wanted = wanted.where(tuple_(Photo.received_at, Photo.sha256) <= tuple_(*_place(cursor)))
    found = list(session.scalars(wanted.order_by(Photo.received_at.desc(), Photo.sha256.desc()).limit(limit + 1)))
    following = f"{found[limit].received_at.isoformat()}~{found[limit].sha256}" if len(found) > limit else None
    shown = [
        UnreadableOut(
            photo=photo.sha256,
            received_at=photo.received_at,
            error_code=photo.error_code,
            error_message=photo.error_message,
            failures=photo.failures,
            losses=photo.losses,
        )
        for photo in found[:limit]
    ]
    return shown, following


def _place(cursor: str) -> tuple[datetime, str]:
    when, _, sha256 = cursor.partition("~")
    try:
        return written(when), sha256
    except ValueError:
        raise CursorRefused from None

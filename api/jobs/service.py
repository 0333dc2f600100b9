"""Attempts to read a photo: each is written down before it starts, so that a killed one is known."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from api.audit.service import record
from api.errors import NotFound, Problem
from api.jobs.queue import workflow_id
from api.unit import Unit
from models import Attempt, AttemptOutcome, Photo, PhotoState, Reading, Worker


class PhotoIsBeingRead(Problem):
    """A photo that is owed a reading already."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This photo is waiting to be read already.")


def begin(unit: Unit, sha256: str, *, worker: str, max_losses: int) -> Attempt | None:
    """Write down that a worker starts on a photo; None when there is nothing (more) to do.

    An attempt still running is lost: a photo has one workflow, and that one is ours now.
    """
    photo = unit.session.get(Photo, sha256, with_for_update=True)
    if photo is None or photo.state != PhotoState.OWED:
        return None
    running = list(
        unit.session.scalars(
            select(Attempt).where(Attempt.photo_sha256 == sha256, Attempt.outcome == AttemptOutcome.RUNNING)
        )
    )
    for lost in running:
        lost.outcome, lost.ended_at = AttemptOutcome.LOST, unit.clock.now()
    photo.losses += len(running)
    if photo.losses >= max_losses:
        _give_up(unit, photo, "reader_lost", f"The reader's process ended {photo.losses} times while reading this.")
        return None
    attempt = Attempt(photo_sha256=sha256, worker=worker, started_at=unit.clock.now(), outcome=AttemptOutcome.RUNNING)
    unit.session.add(attempt)
    unit.session.flush()
    return attempt


def losses(unit: Unit, sha256: str) -> int:
    """How many attempts on a photo ended with their worker."""
    photo = unit.session.get(Photo, sha256)
    if photo is None:
        return 0
    running = select(func.count()).where(Attempt.photo_sha256 == sha256, Attempt.outcome == AttemptOutcome.RUNNING)
    return photo.losses + (unit.session.scalar(running) or 0)


def succeed(unit: Unit, attempt_id: str) -> None:
    """Write down that an attempt ended well."""
    attempt = unit.session.get_one(Attempt, attempt_id)
    attempt.outcome, attempt.ended_at = AttemptOutcome.DONE, unit.clock.now()


def fail(unit: Unit, attempt_id: str, *, code: str, message: str, max_failures: int) -> bool:
    """Write down that a photo could not be read; True when nothing more is to be tried.

    An attempt that was taken for lost meanwhile no longer speaks for its photo: whoever took over does.
    """
    attempt = unit.session.get_one(Attempt, attempt_id)
    photo = unit.session.get_one(Photo, attempt.photo_sha256, with_for_update=True)
    if not _end(unit, attempt, code=code, message=message) or photo.state != PhotoState.OWED:
        return True
    photo.failures += 1
    if photo.failures < max_failures:
        return False
    _give_up(unit, photo, code, message)
    return True


def excuse(unit: Unit, attempt_id: str, *, code: str, message: str) -> None:
    """Write down an attempt that failed for no fault of the photo: the disk, the bucket, the database, the weights."""
    _end(unit, unit.session.get_one(Attempt, attempt_id), code=code, message=message)


def _end(unit: Unit, attempt: Attempt, *, code: str, message: str) -> bool:
    was_running = attempt.outcome == AttemptOutcome.RUNNING
    attempt.error_code, attempt.error_message = code, message
    if was_running:
        attempt.outcome, attempt.ended_at = AttemptOutcome.FAILED, unit.clock.now()
    return was_running


def try_again(unit: Unit, sha256: str) -> Photo:
    """Owe a photo a reading once more, with all its tries.

    Raises:
        NotFound: there is no such photo.
        PhotoIsBeingRead: it is waiting already.
    """
    photo = unit.session.get(Photo, sha256, with_for_update=True)
    if photo is None:
        raise NotFound("photo")
    if photo.state == PhotoState.OWED:
        raise PhotoIsBeingRead
    owe_again(unit, photo)
    record(unit, "photo.try_again", sha256, want=photo.want)
    return photo


def owe_again(unit: Unit, photo: Photo) -> None:
    """Owe a photo another reading, with all its tries; nothing is written down of it."""
    photo.state = PhotoState.OWED
    photo.want += 1
    photo.failures = photo.losses = 0
    photo.error_code = photo.error_message = None
    unit.owed.append(workflow_id(photo.sha256, photo.want))


def try_all_again(unit: Unit, *, error_code: str | None = None, limit: int) -> tuple[int, int]:
    """Owe photos that were given up another reading, the newest first: how many were taken, how many are left.

    With `error_code` those alone that were given up for this reason.
    """
    given_up = Photo.state == PhotoState.UNREADABLE
    wanted = select(Photo).where(given_up)
    if error_code is not None:
        wanted = wanted.where(Photo.error_code == error_code)
    newest = wanted.order_by(Photo.received_at.desc(), Photo.sha256.desc()).limit(limit)
    photos = list(unit.session.scalars(newest.with_for_update(skip_locked=True)))
    for photo in photos:
        owe_again(unit, photo)
    unit.session.flush()
    left = unit.session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    if photos:
        record(unit, "photo.try_all_again", "photos", photos=len(photos), reason=error_code)
    return len(photos), left


def reasons(unit: Unit) -> list[tuple[str, int]]:
    """Why photos were given up, and how many for each reason, the most first."""
    given_up = select(Photo.error_code, func.count()).where(Photo.state == PhotoState.UNREADABLE)
    counted = unit.session.execute(given_up.group_by(Photo.error_code)).all()
    return sorted(((code or "", count) for code, count in counted), key=lambda each: (-each[1], each[0]))


def beat(unit: Unit, worker: str, *, version: str, card: str | None = None) -> None:
    """Say that a worker is alive; `card` is the digest of its reader's card."""
    now = unit.clock.now()
    row = unit.session.get(Worker, worker)
    if row is None:
        unit.session.add(Worker(name=worker, started_at=now, beat_at=now, version=version, card_sha256=card))
    else:
        row.beat_at, row.version, row.card_sha256 = now, version, card


def silent_workers(unit: Unit, *, after_s: float) -> list[str]:
    """Names of workers that have not been heard for a while."""
    limit = unit.clock.now() - timedelta(seconds=after_s)
    return list(unit.session.scalars(select(Worker.name).where(Worker.beat_at < limit).order_by(Worker.name)))


def owed(unit: Unit, *, for_s: float, limit: int = 1000) -> list[str]:
    """Workflow ids of photos that have been owed a reading for so long, the oldest first."""
    rows = unit.session.execute(
        select(Photo.sha256, Photo.want)
        .where(Photo.state == PhotoState.OWED, Photo.received_at <= unit.clock.now() - timedelta(seconds=for_s))
        .order_by(Photo.received_at)
        .limit(limit)
    )
    return [workflow_id(sha256, want) for sha256, want in rows]


def ask_anew(unit: Unit, asked: str) -> None:
    """Owe a photo a new workflow when the one asked for ended and the photo still waits."""
    photo = unit.session.get(Photo, asked.partition(":")[0], with_for_update=True)
    if photo is not None and photo.state == PhotoState.OWED and workflow_id(photo.sha256, photo.want) == asked:
        photo.want += 1
        unit.owed.append(workflow_id(photo.sha256, photo.want))


def _give_up(unit: Unit, photo: Photo, code: str, message: str) -> None:
    """A photo that was read before stays read: what another reader made of it holds."""
    was_read = unit.session.scalar(select(Reading.id).where(Reading.photo_sha256 == photo.sha256).limit(1)) is not None
    if was_read:
        photo.state = PhotoState.READ
    else:
        photo.state, photo.error_code, photo.error_message = PhotoState.UNREADABLE, code, message
    record(unit, "photo.unreadable", photo.sha256, code=code, failures=photo.failures, losses=photo.losses)

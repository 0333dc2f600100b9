"""Photos after painting that come over HTTP: durable first, then one transaction, as with reports."""

from __future__ import annotations

from typing import IO

from sqlalchemy import func, select

from api.cleanup.after import EXPECTED, photo_arrived
from api.cleanup.orders import order_of
from api.cleanup.states import Action
from api.cleanup.steps import ACCOUNT, By, OrderStepRefused
from api.errors import PhotoRefused, Problem
from api.photos.service import examine, keep_bytes, keep_photo
from api.services import Services
from api.unit import Actor
from models import WorkOrderPhoto
from vision.errors import PhotoDamaged

MOST_PHOTOS = 20
"""Of one order: whoever has a link may not fill the disk."""


class TooManyOrderPhotos(Problem):
    """More photos of one work order than anybody needs."""

    status = 409

    def __init__(self, *, limit: int) -> None:
        super().__init__(f"This work order has {limit} photos already, which is the most that are kept.")
        self.limit = limit


def take_photo(
    services: Services,
    actor: Actor,
    order_id: str,
    file: IO[bytes],
    *,
    by: By = ACCOUNT,
    request_id: str | None = None,
) -> str:
    """Keep a photo of the painted wall with its order; its SHA-256. The same photo again changes nothing.

    Call it in a thread: it waits for disks.

    Raises:
        NotFound, OrderStepRefused, TooManyOrderPhotos: each as its name says; nothing was kept.
        PhotoRefused: it is no photo, or breaks a limit.
        PhotoStoreUnavailable, PhotoChanged: the bytes could not be kept.
    """
    limit_bytes = services.settings.limits.photo_bytes
    with services.reading_unit(actor) as unit:
        order = order_of(unit, order_id)
        if order.state not in EXPECTED:
            raise OrderStepRefused(order.state, Action.PAINT)
        asked = select(func.count()).select_from(WorkOrderPhoto).where(WorkOrderPhoto.order_id == order_id)
        if (unit.session.scalar(asked) or 0) >= MOST_PHOTOS:
            raise TooManyOrderPhotos(limit=MOST_PHOTOS)
    original = examine(file, limit_bytes=limit_bytes, name="photo")
    if original.facts is None:
        # A damaged photo of writing is evidence; one of a wall that may be painted over shows nobody anything.
        raise PhotoRefused(PhotoDamaged(), photo="photo")
    keep_bytes(services.blobs, file, original, limit_bytes=limit_bytes, name="photo")
    with services.unit(actor, request_id=request_id) as unit:
        photo = keep_photo(unit, original)
        photo_arrived(unit, order_id, photo.sha256, by=by)
    return original.sha256

"""What a monitoring system reads: requests, photos by state, the age of the queue, living workers."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from sqlalchemy import func, select

from api.unit import Unit
from models import Photo, PhotoState, Worker

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """One registry per application, so that two in one process do not add up."""

    def __init__(self, *, silent_after_s: float) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._silent_after = timedelta(seconds=silent_after_s)
        self._requests = Histogram(
            "wallwatch_request_seconds",
            "Seconds from request to answer, by route.",
            ["method", "route", "status"],
            registry=registry,
            buckets=SECONDS,
        )
        self._photos = Gauge("wallwatch_photos", "Photos by state.", ["state"], registry=registry)
        self._queue = Gauge("wallwatch_queue_age_seconds", "Age of the longest waiting photo.", registry=registry)
        self._workers = Gauge("wallwatch_workers", "Workers that were heard lately.", registry=registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request; status 0 is a client that went away before the answer."""
        self._requests.labels(method, route, status).observe(seconds)

    def text(self, unit: Unit) -> bytes:
        """All figures in Prometheus' text format."""
        session, now = unit.session, unit.clock.now()
        counted = session.execute(select(Photo.state, func.count().label("photos")).group_by(Photo.state))
        states = {row.state: row.photos for row in counted}
        for state in PhotoState:
            self._photos.labels(state.value).set(states.get(state.value, 0))
        oldest = session.scalar(
            select(Photo.received_at).where(Photo.state == PhotoState.OWED).order_by(Photo.received_at).limit(1)
        )
        self._queue.set((now - oldest).total_seconds() if oldest else 0)
        heard = select(func.count()).select_from(Worker).where(Worker.beat_at > now - self._silent_after)
        self._workers.set(session.scalar(heard) or 0)
        return generate_latest(self._registry)

"""The web edge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.accounts.routes import router as accounts_router
from api.attachments.routes import router as attachments_router
from api.audit.routes import router as audit_router
from api.cases.routes import router as cases_router
from api.cleanup.order_routes import holds_router
from api.cleanup.order_routes import router as orders_router
from api.cleanup.picture_routes import router as cleanup_pictures_router
from api.cleanup.raid_routes import router as raid_router
from api.cleanup.territory_routes import router as territories_router
from api.connections.routes import router as connections_router
from api.evidence.routes import router as evidence_router
from api.exchange.import_routes import router as imports_router
from api.exchange.routes import router as exchange_router
from api.exchange.taxii_routes import router as taxii_router
from api.inscriptions.routes import router as inscriptions_router
from api.intake.channels.hooks import router as hooks_router
from api.intake.channels.taking import Lane
from api.intake.routes import router as intake_router
from api.intake.talk.routes import router as talk_router
from api.jobs.routes import router as jobs_router
from api.lifecycle.routes import bulk_router as lifecycle_bulk_router
from api.lifecycle.routes import router as lifecycle_router
from api.near.routes import router as near_router
from api.notices.routes import router as notices_router
from api.open311.city_routes import router as city_router
from api.open311.routes import router as open311_router
from api.photos.routes import router as photos_router
from api.press.routes import router as press_router
from api.readings.routes import router as readings_router
from api.requests.routes import router as requests_router
from api.runtime.routes import router as runtime_router
from api.services import Services
from api.stats.routes import router as stats_router
from api.suggested.routes import router as suggested_router
from api.telling.reading_routes import router as telling_reading_router
from api.telling.routes import router as telling_router
from api.warninglists.routes import router as warninglists_router
from api.watchlist.routes import router as watchlist_router
from api.web.body_limit import BodyLimit
from api.web.docs import router as docs_router
from api.web.gates import AddressLimit, OriginCheck
from api.web.headers import SecurityHeaders
from api.web.health import router as health_router
from api.web.metrics import Metrics
from api.web.openapi import describe
from api.web.pages.errors import problem_page
from api.web.pages.render import Pages
from api.web.pages.routers import ROUTERS as PAGES
from api.web.problems import add_handlers
from api.web.request_log import Crash, RequestLog

DESCRIPTION = """Photos of drug-advertising graffiti in, a watchlist of the addresses on the walls out.

Sign in with `POST /v1/session` or send an API key as `Authorization: Bearer ww_…`. Every refusal is
problem JSON (RFC 9457) with a stable `code` and a `detail` that says what to do."""

ROUTERS = (
    accounts_router,
    intake_router,
    talk_router,
    photos_router,
    readings_router,
    exchange_router,  # before the watchlist: /v1/watchlist/export is not an address
    imports_router,
    watchlist_router,
    suggested_router,
    taxii_router,
    evidence_router,
    requests_router,
    lifecycle_bulk_router,
    lifecycle_router,
    warninglists_router,
    near_router,
    inscriptions_router,
    attachments_router,
    cases_router,
    territories_router,
    orders_router,
    holds_router,
    connections_router,
    stats_router,
    press_router,
    notices_router,
    telling_router,
    telling_reading_router,
    audit_router,
    runtime_router,
    jobs_router,
    cleanup_pictures_router,
    raid_router,
    city_router,
    open311_router,
    health_router,
    hooks_router,
    docs_router,
)
log = structlog.get_logger()


@cache
def _routes() -> list[BaseRoute]:
    """All routes. What FastAPI works out of them takes 0.15 s: once a process, however many applications it makes."""
    router = APIRouter()
    for each in (*ROUTERS, *PAGES):
        router.include_router(each)
    return router.routes


def create_app(services: Services) -> FastAPI:
    """The application on these services. Whoever built the services closes them."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        log.info("web_started", stage=services.settings.stage)
        yield
        log.info("web_stopped")

    app = FastAPI(
        title="WallWatch", version="1", description=DESCRIPTION, openapi_url=None, redoc_url=None, lifespan=lifespan
    )
    app.state.services = services
    app.state.metrics = Metrics(silent_after_s=services.settings.jobs.silent_after_s)
    app.state.lane = Lane(services)
    app.state.pages, app.state.problem_page = Pages(services), problem_page
    app.router.routes.extend(_routes())
    add_handlers(app)
    _add_middleware(app, services)
    described: Any = partial(_described, app, services)
    app.openapi = described  # type: ignore[method-assign]
    return app


def _add_middleware(app: FastAPI, services: Services) -> None:
    """Each goes around those before it: the first here is the innermost."""
    settings = services.settings
    app.add_middleware(OriginCheck, origin=settings.web.origin)
    app.add_middleware(BodyLimit, limit_bytes=settings.limits.body_bytes, bytes_per_s=settings.limits.body_bytes_per_s)
    # Asked each time: it may be changed while we run.
    app.add_middleware(
        AddressLimit, limits=services.limits, per_minute=lambda: services.settings.limits.requests_per_minute
    )
    app.add_middleware(Crash)
    app.add_middleware(SecurityHeaders, is_https=settings.cookies_are_secure)
    app.add_middleware(RequestLog, metrics=app.state.metrics)
    proxy: Any = ProxyHeadersMiddleware
    app.add_middleware(proxy, trusted_hosts=list(settings.web.trusted_proxies))


def _described(app: FastAPI, services: Services) -> dict[str, Any]:
    if app.openapi_schema is None:
        app.openapi_schema = describe(app, services)
    return app.openapi_schema

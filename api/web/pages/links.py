"""A work order for people without a messenger and without an account: a signed link is all they need.

There is no session and no cookie: the link in the address is what lets in, so pages say nothing of where they are to
anybody, are kept by nobody and found by no search. Forms are plain ones, for any telephone.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import QueryParams

from api.cleanup.acting import Wish, act
from api.cleanup.after import EXPECTED
from api.cleanup.holds import holding, must_not_be_held
from api.cleanup.letters import map_link
from api.cleanup.links import order_of
from api.cleanup.photos import take_photo
from api.cleanup.pictures_shown import for_outside
from api.cleanup.states import Action, may_follow
from api.cleanup.steps import By
from api.deps import Process, public
from api.errors import PhotoRefused, Problem
from api.intake.draft import FieldNotUnderstood
from api.intake.multipart import FormRules, read_form
from api.languages.language import LANGUAGES, chosen
from api.languages.refusals import in_words
from api.services import Services
from api.unit import Actor
from api.web.gates import network_of
from api.web.pages.marks import _
from api.web.pages.render import pages_of
from api.web.pages.viewer import LANGUAGE_COOKIE, Viewer
from models import WorkOrder
from vision.errors import PhotoError

ANSWERS_PER_MINUTE = 12
WRONG_PER_MINUTE = 30
LONGEST_REASON = 500
CHANNEL = "link"
VISITOR = Actor(name="link")
BY = By(channel=CHANNEL)
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}

SAID = {
    "accepted": _("Thank you. When it is painted over, come back here and send a photo."),
    "painted": _("Thank you. The photo is compared with the earlier one now."),
    "not_ours": _("Thank you for telling us. Somebody else will be asked."),
}

router = APIRouter(prefix="/w", include_in_schema=False)


@router.get("/{token}", dependencies=[public()])
def page(token: str, request: Request, services: Process, said: str = "") -> Response:
    """The order: its number, place and picture, and what may be answered."""
    return _shown(request, services, token, said=SAID.get(said, ""))


@router.get("/{token}/picture.jpg", dependencies=[public()], response_class=Response)
def picture(token: str, services: Process) -> Response:
    """The wall as it was, with everything that was read on it covered."""
    with services.reading_unit() as unit:
        sha256 = order_of(unit, services.settings, token).photo_sha256
    return Response(for_outside(services, sha256), media_type="image/jpeg", headers=HEADERS)


@router.post("/{token}/accept", dependencies=[public()])
async def accept(token: str, request: Request, services: Process) -> Response:
    """We will do it."""
    return await run_in_threadpool(_answered, request, services, token, Wish(Action.ACCEPT), "accepted")


@router.post("/{token}/not-ours", dependencies=[public()])
async def not_ours(token: str, request: Request, services: Process) -> Response:
    """It is somebody else's wall; the form says whose, or why."""
    reason = str((await request.form(max_fields=5, max_files=0)).get("reason", ""))[: LONGEST_REASON + 1]
    return await run_in_threadpool(_answered, request, services, token, Wish(Action.NOT_OURS, reason), "not_ours")


@router.post("/{token}/painted", dependencies=[public()])
async def painted(token: str, request: Request, services: Process) -> Response:
    """It is painted over, and here is a photo of it: under the limits and checks of any photo."""
    rules = FormRules("photo", 1, services.settings.limits.photo_bytes, ())
    try:
        await run_in_threadpool(_must_open, services, request, token)
        form = await read_form(request.headers.get("content-type", ""), request.stream(), rules)
    except (Problem, PhotoError) as error:
        return await run_in_threadpool(_refused, request, services, token, error)
    try:
        part = form.files[0] if form.files else None
        if part is None or not part.size_bytes:
            missing = FieldNotUnderstood("photo", expected="a photo of the wall")
            return await run_in_threadpool(_refused, request, services, token, missing)
        return await run_in_threadpool(_photographed, request, services, token, part.file)
    finally:
        form.close()


def _answered(request: Request, services: Services, token: str, wish: Wish, said: str) -> Response:
    try:
        order = _must_open(services, request, token)
        with services.unit(VISITOR, request_id=_request_id(request)) as unit:
            order_of(unit, services.settings, token)  # it may have been replaced this very moment
            act(unit, services.settings, order.id, wish, by=BY)
    except (Problem, PhotoError) as error:
        return _refused(request, services, token, error)
    return _back(request, token, said)


def _photographed(request: Request, services: Services, token: str, file: Any) -> Response:
    try:
        with services.reading_unit() as unit:
            order = order_of(unit, services.settings, token)
            must_not_be_held(unit.session, order.inscription_id)
        take_photo(services, VISITOR, order.id, file, by=BY, request_id=_request_id(request))
    except (Problem, PhotoError) as error:
        return _refused(request, services, token, error)
    return _back(request, token, "painted")


def _must_open(services: Services, request: Request, token: str) -> WorkOrder:
    """The order, after this answer was counted. LinkEnded, TooManyRequests."""
    try:
        with services.reading_unit() as unit:
            order = order_of(unit, services.settings, token)
    except Problem:
        services.limits.spend("link wrong", network_of(request.scope), per_minute=WRONG_PER_MINUTE)
        raise
    services.limits.spend("link", order.id, per_minute=ANSWERS_PER_MINUTE)
    return order


def _refused(request: Request, services: Services, token: str, error: Problem | PhotoError) -> Response:
    """The page again with what was wrong."""
    problem = PhotoRefused(error) if isinstance(error, PhotoError) else error
    body = problem.as_json()
    wrong = in_words(body, _language(request))
    return _shown(request, services, token, wrong=wrong, status=int(body["status"]))


def _shown(
    request: Request, services: Services, token: str, *, said: str = "", wrong: str = "", status: int = 200
) -> Response:
    viewer = Viewer(_language(request))
    try:
        with services.reading_unit() as unit:
            order = order_of(unit, services.settings, token)
            held = holding(unit.session, order.inscription_id) is not None
    except Problem as problem:
        return _ended(request, services, viewer, problem)
    values = {
        "order": order,
        "token": token,
        "held": held,
        "map_link": map_link(order.lat, order.lon),
        "said": said,
        "wrong": wrong,
        "may_accept": may_follow(order.state, Action.ACCEPT) and not held,
        "may_photograph": order.state in EXPECTED and not held,
        "may_refuse": may_follow(order.state, Action.NOT_OURS),
        "longest": LONGEST_REASON,
        "mib": services.settings.limits.photo_bytes // 2**20,
    }
    answer = pages_of(request).page(request, viewer, "links/order.html", status=status, **values)
    answer.headers.update(HEADERS)
    return answer


def _ended(request: Request, services: Services, viewer: Viewer, problem: Problem) -> Response:
    try:
        services.limits.spend("link wrong", network_of(request.scope), per_minute=WRONG_PER_MINUTE)
    except Problem as many:
        problem = many
    body = problem.as_json()
    wrong = in_words(body, viewer.language)
    answer = pages_of(request).page(request, viewer, "links/ended.html", status=int(body["status"]), wrong=wrong)
    answer.headers.update(HEADERS)
    if "retry_after_s" in body:
        answer.headers["Retry-After"] = str(body["retry_after_s"])
    return answer


def _back(request: Request, token: str, said: str) -> Response:
    """To the page again, so that reloading it sends nothing a second time."""
    asked = QueryParams({"said": said, "lang": _language(request)})
    return RedirectResponse(f"/w/{token}?{asked}", status_code=303, headers=HEADERS)


def _language(request: Request) -> str:
    """As the address says, else as the browser does."""
    asked = request.query_params.get("lang", "")
    if asked in LANGUAGES:
        return asked
    return chosen(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))


def _request_id(request: Request) -> str | None:
    found: str | None = request.scope.get("state", {}).get("request_id")
    return found

"""Every refusal as RFC 9457 problem JSON; nothing of a stack ever leaves."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from api.errors import PhotoRefused, Problem
from api.languages.language import first_of_ours
from api.languages.refusals import in_words
from api.open311 import errors as open311
from vision.errors import PhotoError

PLAIN_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "json_invalid": "is not valid JSON",
    "string_unicode": "is not valid Unicode",
    "model_attributes_type": "is not a JSON object",
}
"""For people, in place of pydantic's own words, by its error type."""

HTTP_WORDS = {
    404: "There is nothing at this address; /docs lists what there is.",
    405: "This address does not take this method; the Allow header says which it takes.",
}
PROGRAMS = ("/v1/", "/taxii2/", "/static/", "/hooks/", open311.ROOT)
"""What begins so is for programs: they get problem JSON, whatever they accept."""

log = structlog.get_logger()


class RequestNotUnderstood(Problem):
    """Fields that are missing or of the wrong form."""

    status = 422

    def __init__(self, fields: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{field['field']} {field['message']}" for field in fields) + ".")
        self.fields = fields


class ValueRefused(Problem):
    """A value that no column can hold."""

    status = 422

    def __init__(self) -> None:
        super().__init__("A value holds characters or numbers that cannot be stored: look for control characters.")


class Busy(Problem):
    """The database could not take this now."""

    status = 503

    def __init__(self) -> None:
        super().__init__("The database is busy: nothing was changed, try again in a moment.")
        self.retry_after_s = 1


class Unexpected(Problem):
    """An error of ours."""

    status = 500

    def __init__(self) -> None:
        super().__init__("Something went wrong on our side; it is logged under this request id.")


def problem_response(problem: Problem, scope: Scope) -> Response:
    """The answer that a problem makes, with the request's id in it."""
    body = problem.as_json()
    headers = {}
    if body["status"] == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_s" in body:
        headers["Retry-After"] = str(body["retry_after_s"])
    return _json(scope, body, headers)


def add_handlers(app: FastAPI) -> None:
    """Teach the application to refuse in problem JSON."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(PhotoError, _photo)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DataError, _value)
    app.add_exception_handler(OperationalError, _database)
    app.add_exception_handler(PoolTimeout, _database)


def _problem(request: Request, error: Any) -> Response:
    if _is_for_people(request):
        return _page(request, error.as_json())
    return problem_response(error, request.scope)


def _is_for_people(request: Request) -> bool:
    """Whether a browser asked for a page or a part of one."""
    return not request.url.path.startswith(PROGRAMS) and "text/html" in request.headers.get("accept", "")


def _page(request: Request, body: dict[str, Any]) -> Response:
    page: Response = request.app.state.problem_page(request, body | {"request_id": _request_id(request.scope)})
    return page


def _photo(request: Request, error: PhotoError | Any) -> Response:
    return _problem(request, PhotoRefused(error))


def _validation(request: Request, error: RequestValidationError | Any) -> Response:
    # What was sent is never repeated: it may be a password.
    fields = [
        {"field": _place(wrong["loc"]), "message": PLAIN_WORDS.get(wrong["type"], f"is refused: {wrong['msg']}")}
        for wrong in error.errors()
    ]
    return _problem(request, RequestNotUnderstood(fields))


def _place(location: tuple[str | int, ...]) -> str:
    names = [str(part) for part in location[1:] if isinstance(part, str) or location[0] != "body" or len(location) > 2]
    return ".".join(names) or str(location[0])


def _http(request: Request, error: HTTPException | Any) -> Response:
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_").replace("-", "_")
    detail = str(error.detail)
    body = {
        "type": f"urn:wallwatch:problem:{code}",
        "title": phrase.lower(),
        "status": error.status_code,
        "code": code,
        "detail": HTTP_WORDS.get(error.status_code, detail) if detail == phrase else detail,
    }
    if _is_for_people(request):
        return _page(request, body)
    return _json(request.scope, body, dict(error.headers or {}))


def _value(request: Request, error: Any) -> Response:
    log.warning("value_refused", error=type(error.orig).__name__)  # its words repeat the value
    return _problem(request, ValueRefused())


def _database(request: Request, error: Any) -> Response:
    log.error("database_error", error=str(error))
    return _problem(request, Busy())


def _request_id(scope: Scope) -> str | None:
    found: str | None = scope.get("state", {}).get("request_id")
    return found


def _json(scope: Scope, body: dict[str, Any], headers: dict[str, str]) -> Response:
    # What is no HTTP request has no headers either.
    language = first_of_ours(Headers(scope=scope).get("accept-language")) if "headers" in scope else None
    body = body | {"detail": in_words(body, language), "request_id": _request_id(scope)}
    if scope.get("path", "").startswith(open311.ROOT):
        return open311.refused(scope["path"], body, headers)
    return JSONResponse(body, status_code=body["status"], headers=headers, media_type="application/problem+json")

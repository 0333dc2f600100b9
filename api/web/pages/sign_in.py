"""Signing in and out, the language, and where work begins."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from api.accounts import sessions
from api.accounts.routes import set_session_cookie, spend_sign_in
from api.deps import Process, needs, public
from api.errors import Problem
from api.languages.language import LANGUAGES
from api.languages.refusals import in_words
from api.web.pages.menu import home_of
from api.web.pages.render import pages_of
from api.web.pages.viewer import LANGUAGE_COOKIE, Anybody, Looking

YEAR_S = 365 * 86400

router = APIRouter(include_in_schema=False)


@router.get("/", dependencies=[needs()])
def start(viewer: Looking) -> RedirectResponse:
    """To where the viewer's work begins."""
    return RedirectResponse(home_of(viewer), status_code=303)


@router.get("/sign-in", dependencies=[public()])
def sign_in_page(request: Request, viewer: Anybody, next: str = "/") -> Response:
    """The form."""
    return pages_of(request).page(request, viewer, "shared/sign_in.html", said="", name="", onward=local(next))


class SignInForm(BaseModel):
    """What the form sends."""

    name: str = Field(default="", max_length=200)
    password: str = Field(default="", max_length=1000)
    next: str = Field(default="/", max_length=2000)


@router.post("/sign-in", dependencies=[public()])
def sign_in(request: Request, viewer: Anybody, services: Process, form: Annotated[SignInForm, Form()]) -> Response:
    """Onward with the session's cookie, or the form again with what was wrong."""
    onward = local(form.next)
    try:
        spend_sign_in(services, request, form.name)
        signed_in = sessions.sign_in(
            services, name=form.name, password=form.password, request_id=request.state.request_id
        )
    except Problem as problem:
        said = in_words(problem.as_json(), viewer.language)
        status = 422 if problem.status == 401 else problem.status  # 401 would ask for another way to sign in
        return pages_of(request).page(
            request, viewer, "shared/sign_in.html", status=status, said=said, name=form.name, onward=onward
        )
    answer = RedirectResponse(onward, status_code=303)
    set_session_cookie(answer, services, signed_in.token)
    return answer


@router.post("/language", dependencies=[public()])
def choose_language(
    services: Process,
    code: Annotated[str, Form(max_length=10)],
    onward: Annotated[str, Form(alias="next", max_length=2000)] = "/",
) -> Response:
    """Remember a language in this browser for a year, and go back."""
    answer = RedirectResponse(local(onward), status_code=303)
    if code in LANGUAGES:
        secure = services.settings.cookies_are_secure
        answer.set_cookie(LANGUAGE_COOKIE, code, max_age=YEAR_S, secure=secure, httponly=True, samesite="lax", path="/")
    return answer


def local(path: str) -> str:
    """A path of this server as it is; `/` for what would lead elsewhere."""
    parts = urlsplit(path)
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if is_ours and path.isprintable() and "\\" not in path else "/"

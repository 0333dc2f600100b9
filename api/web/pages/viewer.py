"""Who looks at a page, and in which language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.deps import Caller, Process
from api.languages.language import chosen
from api.unit import Actor
from models import Session

LANGUAGE_COOKIE = "wallwatch_language"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Whoever looks: nobody before signing in.

    Attributes:
        csrf_token: what the page's requests must send to change anything; empty for nobody and for keys.
    """

    language: str
    actor: Actor | None = None
    csrf_token: str = ""

    def may(self, *scopes: str) -> bool:
        """Whether the viewer holds all these scopes."""
        return self.actor is not None and self.actor.scopes.issuperset(scopes)


def language_of(request: Request) -> str:
    """The language that this browser chose, or speaks."""
    return chosen(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))


def anybody(request: Request) -> Viewer:
    """A viewer of pages that need no name."""
    return Viewer(language_of(request))


def viewer(request: Request, services: Process, actor: Caller) -> Viewer:
    """The signed-in viewer."""
    token = ""
    if actor.session_id:
        with services.reading_unit(actor) as unit:
            session = unit.session.get(Session, actor.session_id)
            token = session.csrf_token if session else ""
    return Viewer(language_of(request), actor, token)


Anybody = Annotated[Viewer, Depends(anybody)]
Looking = Annotated[Viewer, Depends(viewer)]

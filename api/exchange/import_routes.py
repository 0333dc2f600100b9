"""Imports that go on by themselves, and what became of earlier ones."""

from __future__ import annotations

import io
from typing import IO, Annotated

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.accounts.roles import Scope
from api.deps import Caller, Process, ReadingUnit, needs
from api.exchange.imports import import_page, import_run
from api.exchange.incoming.claims import ImportTooLarge
from api.exchange.incoming.runs import Run, State
from api.exchange.incoming.service import Fate, Outcome, Told, take_in
from api.exchange.routes import FORM
from api.exchange.schemas import ImportPageOut, ImportRunOut
from api.exchange.service import Format
from api.intake.multipart import one_file
from api.intake.text import clean_file_name
from api.languages.language import first_of_ours
from api.services import Services
from api.unit import Actor
from vision.types import Kind

router = APIRouter(prefix="/v1/imports", tags=["exchange"])

WRITE = needs(Scope.IMPORT_WRITE)


@router.post(
    "", status_code=202, dependencies=[WRITE], summary="Take a file in while nobody waits for it", openapi_extra=FORM
)
async def start_import(  # noqa: PLR0917 - FastAPI fills them by name
    request: Request,
    response: Response,
    services: Process,
    actor: Caller,
    format: Annotated[Format | None, Query(description="without it, the file's name and beginning tell")] = None,
    kind: Annotated[Kind | None, Query(description="of bare names in a plain list")] = None,
    dry_run: Annotated[bool, Query(description="only say what would be added, merged and refused")] = False,  # noqa: FBT002
) -> ImportRunOut:
    """As `POST /v1/watchlist/import`, but answered once the file is here: `GET /v1/imports/{id}` tells how far it is.

    An import that ends with the server's process is one that was cut off: the same file sent again finishes it.
    """
    limit_bytes = services.settings.exchange.import_bytes
    async with one_file(request, limit_bytes, ImportTooLarge, of="an import") as part:
        name, file = part.name, part.file

        def work(run: Run) -> None:
            with file:
                _take_in(services, actor, file, run, name=name, form=format, kind=kind)

        run = await run_in_threadpool(
            services.imports.start,
            work,
            file_name=clean_file_name(name) or "",
            sender=actor.name,
            is_dry_run=dry_run,
        )
        part.file = io.BytesIO()  # the form lets its file go: this one is the import's now
    response.headers["Location"] = f"/v1/imports/{run.id}"
    return import_run(run)


def _take_in(
    services: Services, actor: Actor, file: IO[bytes], run: Run, *, name: str, form: Format | None, kind: Kind | None
) -> None:
    def watch(outcome: Outcome, of: int | None) -> None:
        run.format, run.entries, run.of = outcome.format, outcome.entries, of
        run.import_id, run.is_resumed = outcome.import_id, outcome.is_resumed
        run.state = State.READING if of is None else State.WRITING
        run.heed()

    def tell(told: Told) -> None:
        run.note(told.fate, told, is_shown=told.fate is not Fate.KNOWN)

    run.heed()
    take_in(
        services, actor, file, name=name, form=form, kind=kind, is_dry_run=run.is_dry_run, tell=tell, watch=watch,
        row_id=run.id,
    )  # fmt: skip


@router.get("", dependencies=[WRITE], summary="Earlier imports")
def list_imports(
    unit: ReadingUnit,
    services: Process,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ImportPageOut:
    """What was taken in, the newest first; dry runs leave nothing behind but an entry in the audit log."""
    return import_page(unit, services.imports, cursor=cursor, limit=limit)


@router.get("/{import_id}", dependencies=[WRITE], summary="How far an import is")
def get_import(request: Request, import_id: str, unit: ReadingUnit, services: Process) -> ImportRunOut:
    """Where it stands; `told` and `problem` once it has ended, for two hours, from the process that did it.

    After that, and from other processes, only what was kept: the counts, and whether it came to its end.
    """
    language = first_of_ours(request.headers.get("accept-language"))
    return import_run(services.imports.get(import_id), unit, import_id, language=language)

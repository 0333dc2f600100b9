"""Imports as the API shows them: those that go on in this process, and the rows of all others."""

from __future__ import annotations

from sqlalchemy import Select, and_, or_, select

from api.errors import NotFound
from api.exchange.incoming.reasons import in_language
from api.exchange.incoming.runs import Run, Runs, State
from api.exchange.incoming.service import Fate
from api.exchange.schemas import ImportPageOut, ImportRowOut, ImportRunOut, ToldOut
from api.intake.cursors import decode_cursor, encode_cursor
from api.languages.refusals import in_words
from api.unit import Unit
from models import Account, Import


def import_run(
    run: Run | None, unit: Unit | None = None, import_id: str = "", *, language: str | None = None
) -> ImportRunOut:
    """An import of this process, or else what the database has of it. NotFound.

    Args:
        run: the import, where this process does it or did it.
        unit: where to look for its row otherwise.
        import_id: the id of that row.
        language: of reasons and refusals; None leaves them as the program says them.
    """
    if run is None:
        return _of_row(unit, import_id)
    problem = run.problem and run.problem | {"detail": in_words(run.problem, language)}
    return ImportRunOut(
        id=run.id,
        import_id=run.import_id,
        state=run.state,
        file_name=run.file_name,
        sender=run.sender,
        dry_run=run.is_dry_run,
        format=run.format,
        began_at=run.began_at,
        ended_at=run.ended_at,
        entries=run.entries,
        of=run.of,
        done=run.done,
        resumed=run.is_resumed,
        problem=problem,
        told=[
            ToldOut(
                fate=told.fate,
                where=in_language(told.where, language),
                kind=told.kind,
                value=told.value,
                reason=in_language(told.reason, language),
            )
            for told in (run.told if run.is_over else ())
        ],
        **_counts(run.counts),
    )


def _counts(counts: dict[str, int]) -> dict[str, int]:
    return {str(fate): counts.get(fate, 0) for fate in Fate}


def _of_row(unit: Unit | None, import_id: str) -> ImportRunOut:
    found = unit.session.execute(_rows().where(Import.id == import_id)).one_or_none() if unit is not None else None
    if found is None:
        raise NotFound("import")
    row, sender = found
    counts = {str(fate): getattr(row, fate) for fate in Fate}
    done = sum(counts.values())
    return ImportRunOut(
        id=row.id,
        import_id=row.id,
        state=State.FINISHED if row.finished_at else State.UNFINISHED,
        file_name=row.file_name or "",
        sender=sender or "",
        dry_run=False,
        format=row.format,
        began_at=row.made_at,
        ended_at=row.finished_at,
        entries=None,
        of=done if row.finished_at else None,
        done=done,
        resumed=False,
        problem=None,
        told=[],
        **counts,
    )


def import_page(unit: Unit, runs: Runs, *, cursor: str | None, limit: int) -> ImportPageOut:
    """A page of the rows, the newest first; those that this process writes now say so. CursorNotUnderstood."""
    asked = _rows().order_by(Import.made_at.desc(), Import.id.desc()).limit(limit + 1)
    if cursor is not None:
        at, row_id = decode_cursor(cursor)
        asked = asked.where(or_(Import.made_at < at, and_(Import.made_at == at, Import.id < row_id)))
    found = unit.session.execute(asked).all()
    written = {run.import_id: run for run in runs.going_on()}
    last = found[limit - 1][0] if len(found) > limit else None
    return ImportPageOut(
        imports=[
            ImportRowOut(
                id=row.id,
                state=_state(row, written.get(row.id)),
                file_name=row.file_name or "",
                file_sha256=row.file_sha256,
                sender=sender or "",
                format=row.format,
                began_at=row.made_at,
                ended_at=row.finished_at,
                **{str(fate): getattr(row, fate) for fate in Fate},
            )
            for row, sender in found[:limit]
        ],
        next=encode_cursor(last.made_at, last.id) if last else None,
    )


def _state(row: Import, run: Run | None) -> State:
    if row.finished_at is not None:
        return State.FINISHED
    return run.state if run is not None else State.UNFINISHED


def _rows() -> Select[Import, str]:
    return select(Import, Account.name).outerjoin(Account, Account.id == Import.account_id)

"""Finding readings, and what the watchlist knows of what they found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, selectinload

from api.near.aliases import kept
from models import Address, Finding, Reading, Sighting, SightingState

ASKED_AT_ONCE = 200


def readings_of(session: Session, photo_sha256: str) -> Sequence[Reading]:
    """Every reading of the photo with its findings, the newest first."""
    return session.scalars(_newest_first(photo_sha256)).all()


def newest_reading(session: Session, photo_sha256: str) -> Reading | None:
    """The photo's newest reading with its findings; None before the first."""
    return session.scalar(_newest_first(photo_sha256).limit(1))


def _newest_first(photo_sha256: str) -> Select[Reading]:
    return (
        select(Reading)
        .where(Reading.photo_sha256 == photo_sha256)
        .options(selectinload(Reading.findings))
        .order_by(Reading.read_at.desc(), Reading.id.desc())
    )


def newest_findings(session: Session, photos: Sequence[str]) -> dict[str, list[Finding]]:
    """The findings of each photo's newest reading, in its order; a photo that was not read is not in it."""
    asked = select(Reading.id, Reading.photo_sha256).where(Reading.photo_sha256.in_(photos))
    newest = {sha256: reading for reading, sha256 in session.execute(asked.order_by(Reading.read_at, Reading.id))}
    rows: dict[str, list[Finding]] = {sha256: [] for sha256 in newest}
    wanted = select(Finding).where(Finding.reading_id.in_(newest.values())).options(selectinload(Finding.fused))
    for row in session.scalars(wanted.order_by(Finding.photo_sha256, Finding.position)):
        rows[row.photo_sha256].append(row)
    return rows


def identity(finding: Finding) -> tuple[str, str]:
    """The address a finding stands for: what a person decided, what photos made it be listed as, or what was read."""
    if finding.decided_kind is None and finding.is_listed and not finding.accepted and finding.fused is not None:
        return finding.fused.kind, finding.fused.value
    return finding.decided_kind or finding.kind, finding.decided_value or finding.value


def addresses_of(session: Session, findings: Iterable[Finding]) -> dict[tuple[str, str], Address]:
    """The watchlist's entries for these findings, by kind and value; for a merged one the one that it is shown as."""
    wanted = sorted({identity(finding) for finding in findings})
    found: dict[tuple[str, str], Address] = {}
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        several = wanted[start : start + ASKED_AT_ONCE]
        for address in session.scalars(select(Address).where(tuple_(Address.kind, Address.value).in_(several))):
            found[address.kind, address.value] = kept(session, address)
    return found


def is_elsewhere(session: Session, address: Address, report_id: str) -> bool:
    """Whether another report than this one shows the address, too."""
    return (
        session.scalar(
            select(Sighting.id)
            .where(
                Sighting.address_id == address.id,
                Sighting.report_id != report_id,
                Sighting.state != SightingState.REJECTED,
            )
            .limit(1)
        )
        is not None
    )

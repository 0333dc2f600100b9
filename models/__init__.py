"""What we keep: tables here, trained weights in `models/weights`."""

from models.accounts import Account, ApiKey, Role, Session
from models.audit import AuditEntry, AuditSeal
from models.base import Base, Moment, new_id
from models.imports import Import, ImportedAddress, ImportedSighting
from models.jobs import Attempt, AttemptOutcome, Worker
from models.limits import RateBucket
from models.readings import UNREAD, Finding, Reading, Review
from models.reports import Photo, PhotoState, Report, ReportPhoto
from models.watchlist import Address, AddressStatus, Inscription, Sighting, SightingState

__all__ = [
    "UNREAD",
    "Account",
    "Address",
    "AddressStatus",
    "ApiKey",
    "Attempt",
    "AttemptOutcome",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "Finding",
    "Import",
    "ImportedAddress",
    "ImportedSighting",
    "Inscription",
    "Moment",
    "Photo",
    "PhotoState",
    "RateBucket",
    "Reading",
    "Report",
    "ReportPhoto",
    "Review",
    "Role",
    "Session",
    "Sighting",
    "SightingState",
    "Worker",
    "new_id",
]

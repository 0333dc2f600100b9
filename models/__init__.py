"""What we keep: tables here, trained weights in `models/weights`."""

from models.accounts import Account, ApiKey, Role, Session
from models.audit import AuditEntry, AuditSeal
from models.base import Base, Moment, new_id
from models.cases import Case, CaseAddress, CaseBook
from models.imports import Import, ImportedAddress, ImportedSighting
from models.inscriptions import (
    FusedFinding,
    InscriptionApart,
    InscriptionEvent,
    InscriptionPhoto,
    Joined,
    OfferedValue,
    PhotoFeatures,
    PhotoMatch,
)
from models.jobs import Attempt, AttemptOutcome, Worker
from models.lifecycle import AddressNote, AddressStep, AddressTag, Attachment, Notice
from models.limits import RateBucket
from models.readings import UNREAD, Decision, Finding, Reading, Review
from models.reports import Photo, PhotoState, Report, ReportPhoto
from models.watchlist import Address, AddressStatus, Inscription, Sighting, SightingState, Tlp

__all__ = [
    "UNREAD",
    "Account",
    "Address",
    "AddressNote",
    "AddressStatus",
    "AddressStep",
    "AddressTag",
    "ApiKey",
    "Attachment",
    "Attempt",
    "AttemptOutcome",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "Case",
    "CaseAddress",
    "CaseBook",
    "Decision",
    "Finding",
    "FusedFinding",
    "Import",
    "ImportedAddress",
    "ImportedSighting",
    "Inscription",
    "InscriptionApart",
    "InscriptionEvent",
    "InscriptionPhoto",
    "Joined",
    "Moment",
    "Notice",
    "OfferedValue",
    "Photo",
    "PhotoFeatures",
    "PhotoMatch",
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
    "Tlp",
    "Worker",
    "new_id",
]

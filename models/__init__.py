"""What we keep: tables here, trained weights in `models/weights`."""

from models.accounts import Account, ApiKey, Role, Session
from models.audit import AuditEntry, AuditSeal
from models.base import Base, Moment, new_id
from models.cases import Case, CaseAddress, CaseBook
from models.imports import Import, ImportedAddress, ImportedSighting
from models.jobs import Attempt, AttemptOutcome, Worker
from models.lifecycle import AddressNote, AddressStep, AddressTag, Attachment, Notice
from models.limits import RateBucket
from models.readings import UNREAD, Decision, Finding, Reading, Review
from models.reports import Photo, PhotoState, Report, ReportPhoto
from models.requests import BlockRequest, BlockRequestAddress, BlockRequestFile
from models.stix_ids import StixId
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
    "BlockRequest",
    "BlockRequestAddress",
    "BlockRequestFile",
    "Case",
    "CaseAddress",
    "CaseBook",
    "Decision",
    "Finding",
    "Import",
    "ImportedAddress",
    "ImportedSighting",
    "Inscription",
    "Moment",
    "Notice",
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
    "StixId",
    "Tlp",
    "Worker",
    "new_id",
]

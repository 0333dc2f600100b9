"""What we keep: tables here, trained weights in `models/weights`."""

from models.accounts import Account, ApiKey, Role, Session
from models.audit import AuditEntry, AuditSeal
from models.base import Base, Moment, new_id
from models.cases import Case, CaseAddress, CaseBook
from models.channels import (
    ArrivalState,
    Arrived,
    Conversation,
    ConversationPhoto,
    ConversationState,
    Lease,
    Outgoing,
    Sender,
)
from models.cleanup import (
    Assigned,
    InscriptionHold,
    OrderState,
    Territory,
    TerritoryContact,
    WorkOrder,
    WorkOrderPhoto,
    WorkOrderStep,
)
from models.connections import FindingHand, HandBand, HandLink, HandOwed
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
from models.jobs import Attempt, AttemptOutcome, ReaderCard, Reread, Worker
from models.lifecycle import AddressNote, AddressStep, AddressTag, Attachment, Notice
from models.limits import RateBucket
from models.near import AddressKey, AddressMerge, AddressPair, Relation, Verdict
from models.open311 import CityRequest, CityState
from models.readings import UNREAD, Decision, Finding, Reading, Review
from models.reports import Photo, PhotoState, Report, ReportPhoto
from models.requests import BlockRequest, BlockRequestAddress, BlockRequestFile
from models.settings import RuntimeSetting
from models.stats import StatMark, StatNumber, StatPage
from models.stix_ids import StixId
from models.suggestions import FindingSuggestion
from models.telling import Channel, InboxEntry, Matched, Message, MessageState, Pace, Subscription, Watch
from models.warninglists import FindingContext, WarningHit, WarningRun, WarningState
from models.watchlist import Address, AddressStatus, Inscription, Sighting, SightingState, Tlp

__all__ = [
    "UNREAD",
    "Account",
    "Address",
    "AddressKey",
    "AddressMerge",
    "AddressNote",
    "AddressPair",
    "AddressStatus",
    "AddressStep",
    "AddressTag",
    "ApiKey",
    "ArrivalState",
    "Arrived",
    "Assigned",
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
    "Channel",
    "CityRequest",
    "CityState",
    "Conversation",
    "ConversationPhoto",
    "ConversationState",
    "Decision",
    "Finding",
    "FindingContext",
    "FindingHand",
    "FindingSuggestion",
    "FusedFinding",
    "HandBand",
    "HandLink",
    "HandOwed",
    "Import",
    "ImportedAddress",
    "ImportedSighting",
    "InboxEntry",
    "Inscription",
    "InscriptionApart",
    "InscriptionEvent",
    "InscriptionHold",
    "InscriptionPhoto",
    "Joined",
    "Lease",
    "Matched",
    "Message",
    "MessageState",
    "Moment",
    "Notice",
    "OfferedValue",
    "OrderState",
    "Outgoing",
    "Pace",
    "Photo",
    "PhotoFeatures",
    "PhotoMatch",
    "PhotoState",
    "RateBucket",
    "ReaderCard",
    "Reading",
    "Relation",
    "Report",
    "ReportPhoto",
    "Reread",
    "Review",
    "Role",
    "RuntimeSetting",
    "Sender",
    "Session",
    "Sighting",
    "SightingState",
    "StatMark",
    "StatNumber",
    "StatPage",
    "StixId",
    "Subscription",
    "Territory",
    "TerritoryContact",
    "Tlp",
    "Verdict",
    "WarningHit",
    "WarningRun",
    "WarningState",
    "Watch",
    "WorkOrder",
    "WorkOrderPhoto",
    "WorkOrderStep",
    "Worker",
    "new_id",
]

"""All settings: read once at the edge from `WALLWATCH_…`, frozen, nested by who reads them."""

from __future__ import annotations

import os
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.cleanup.settings import CleanupSettings
from api.intake.channels.settings import (
    MailboxSettings,
    TalkSettings,
    TelegramSettings,
    WatchedFolderSettings,
    WhatsAppSettings,
)
from api.open311.settings import Open311Settings
from api.press.settings import PressSettings
from api.telling.settings import TellingSettings
from api.watchlist.decay import HALF_LIFE_DAYS, HalfLives
from api.web.outline import checked

DEVELOPMENT_SECRET = "development-only-not-a-secret"  # noqa: S105 - refused in production
PREFIX = "WALLWATCH_"
FOR_TESTS = frozenset({"WALLWATCH_CRASH_ROUNDS"})
"""Variables that only the tests read, and nobody would take for a setting."""


def known_zone(name: str) -> str:
    """The name of a time zone as it is; ValueError where there is none of this name."""
    try:
        ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise ValueError(f"there is no time zone {name!r}: give a name such as Asia/Almaty") from None
    return name


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DatabaseSettings(_Group):
    """Where the tables are. Empty: `wallwatch.sqlite` in the data folder."""

    url: str = ""
    pool_size: int = Field(default=10, ge=1)
    busy_timeout_s: float = Field(default=30.0, gt=0)


class BlobSettings(_Group):
    """Where photos are kept: the folder `blobs` in the data folder, or an S3-compatible bucket."""

    store: Literal["local", "s3"] = "local"
    bucket: str = ""
    prefix: str = ""
    endpoint: str = ""
    region: str = "us-east-1"
    access_key: SecretStr = SecretStr("")
    secret_key: SecretStr = SecretStr("")


class VisionSettings(_Group):
    """Which reader reads, and how."""

    reader: Literal["embedded", "easyocr"] = "embedded"
    detector: Literal["", "embedded", "easyocr"] = ""
    recogniser: Literal["", "embedded", "stock", "trained", "easyocr", "cyrillic_g2", "latin_g2", "english_g2"] = ""
    gpu: bool = False
    model_dir: Path | None = None
    threshold: float = Field(default=0.75, ge=0, le=1)


class JobSettings(_Group):
    """How photos are read in the background. Empty DBOS url: SQLite in the data folder, or the main PostgreSQL."""

    dbos_url: str = ""
    worker: str = Field(default="", pattern=r"^[A-Za-z0-9_.-]{0,48}$")
    concurrency: int = Field(default=0, ge=0, description="photos read at once by one worker; 0: one for each core")
    max_failures: int = Field(default=3, ge=1)
    max_losses: int = Field(default=6, ge=1)
    heartbeat_s: float = Field(default=5.0, gt=0)
    silent_after_s: float = Field(default=30.0, gt=0)


class LimitSettings(_Group):
    """What one request, account or address may use up."""

    photo_bytes: int = Field(default=32 * 2**20, ge=1024)
    attachment_bytes: int = Field(default=16 * 2**20, ge=1024)
    attachments_per_address: int = Field(default=50, ge=1)
    photos_per_report: int = Field(default=10, ge=1, le=10)
    body_bytes: int = Field(default=96 * 2**20, ge=1024)
    body_bytes_per_s: int = Field(default=10_000, ge=1, description="a slower body is given up after a minute of grace")
    sign_in_per_minute: int = Field(default=10, ge=1)
    requests_per_minute: int = Field(default=1200, ge=1)
    reports_per_minute: int = Field(default=600, ge=1)


class IntakeSettings(_Group):
    """What is believed of the places that reports name.

    `region` is south, west, north, east in degrees: a typed pair that lies in it only with latitude and longitude
    swapped is refused as swapped. The default is around Kazakhstan; an empty value believes everything.
    """

    region: tuple[float, float, float, float] | None = (40.5, 46.4, 55.5, 87.4)
    doubtful_m: float = Field(default=500.0, gt=0, description="typed and EXIF place further apart than this: flagged")
    timezone: str = Field(default="Asia/Almaty", description="of EXIF times without one; empty: they are not believed")

    @field_validator("region")
    @classmethod
    def _region_is_one(cls, box: tuple[float, float, float, float] | None) -> tuple[float, float, float, float] | None:
        if box and not (-90 <= box[0] < box[2] <= 90 and -180 <= box[1] < box[3] <= 180):
            raise ValueError("a region is south, west, north, east in degrees")
        return box

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        return known_zone(name) if name else name

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone of cameras that write none; None also on a machine that has no list of zones."""
        try:
            return ZoneInfo(self.timezone) if self.timezone else None
        except ZoneInfoNotFoundError:
            return None


class WatchlistSettings(_Group):
    """How the watchlist is looked at.

    `half_life_days` changes the half-lives of single kinds; the others keep ours (`api.watchlist.decay`).
    """

    half_life_days: dict[str, float] = Field(default={}, description='kind to days: {"phone": 90}')

    @field_validator("half_life_days")
    @classmethod
    def _kinds_are_known(cls, days: dict[str, float]) -> dict[str, float]:
        for kind, value in days.items():
            if kind not in HALF_LIFE_DAYS:
                raise ValueError(f"there is no kind {kind!r}: there are {', '.join(HALF_LIFE_DAYS)}")
            if not 0.01 <= value <= 36_500:
                raise ValueError(f"the half-life of {kind} must lie between 0.01 and 36500 days")
        return days

    @property
    def half_lives(self) -> HalfLives:
        """A half-life for every kind."""
        return HalfLives.of(self.half_life_days)


class InscriptionSettings(_Group):
    """When a new photo is looked for among those taken near it, and how long."""

    radius_m: float = Field(default=60.0, gt=0, le=300, description="grows with the coordinates' stated accuracy")
    compare_at_most: int = Field(default=24, ge=0, le=200, description="photos; 0: places and addresses alone decide")
    compare_s: float = Field(default=2.0, gt=0, description="the last comparison may go beyond it")


class WebSettings(_Group):
    """The web edge."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    origin: str = Field(default="", description="https://… as browsers see it; empty: same host as asked")
    secure_cookies: bool = True
    session_hours: int = Field(default=12, ge=1, description="a sign-in that is not used ends after so long")
    session_longest_hours: int = Field(default=72, ge=1, description="a sign-in ends after so long, used or not")
    trusted_proxies: tuple[str, ...] = ()
    tiles: str = Field(
        default="",
        pattern=r"^(https?://[^\s'\";,]+)?$",
        description="map tiles, as https://host/{z}/{x}/{y}.png; empty: maps have a plain grid and load nothing",
    )
    outline: Path | None = Field(default=None, description="a GeoJSON file with the region's outline, for maps")

    @field_validator("outline")
    @classmethod
    def _can_be_drawn(cls, path: Path | None) -> Path | None:
        return checked(path) if path else None

    @property
    def session_length(self) -> timedelta:
        """How long a sign-in lasts without being used."""
        return timedelta(hours=self.session_hours)

    @property
    def session_longest(self) -> timedelta:
        """How long a sign-in lasts at most."""
        return timedelta(hours=self.session_longest_hours)


class ExchangeSettings(_Group):
    """What goes out with every export and import."""

    producer: str = Field(
        default="WallWatch", min_length=1, max_length=100, description="who made it, in STIX and MISP"
    )
    tlp: Literal["clear", "green", "amber", "amber+strict", "red"] = Field(
        default="clear", description="nothing goes out with a wider one, whatever an address says"
    )
    import_bytes: int = Field(default=64 * 2**20, ge=1024, description="one file to import")


class WarningListSettings(_Group):
    """Lists of what is probably no shop, beside those that come along: docs/warnings.md."""

    folder: Path | None = Field(default=None, description="a folder of own lists in MISP's format, files *.json")
    own_bots: tuple[str, ...] = Field(default=(), description='Telegram names of our own bots: ["@our_bot"]')
    left_out: tuple[str, ...] = Field(default=(), description='ids of lists not to use: ["misp/tranco10k"]')


class EvidenceSettings(_Group):
    """Packs of evidence. Without a key here, one is made in the data folder on first use."""

    signing_key: SecretStr = Field(
        default=SecretStr(""), description="64 hex digits: the secret half of an Ed25519 key"
    )

    @field_validator("signing_key")
    @classmethod
    def _is_a_key(cls, key: SecretStr) -> SecretStr:
        said = key.get_secret_value().strip().lower()
        if said and (len(said) != 64 or not set(said) <= set("0123456789abcdef")):
            raise ValueError("a signing key has 64 hex digits: make one with `openssl rand -hex 32`")
        return SecretStr(said)


class RequestSettings(_Group):
    """Requests to block: whose templates, and on what grounds they ask."""

    templates: Path | None = Field(
        default=None, description="a folder with blocking-ru.docx, blocking-kk.docx; else ours"
    )
    grounds: str = Field(default="", max_length=4000, description="what a request says when nobody gives its grounds")


class Settings(BaseSettings):
    """Everything that may differ between two installations."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    stage: Literal["production", "development"] = "production"
    data_dir: Path = Path("var")
    timezone: str = Field(default="Asia/Almaty", description="of days, digests, reports and letters")
    secret: SecretStr = SecretStr(DEVELOPMENT_SECRET)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    database: DatabaseSettings = DatabaseSettings()
    blobs: BlobSettings = BlobSettings()
    vision: VisionSettings = VisionSettings()
    jobs: JobSettings = JobSettings()
    limits: LimitSettings = LimitSettings()
    intake: IntakeSettings = IntakeSettings()
    watchlist: WatchlistSettings = WatchlistSettings()
    inscriptions: InscriptionSettings = InscriptionSettings()
    web: WebSettings = WebSettings()
    exchange: ExchangeSettings = ExchangeSettings()
    warninglists: WarningListSettings = WarningListSettings()
    telling: TellingSettings = TellingSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    requests: RequestSettings = RequestSettings()
    talk: TalkSettings = TalkSettings()
    whatsapp: WhatsAppSettings = WhatsAppSettings()
    telegram: TelegramSettings = TelegramSettings()
    mailbox: MailboxSettings = MailboxSettings()
    watched: WatchedFolderSettings = WatchedFolderSettings()
    cleanup: CleanupSettings = CleanupSettings()
    open311: Open311Settings = Open311Settings()
    press: PressSettings = PressSettings()

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        return known_zone(name)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that people here go by."""
        return ZoneInfo(self.timezone)

    @model_validator(mode="before")
    @classmethod
    def _names_are_known(cls, values: Any) -> Any:
        # pydantic refuses a wrong name inside a group, but never looks at variables that belong to no group.
        known = cls.names()
        for name in sorted({name.upper() for name in os.environ} - known - FOR_TESTS):
            if name.startswith(PREFIX):
                near = get_close_matches(name[len(PREFIX) :], [each[len(PREFIX) :] for each in known], n=1)
                advice = f"did you mean {PREFIX}{near[0]}?" if near else "docs/architecture.md lists those that exist."
                raise ValueError(f"there is no setting {name}: {advice}")
        return values

    @model_validator(mode="after")
    def _production_has_secrets(self) -> Settings:
        if self.stage == "production" and self.secret.get_secret_value() == DEVELOPMENT_SECRET:
            raise ValueError(
                "stage is production and WALLWATCH_SECRET is the development default: set WALLWATCH_SECRET to 32 or"
                " more random characters, or WALLWATCH_STAGE=development to try the program out"
            )
        if self.stage == "production" and len(self.secret.get_secret_value()) < 32:
            raise ValueError("WALLWATCH_SECRET is shorter than 32 characters: choose a longer random one")
        return self

    @classmethod
    def names(cls) -> frozenset[str]:
        """Every variable that is read: groups as a whole (JSON), settings in them, and those without a group."""
        inner = {name: getattr(field.annotation, "model_fields", {}) for name, field in cls.model_fields.items()}
        single = {f"{PREFIX}{name}".upper() for name in inner}
        return frozenset(single | {f"{PREFIX}{group}__{key}".upper() for group, keys in inner.items() for key in keys})

    @property
    def cookies_are_secure(self) -> bool:
        """Whether cookies travel over HTTPS only: always in production unless switched off, never in development."""
        return self.web.secure_cookies and self.stage == "production"

    @property
    def database_url(self) -> str:
        """The SQLAlchemy URL of the tables."""
        if not self.database.url:
            return f"sqlite:///{(self.data_dir / 'wallwatch.sqlite').absolute()}"
        return self.database.url.replace("postgresql://", "postgresql+psycopg://", 1)

    @property
    def dbos_url(self) -> str:
        """The URL of the job queue's own tables."""
        if self.jobs.dbos_url:
            return self.jobs.dbos_url
        if self.database_url.startswith("sqlite"):
            return f"sqlite:///{(self.data_dir / 'jobs.sqlite').absolute()}"
        return self.database.url.replace("postgresql+psycopg://", "postgresql://", 1)

"""Settings of the channels that talk, and of conversations on them; groups of `api.settings`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WhatsAppSettings(_Group):
    """A number of the WhatsApp Business Cloud API; off while `phone_id` is empty. docs/guides say how to get these."""

    phone_id: str = Field(default="", pattern=r"^[0-9]{0,32}$")
    token: SecretStr = SecretStr("")
    app_secret: SecretStr = SecretStr("")
    verify_token: SecretStr = SecretStr("")
    api: str = Field(default="https://graph.facebook.com", pattern=r"^https?://[^\s/]+$")
    timeout_s: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _is_whole(self) -> WhatsAppSettings:
        missing = [name for name in ("token", "app_secret", "verify_token") if not getattr(self, name)]
        if self.phone_id and missing:
            raise ValueError(f"phone_id is set and {', '.join(missing)} is not: WhatsApp needs them all")
        return self


class TelegramSettings(_Group):
    """A Telegram bot; off while `token` is empty. `polling` needs no address of ours, `webhook` a secret."""

    token: SecretStr = SecretStr("")
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: SecretStr = SecretStr("")
    api: str = Field(default="https://api.telegram.org", pattern=r"^https?://[^\s/]+$")
    timeout_s: float = Field(default=20.0, gt=0, le=120)

    @model_validator(mode="after")
    def _is_whole(self) -> TelegramSettings:
        if self.token and self.mode == "webhook" and not self.webhook_secret:
            raise ValueError("mode is webhook and webhook_secret is not set: anybody could send us updates")
        return self


class MailboxSettings(_Group):
    """A mailbox that reports come into, read by IMAP; off while `host` is empty."""

    host: str = ""
    port: int = Field(default=993, ge=1, le=65535)
    tls: Literal["tls", "starttls", "none"] = "tls"
    user: str = ""
    password: SecretStr = SecretStr("")
    folder: str = "INBOX"
    done_folder: str = Field(default="", description="where mails go that were taken; empty: they stay, marked seen")
    every_s: float = Field(default=60.0, gt=0)
    timeout_s: float = Field(default=30.0, gt=0, le=300)
    senders: tuple[str, ...] = Field(default=(), description="addresses and domains that may write; empty: everybody")

    @model_validator(mode="after")
    def _is_private(self) -> MailboxSettings:
        if self.tls == "none" and self.host not in {"", "localhost", "127.0.0.1", "::1"}:
            raise ValueError("a password must not go over the network as it is: set tls to tls or starttls")
        return self


class WatchedFolderSettings(_Group):
    """A folder that pictures are put into; off while `path` is empty."""

    path: Path | None = None
    every_s: float = Field(default=5.0, gt=0)
    quiet_s: float = Field(default=2.0, ge=0, description="a file is taken once it has not changed for so long")


class TalkSettings(_Group):
    """Conversations with those who send photos."""

    messages_per_minute: int = Field(default=30, ge=1, description="of one sender; more are answered once and left")
    photos_per_day: int = Field(default=100, ge=1, description="of one sender")
    album_s: float = Field(default=3.0, gt=0, description="pictures of one album are waited for so long")
    remind_after_h: tuple[float, ...] = Field(default=(1.0, 24.0), description="reminders when the place is missing")
    ends_after_h: float = Field(default=72.0, gt=0, description="unanswered so long a conversation ends; photos stay")
    retention_days: int = Field(default=90, ge=1, description="what was written, and chats, are emptied after so long")
    languages: tuple[Literal["ru", "kk", "en"], ...] = ("ru", "kk", "en")
    max_tries: int = Field(default=12, ge=1, le=50)
    first_pause_s: float = Field(default=5.0, gt=0, description="after a first failure; then four times as long")
    longest_pause_s: float = Field(default=3600.0, gt=0)

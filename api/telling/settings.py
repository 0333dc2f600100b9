"""Settings of telling people; a group of `api.settings`."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


class TellingSettings(BaseModel):
    """How people are told: by mail, by webhook, as a feed. Without a mail server no mail is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smtp_host: str = Field(default="", pattern=r"^[!-~]*$")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = Field(default="", pattern=r"^([A-Za-z0-9._+-]+@[A-Za-z0-9.-]+)?$")
    smtp_timeout_s: float = Field(default=20.0, gt=0, le=120)
    mail_domains: tuple[str, ...] = Field(default=(), description="mail goes to these only; empty: anywhere")
    webhook_http: bool = Field(default=False, description="also http://")
    webhook_ports: tuple[int, ...] = (443, 8443)
    webhook_allow: tuple[str, ...] = Field(default=(), description="hosts and networks that may be private")
    webhook_timeout_s: float = Field(default=10.0, gt=0, le=60)
    max_tries: int = Field(default=12, ge=1, le=50)
    first_pause_s: float = Field(default=30.0, gt=0, description="after a first failure; then four times as long")
    longest_pause_s: float = Field(default=3600.0, gt=0)
    off_after_h: float = Field(default=72.0, gt=0, description="of nothing but failures a subscription is switched off")
    flood: int = Field(default=10, ge=1, description="more messages within the flood's minutes become one")
    flood_minutes: float = Field(default=10.0, gt=0)
    subscriptions_per_account: int = Field(default=50, ge=1)
    watches_per_account: int = Field(default=1000, ge=1)

    @field_validator("mail_domains", "webhook_allow")
    @classmethod
    def _in_lower_case(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name.strip().lower().rstrip(".") for name in names)

    @field_validator("webhook_allow")
    @classmethod
    def _networks_are_networks(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if _network(name) is None and not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", name):
                raise ValueError(f"{name!r} is neither a host name nor a network such as 10.20.0.0/16")
        return names

    @model_validator(mode="after")
    def _mail_is_whole_and_private(self) -> TellingSettings:
        if self.smtp_host and not self.smtp_from:
            raise ValueError("smtp_host is set and smtp_from is not: give the address that mail comes from")
        if self.smtp_tls == "none" and self.smtp_user:
            raise ValueError("a password must not go over the network as it is: set smtp_tls to starttls or tls")
        return self

    @property
    def allowed_networks(self) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
        """Networks that webhooks may go to although they are not public."""
        return [network for name in self.webhook_allow if (network := _network(name)) is not None]

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Hosts that webhooks may go to wherever their names lead."""
        return frozenset(name for name in self.webhook_allow if _network(name) is None)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None

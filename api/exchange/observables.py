"""What an address is called elsewhere: the type and the properties that make its observable what it is."""

from __future__ import annotations

from vision.types import Kind

ACCOUNTS = {Kind.TELEGRAM: "telegram", Kind.INSTAGRAM: "instagram", Kind.VK: "vk", Kind.PHONE: "phone"}


def url_of(kind: str, value: str) -> str | None:
    """The link behind an address that is one; None for what is a name, a host or a number."""
    match kind:
        case Kind.TELEGRAM_INVITE:
            return f"https://t.me/{value if value.startswith('c/') else '+' + value}"
        case Kind.WHATSAPP:
            return f"https://chat.whatsapp.com/{value}"
        case Kind.DOMAIN if "/" in value:
            return f"https://{value}"
    return None


def named(kind: str, value: str, punycode: str | None) -> tuple[str, dict[str, str]]:
    """The type of an address's observable, and the properties that make it what it is."""
    if url := url_of(kind, value):
        return "url", {"value": url}
    if kind == Kind.PHONE:
        return "user-account", {"user_id": value, "account_type": ACCOUNTS[Kind.PHONE]}
    if kind in ACCOUNTS:
        return "user-account", {"account_login": value, "account_type": ACCOUNTS[Kind(kind)]}
    if kind == Kind.EMAIL:
        return "email-addr", {"value": value}
    return "domain-name", {"value": punycode or value}

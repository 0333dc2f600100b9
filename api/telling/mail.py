"""Mail: one message to one address, as plain text and HTML, over SMTP."""

from __future__ import annotations

import re
import smtplib
import ssl
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import idna

from api.errors import Problem
from api.intake.text import clean_line
from api.telling.outcome import FateUnknown, NotTaken
from api.telling.settings import TellingSettings

LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
LONGEST_LOCAL, LONGEST = 64, 254
LONGEST_SUBJECT = 150


class MailAddressRefused(Problem):
    """Something that is no mail address."""

    status = 422

    def __init__(self) -> None:
        super().__init__(
            "mail_to is not a mail address: it is one name@host, with Latin letters, digits and signs before the @."
        )


class MailDomainRefused(Problem):
    """A mail address elsewhere."""

    status = 422

    def __init__(self, domains: tuple[str, ...]) -> None:
        super().__init__(f"Mail goes to {', '.join(domains)} only: give an address there.")
        self.domains = domains


class MailNotSetUp(Problem):
    """There is no mail server to send by."""

    status = 409

    def __init__(self) -> None:
        super().__init__("This installation sends no mail: have the administrator set WALLWATCH_TELLING__SMTP_HOST.")


def mail_address(text: str, settings: TellingSettings) -> str:
    """The one spelling of a mail address, its host in ASCII; MailAddressRefused, MailDomainRefused."""
    local, at, host = text.strip().rpartition("@")
    if not at or len(local) > LONGEST_LOCAL or not LOCAL.fullmatch(local):
        raise MailAddressRefused
    try:
        domain = idna.encode(host, uts46=True).decode().lower()
    except idna.IDNAError:
        raise MailAddressRefused from None
    if "." not in domain or domain.endswith(".") or len(local) + len(domain) + 1 > LONGEST:
        raise MailAddressRefused
    if settings.mail_domains and domain not in settings.mail_domains:
        raise MailDomainRefused(settings.mail_domains)
    return f"{local}@{domain}"


def build(
    *, sender: str, to: str, subject: str, text: str, html: str, message_id: str, made_at: datetime
) -> EmailMessage:
    """The message as it is sent. Nothing that comes from a wall, a label or an account can add a header to it.

    `message_id` names the same message every time, so that a mail program can drop a second copy.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("WallWatch", addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = clean_line(subject)[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(made_at)
    message["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message


def send(message: EmailMessage, *, to: str, settings: TellingSettings) -> None:
    """Hand a message to the mail server.

    Raises:
        FateUnknown: the server fell silent after it had the message; it may be on its way.
        NotTaken: it is not on its way; `is_final` when the server will never take it.
    """
    try:
        with _connected(settings) as server:
            _hand_over(server, message, to=to, sender=settings.smtp_from)
    except NotTaken:
        raise
    except smtplib.SMTPAuthenticationError:
        raise NotTaken("mail_sign_in", "The mail server refused our name or password.") from None
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, is_final=False) from None
    except ssl.SSLError as error:
        raise NotTaken("mail_tls", f"The mail server's TLS is wrong ({error.reason}).") from None
    except TimeoutError:
        raise NotTaken("mail_timeout", f"The mail server did not answer in {settings.smtp_timeout_s:g} s.") from None
    except (OSError, smtplib.SMTPException) as error:
        raise NotTaken("mail_unreachable", f"The mail server failed ({type(error).__name__}).") from None


def _connected(settings: TellingSettings) -> smtplib.SMTP:
    context = ssl.create_default_context()
    host, port, timeout = settings.smtp_host, settings.smtp_port, settings.smtp_timeout_s
    server = (
        smtplib.SMTP_SSL(host, port, timeout=timeout, context=context)
        if settings.smtp_tls == "tls"
        else smtplib.SMTP(host, port, timeout=timeout)
    )
    try:
        if settings.smtp_tls == "starttls":
            server.starttls(context=context)
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
    except BaseException:
        server.close()
        raise
    return server


def _hand_over(server: smtplib.SMTP, message: EmailMessage, *, to: str, sender: str) -> None:
    server.ehlo_or_helo_if_needed()
    for code, _ in (server.mail(sender), server.rcpt(to)):
        if code not in (250, 251):
            raise _refused(code, is_final=500 <= code < 600)
    try:
        code, _ = server.data(message.as_bytes())
    except smtplib.SMTPDataError as error:
        raise _refused(error.smtp_code, is_final=False) from None
    except (OSError, smtplib.SMTPException) as error:
        # From here on nobody knows whether the server has all of it and will deliver it.
        raise FateUnknown("mail_fate_unknown", f"The mail server fell silent ({type(error).__name__}).") from None
    if code != 250:
        raise _refused(code, is_final=500 <= code < 600)


def _refused(code: int, *, is_final: bool) -> NotTaken:
    return NotTaken("mail_refused", f"The mail server answered {code}.", is_final=is_final)

"""What the Cloud API's error codes mean for whoever asked.

https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

from __future__ import annotations

from collections.abc import Mapping

from pywa import errors

from api.intake.channels.base import ChannelError
from api.intake.channels.trouble import of_the_server

TOKEN = "Meta refuses the access token: make a lasting one (docs/guides) and set WALLWATCH_WHATSAPP__TOKEN"  # noqa: S105
PAUSES_S: Mapping[int, float] = {131056: 60.0, 130429: 10.0, 131048: 3600.0, 131064: 3600.0}
"""After too many messages: to one number, of this number, and where people complained. Others: five minutes."""
USUAL_PAUSE_S = 300.0
GONE = 100  # "Unsupported get request. Object with ID … does not exist": media are kept for 30 days
PASSING = frozenset({1, 2, 131000, 131016, 131057, 133004})
"""Meta says that it could not be done now, and to try again."""
UNDELIVERABLE = frozenset({131026, 131030, 131049, 131050})


def in_our_words(error: errors.WhatsAppError, *, changes_something: bool) -> ChannelError:  # noqa: PLR0911 - one a kind
    """What an error that Meta answered means."""
    said = f"WhatsApp says {error.code}: {error.details or error.message}"
    status = error.status_code or 0
    if isinstance(error, errors.ReEngagementMessage):
        return ChannelError(
            "window_closed", "More than 24 hours since this person wrote: only templates go out", is_final=True
        )
    if isinstance(error, errors.ThrottlingError) or error.code == 429:
        return ChannelError("rate_limited", said, retry_after_s=_pause_s(error))
    if isinstance(error, errors.AuthorizationError | errors.AccessDenied):
        return ChannelError("token_refused", f"{TOKEN} ({error.code})", retry_after_s=USUAL_PAUSE_S)
    if isinstance(error, errors.TemporarilyBlocked | errors.AccountLocked | errors.BusinessPaymentIssue):
        return ChannelError("account_blocked", said, retry_after_s=PAUSES_S[131048])
    if error.code in PASSING:
        return ChannelError("unavailable", said)
    if error.code == GONE and not changes_something:
        return ChannelError("media_gone", "WhatsApp has this file no more", is_final=True)
    if status >= 500 and error.code == status:  # no JSON: a gateway's own words
        trouble = of_the_server(status, "WhatsApp")
        return trouble if changes_something else ChannelError(trouble.code, str(trouble))
    if status >= 500:
        return ChannelError("unavailable", said)
    if error.code in UNDELIVERABLE:
        return ChannelError("undeliverable", said, is_final=True)
    return ChannelError("refused", said, is_final=True)


def of_a_file(status: int) -> ChannelError:
    """What a status means where a file was asked for. Its address lives five minutes, and was had a moment ago."""
    if status in (401, 403):
        return ChannelError("token_refused", TOKEN, retry_after_s=USUAL_PAUSE_S)
    if status in (404, 410):
        return ChannelError("media_gone", "WhatsApp has this file no more", is_final=True)
    return ChannelError("media_unavailable", f"WhatsApp answers {status} to a file")


def _pause_s(error: errors.WhatsAppError) -> float:
    answer = error.raw_response
    said = answer.headers.get("retry-after", "") if answer is not None else ""
    return float(said[:6]) if said.isdecimal() else PAUSES_S.get(error.code, USUAL_PAUSE_S)

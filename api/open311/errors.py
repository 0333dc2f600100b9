"""Refusals in GeoReport's own form: a list of codes and descriptions, in the format that was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.errors import Problem
from api.open311.formats import answer, form_of

ROOT = "/open311/"
CODE = "X-Problem-Code"
"""The header that has the stable code of a refusal: GeoReport's form has no place for it."""

STATUSES = {401: 403, 422: 400}
"""GeoReport knows 403 for a missing key, and 400 for whatever is wrong with a request."""


class JurisdictionUnknown(Problem):
    """A jurisdiction_id that is not ours."""

    status = 404

    def __init__(self, *, ours: str) -> None:
        super().__init__(f"jurisdiction_id was not found: it is {ours} here.")
        self.ours = ours


class ServiceCodeMissing(Problem):
    """A request that does not say for which service."""

    status = 400

    def __init__(self, *, known: str) -> None:
        super().__init__(f"service_code was not provided: send service_code={known}.")
        self.known = known


class ServiceCodeUnknown(Problem):
    """A service that is not offered."""

    status = 404

    def __init__(self, *, known: str) -> None:
        super().__init__(f"service_code was not found: services.xml lists them, there is {known}.")
        self.known = known


class CityPlaceMissing(Problem):
    """A request that nobody could find."""

    status = 400

    def __init__(self) -> None:
        super().__init__("Send lat and long, or address_string: without either nobody finds the wall.")


class SpanTooLong(Problem):
    """A span of time that the specification does not allow."""

    status = 400

    def __init__(self, *, days: int) -> None:
        super().__init__(f"start_date and end_date may be at most {days} days apart, and start before they end.")
        self.days = days


class CityFormExpected(Problem):
    """A body that GeoReport does not know."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "Send the request as application/x-www-form-urlencoded in UTF-8, or with a photo as multipart/form-data."
        )


def refused(path: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> Response:
    """A problem's body, its `detail` in the asker's language, as GeoReport writes errors."""
    status = STATUSES.get(body["status"], body["status"])
    error = {"code": status, "description": body["detail"]}
    kept = {name: value for name, value in headers.items() if name != "WWW-Authenticate"}
    return answer("errors", [error], form_of(path), status=status, headers={**kept, CODE: str(body["code"])})

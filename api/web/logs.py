"""Structured logs: JSON lines in production, readable ones in development; secrets never."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from api.settings import Settings

SECRET_NAMES = re.compile(r"password|passwd|token|secret|authorization|cookie|credential|api_?key", re.IGNORECASE)
SECRET_VALUES = re.compile(
    r"ww[fl]?_[A-Za-z0-9_-]{16,}"  # our API keys, and the tokens in addresses of feeds and of signed links
    r"|whsec_[A-Za-z0-9+/=]{16,}"
    r"|(?<![0-9])[0-9]{6,12}:[A-Za-z0-9_-]{30,}"  # a Telegram bot's token, which is part of every address it asks
    r"|(?<=Bearer )\S+"
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password in a URL
    r"|(?<=DETAIL:)[^\n]+"  # PostgreSQL repeats the row that it refused
)
MARK = "[redacted]"


def set_up(settings: Settings, stream: TextIO | None = None) -> None:
    """Send every log line of the process, the libraries' too, to standard error in one shape."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                _renderer(settings),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    set_level(settings)


def set_level(settings: Settings) -> None:
    """Let through what the settings' level lets through, from now on."""
    level = getattr(logging, settings.log_level.upper())
    logging.getLogger().setLevel(level)
    # What these have to say of each request is said once, by ourselves.
    for chatty in ("uvicorn", "dbos", "httpx", "botocore", "boto3", "urllib3", "alembic", "telegram", "pywa"):
        logging.getLogger(chatty).setLevel(max(level, logging.WARNING))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))


def _renderer(settings: Settings) -> Any:
    """Both escape line breaks, control characters and bidi marks: what a caller sends cannot forge a line."""
    if settings.stage == "production":
        return structlog.processors.JSONRenderer(ensure_ascii=True, default=repr)
    return structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], repr_native_str=True)


def redact(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put a mark in place of values that are named like a secret or look like one, however deep they lie."""
    return {name: MARK if SECRET_NAMES.search(name) else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return SECRET_VALUES.sub(MARK, value)
    if isinstance(value, Mapping):
        return {key: MARK if SECRET_NAMES.search(str(key)) else _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value

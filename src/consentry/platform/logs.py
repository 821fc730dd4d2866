"""Logs: one JSON object a line on stderr, with the number of the request that a line belongs to, and without secrets.

What is secret is never written on purpose. The filter is the second line of defence: it blackens what looks like a credential in any text
that a library logs, and in tracebacks.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["REDACTED", "JsonLines", "redact", "request_id", "write_logs"]

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The number of the request that the running task serves."""

REDACTED = "[redacted]"

_SECRETS = (
    # Password in an address: scheme://user:password@host
    (re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s@]+(?=@)", re.IGNORECASE), rf"\g<keep>{REDACTED}"),
    # Headers that carry credentials, as in "Authorization: Bearer abc" or "'cookie': 'consentry=abc'"
    (
        re.compile(r"(?P<keep>\b(?:authorization|cookie|set-cookie|x-api-key)\b[\"']?\s*[:=,]\s*[b\"']*)[^\"'\r\n]+", re.IGNORECASE),
        rf"\g<keep>{REDACTED}",
    ),
    (re.compile(r"(?P<keep>\bbearer\s+)[\w.~+/=-]+", re.IGNORECASE), rf"\g<keep>{REDACTED}"),
    # key=value and "key": "value" whose key says that the value is secret
    (
        re.compile(r"(?P<keep>\b\w*(?:password|passwd|secret|token|api_key|private_key|otp)\b[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,;)}]+", re.IGNORECASE),
        rf"\g<keep>{REDACTED}",
    ),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), REDACTED),
    # API keys of ours: consentry_<prefix>_<secret>; the prefix names the key and is no secret
    (re.compile(r"\b(?P<keep>consentry_[0-9a-f]+_)[\w-]+"), rf"\g<keep>{REDACTED}"),
)


def redact(text: str) -> str:
    """Return ``text`` with everything blackened that looks like a credential."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: time, level, logger, message, request and, of an error, the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, redacted."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(record.getMessage()),
        }
        number = request_id.get()
        if number is not None:
            line["request"] = number
        if record.exc_info:
            line["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def write_logs(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send everything that this process logs to ``stream`` as JSON lines; handlers that were there before are taken off."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for quiet in ("httpx", "httpcore", "alembic.runtime"):
        # The first two log whole addresses of requests, with what stands in the query; the last says the same at each look at a version.
        logging.getLogger(quiet).setLevel(logging.WARNING)

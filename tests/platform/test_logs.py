"""Logs are JSON lines and hold no credentials."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.logs import REDACTED, JsonLines, redact, request_id, write_logs
from consentry.staff.tokens import new_api_key, new_token

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "hunter2-Zz9"  # noqa: S105 - what must not be seen


def record(message: str, *arguments: object, error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("some.part", logging.WARNING, "file.py", 1, message, arguments, info)


def line_of(entry: logging.LogRecord) -> dict[str, str]:
    text = JsonLines().format(entry)
    assert "\n" not in text
    line: dict[str, str] = json.loads(text)
    return line


@pytest.fixture
def stream() -> Iterator[StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = StringIO()
    write_logs(stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = before, level


def test_a_line_says_when_how_grave_from_where_and_what() -> None:
    line = line_of(record("%d things of %s", 3, "door"))
    assert {key: line[key] for key in ("level", "logger", "message")} == {"level": "warning", "logger": "some.part", "message": "3 things of door"}
    assert line["time"].endswith("+00:00")


def test_a_line_names_the_request_that_it_belongs_to() -> None:
    assert "request" not in line_of(record("before"))
    token = request_id.set("abc")
    try:
        assert line_of(record("during"))["request"] == "abc"
    finally:
        request_id.reset(token)


@pytest.mark.parametrize(
    "text",
    [
        "cannot open rtsp://viewer:{}@camera.local/stream",
        "postgresql+psycopg://site:{}@db/records is down",
        "http://:{}@proxy/",
        "Authorization: Bearer {}",
        "authorization: Basic {}",
        "{{'Authorization': 'Bearer {}', 'host': 'x'}}",
        "(b'cookie', b'consentry={}; theme=dark')",
        "Set-Cookie: __Host-consentry={}; Path=/",
        "sent bearer {} to it",
        "password={}",
        '{{"password": "{}", "name": "x"}}',
        "client_secret: {}",
        "token='{}'",
        "/session?access_token={}&x=1",
        "API_KEY={}",
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\n{}",
    ],
)
def test_what_looks_like_a_credential_is_blackened(text: str) -> None:
    shown = redact(text.format(SECRET))
    assert SECRET not in shown
    assert REDACTED in shown


@pytest.mark.parametrize(
    "text",
    [
        "camera door: stalled since 3 s",
        "rtsp://camera.local/stream cannot be opened",
        "rtsp://viewer@camera.local/stream cannot be opened",
        "GET /api/v1/api-keys 200 in 3 ms",
        "keys.missing: main.key does not exist",
        "the token bucket is empty",
    ],
)
def test_what_helps_the_operator_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_api_key_of_ours_is_blackened_wherever_it_stands(before: str, after: str) -> None:
    prefix, key = new_api_key()
    shown = redact(f"{before} {key} {after}")
    assert key not in shown
    assert key.removeprefix(f"consentry_{prefix}_") not in shown


def test_a_session_cookie_is_blackened() -> None:
    token = new_token()
    assert token not in redact(f"cookie: theme=dark; consentry={token}")


def test_a_traceback_is_one_line_and_blackened() -> None:
    with pytest.raises(ValueError, match="invalid literal") as failed:
        int(f"rtsp://viewer:{SECRET}@camera.local/")
    line = line_of(record("failed", error=failed.value))
    assert "ValueError" in line["traceback"]
    assert SECRET not in line["traceback"]


def test_libraries_and_warnings_go_the_same_way(stream: StringIO) -> None:
    logging.getLogger("some.library").warning("Authorization: Bearer %s", SECRET)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"password={SECRET}", stacklevel=1)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["logger"] for line in lines] == ["some.library", "py.warnings"]
    assert SECRET not in stream.getvalue()


def test_whole_addresses_of_requests_are_not_logged(stream: StringIO) -> None:
    logging.getLogger("httpx").info("HTTP Request: GET http://x/?key=%s", SECRET)
    assert stream.getvalue() == ""
    assert sys.stderr is not stream

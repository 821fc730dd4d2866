"""Entity tags (RFC 9110 section 8.8): a reader that has the newest answer gets none again, and nobody overwrites what they have not seen.

Every JSON answer to a GET carries a tag without any doing of its route. A route that changes something demands ``If-Match`` (``IfMatch``, ``demand_match``).
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from fastapi import Header, Response
from starlette.responses import StreamingResponse

from consentry.platform.errors import StaleError

if TYPE_CHECKING:
    from fastapi import Request

__all__ = ["IfMatch", "demand_match", "tag_of", "tagged"]

_TAG_BYTES = 16

IfMatch = Annotated[str, Header(alias="If-Match", description="The ETag of what the change was made from.")]
"""The header that a route demands which changes what others may change too; it hands it to ``demand_match``."""


def tag_of(content: bytes) -> str:
    """Return the strong entity tag of ``content``."""
    return f'"{hashlib.sha256(content).hexdigest()[: 2 * _TAG_BYTES]}"'


def tagged(request: Request, response: Response) -> Response:
    """Give a successful answer to a GET its tag, or answer 304 to whoever has it already; a tag that the route set stays.

    A stream has no tag unless its route set one, because it is not known before it is sent; what nobody may store has none.
    """
    if request.method != "GET" or response.status_code != HTTPStatus.OK or "no-store" in response.headers.get("cache-control", ""):
        return response
    if "etag" not in response.headers:
        if isinstance(response, StreamingResponse):
            return response
        response.headers["ETag"] = tag_of(bytes(response.body))
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if not _names(request.headers.get("if-none-match"), response.headers["etag"]):
        return response
    kept = {name: response.headers[name] for name in ("etag", "cache-control", "vary") if name in response.headers}
    return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)


def demand_match(given: str, tag: str, subject: str) -> None:
    """Pass where a request's ``If-Match`` names ``tag``, the tag of what is there now; ``subject`` is what it is.

    Raises:
        StaleError: ``http.changed-since-read``: somebody else changed it.
    """
    if not _names(given, tag):
        raise StaleError("http.changed-since-read", subject, "it changed since it was read", "Read it again, and make your change to what it is now.")


def _names(header: str | None, tag: str) -> bool:
    """Return whether a list of tags names ``tag``; ``*`` names every one, and a weak tag (``W/``) the same content."""
    if header is None:
        return False
    named = [part.strip().removeprefix("W/") for part in header.split(",")]
    return "*" in named or tag in named

"""Style sheet and scripts of the public pages, served from the package under an address that changes with their content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from fastapi import Response
from fastapi.routing import APIRoute

from consentry.platform.http.router import PUBLIC, ApiRouter, GuardedRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from fastapi import Request

__all__ = ["AssetRoute", "assets_root", "router"]

_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class AssetRoute(GuardedRoute):
    """A route whose answers cost nothing: bytes from memory. A page must not lose a script because its reader, or a neighbour, asked for many."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Leave out the admission, and with it the limit for strangers."""
        return APIRoute.get_route_handler(self)


router = ApiRouter(prefix="", tag="portal")
router.route_class = AssetRoute


@router.get("/portal/{version}/{name}", permission=PUBLIC, include_in_schema=False)
def asset(version: str, name: str) -> Response:
    """Give a style sheet or script of the package. Every script of a page comes from here; nothing else may run."""
    content = _contents().get(name)
    if content is None or version != _version():
        return Response("", HTTPStatus.NOT_FOUND)
    return Response(content, media_type=_TYPES[name[name.rindex(".") :]], headers=_FOREVER)


def assets_root() -> str:
    """Return the address below which the files lie; scripts find each other beside them."""
    return f"/portal/{_version()}"


@cache
def _contents() -> Mapping[str, bytes]:
    found = files("consentry.portal").joinpath("static").iterdir()
    return {file.name: file.read_bytes() for file in found if file.name.endswith(tuple(_TYPES))}


@cache
def _version() -> str:
    digest = sha256()
    for name, content in sorted(_contents().items()):
        digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]

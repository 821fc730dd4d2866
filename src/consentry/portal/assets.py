"""Style sheet and scripts of the public pages, served from the package under an address that changes with their content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

__all__ = ["assets_root", "route"]

_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


async def _asset(request: Request) -> Response:
    """Give a style sheet or script of the package. Every script of a page comes from here; nothing else may run."""
    name = request.path_params["name"]
    content = _contents().get(name)
    if content is None or request.path_params["version"] != _version():
        return Response("", HTTPStatus.NOT_FOUND)
    return Response(content, media_type=_TYPES[name[name.rindex(".") :]], headers=_FOREVER)


# A plain route: bytes from memory cost nothing, and a page must not lose a script because its reader, or a neighbour, asked for many.
route = Route("/portal/{version}/{name}", _asset, include_in_schema=False)


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

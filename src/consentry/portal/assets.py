"""Style sheet and scripts of the public pages, served from the package under an address that changes with their content."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi import Response

from consentry.platform.errors import NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["assets_root", "router"]

router = ApiRouter(prefix="", tag="portal")

_TYPES = {".css": "text/css", ".js": "text/javascript"}
_FOREVER = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/portal/{version}/{name}", permission=PUBLIC, include_in_schema=False)
def asset(version: str, name: str) -> Response:
    """Give a style sheet or script of the package. Every script of a page comes from here; nothing else may run."""
    content = _contents().get(name)
    if content is None or version != _version():
        raise NotFoundError("portal.asset", name, "there is no such file", "Load the page again.")
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

"""The page of the front desk: one shell for every desk, the same for everybody, which works without the network. What it shows comes through its interface.

The shell and its files are kept by a service worker, whose text changes with them. It keeps nothing that was asked of the interface.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from fastapi import Request, Response

from consentry.console.speech import LANGUAGES
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.assets import AssetRoute, assets_root
from consentry.portal.phrases import phrases
from consentry.portal.place import public_address
from consentry.portal.rendering import CAMERA, language_of, page

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["router"]

router = ApiRouter(prefix="", tag="portal")
# The shell costs no more than a file, and a desk must not lose it because its neighbours asked for much.
router.route_class = AssetRoute

_PAGE = "/desk"
_WORKER = "/desk-worker.js"
_SHELL_PARTS = ("templates/desk.html", "templates/base.html", *(f"locale/desk.{language}.toml" for language in LANGUAGES))
# A service worker's address is a sink for scripts; the page's one policy makes one address, that of the worker.
_HEADERS: Final[Mapping[str, str]] = {
    **CAMERA,
    "Content-Security-Policy": CAMERA["Content-Security-Policy"].replace("trusted-types 'none'", "trusted-types consentry-desk"),
}
_WORKER_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    "Cache-Control": "no-cache",
    "Service-Worker-Allowed": _PAGE,
}


@router.get(_WORKER, permission=PUBLIC, include_in_schema=False)
def worker() -> Response:
    """Give the service worker of the front desk, which keeps the shell and its files and nothing else."""
    shell = {"version": _version(), "page": _PAGE, "languages": list(LANGUAGES), "files": [f"{assets_root()}/{name}" for name in _files()]}
    text = f"const SHELL = {json.dumps(shell)};\n{_part('static/desk-worker.js')}"
    return Response(text, media_type="text/javascript", headers=_WORKER_HEADERS)


@router.get(_PAGE, permission=PUBLIC, include_in_schema=False)
def pairing(request: Request, site: SiteDep) -> Response:
    """Let a device become a desk; one that is a desk goes on to its own page."""
    return _shell(request, site)


@router.get(_PAGE + "/{desk}", permission=PUBLIC, include_in_schema=False)
def desk(request: Request, site: SiteDep) -> Response:
    """Receive visitors at a desk. Only the device that holds the desk's key can."""
    return _shell(request, site)


def _shell(request: Request, site: SiteDep) -> Response:
    words = phrases(language_of(request))["desk"]
    said = json.dumps(words["said"], ensure_ascii=False)
    shown = {"said": said, "buyer": public_address(request, site, "/buyer"), "zone": site.settings.site.zone, "worker": _WORKER, "page": _PAGE}
    return page(request, "desk.html", shown, _HEADERS)


@cache
def _version() -> str:
    return sha256("\n".join((assets_root(), *map(_part, _SHELL_PARTS))).encode()).hexdigest()[:16]


@cache
def _files() -> tuple[str, ...]:
    """Return the names of the files that the shell needs: its style sheets, its modules, and whatever they import."""
    found = {"portal.css", "desk.css", "desk.js"}
    fresh = {"desk.js"}
    while fresh:
        imported = {name for module in fresh for name in _imports(module)}
        fresh = imported - found
        found |= fresh
    return tuple(sorted(found))


def _imports(module: str) -> set[str]:
    return {line.rpartition('"./')[2].partition('"')[0] for line in _part(f"static/{module}").splitlines() if line.startswith("import ")}


def _part(name: str) -> str:
    return files("consentry.portal").joinpath(name).read_text(encoding="utf-8")

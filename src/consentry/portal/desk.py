"""The page of the front desk: one shell for every desk, the same for everybody, which works without the network. What it shows comes through its interface."""

from __future__ import annotations

import json
from typing import Final

from fastapi import Request, Response

from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.assets import AssetRoute
from consentry.portal.phrases import phrases
from consentry.portal.place import public_address
from consentry.portal.rendering import CAMERA, language_of, page
from consentry.portal.shells import OfflineShell

__all__ = ["SHELL", "router"]

router = ApiRouter(prefix="", tag="portal")
# The shell costs no more than a file, and a desk must not lose it because its neighbours asked for much.
router.route_class = AssetRoute

SHELL: Final = OfflineShell(
    name="consentry-desk",
    page="/desk",
    worker="/desk-worker.js",
    words="desk",
    script="desk.js",
    templates=("desk.html", "base.html"),
    styles=("portal.css", "desk.css"),
)
"""What the device of a desk keeps of its page."""


@router.get(SHELL.worker, permission=PUBLIC, include_in_schema=False)
def worker() -> Response:
    """Give the service worker of the front desk, which keeps the shell and its files and nothing else."""
    return SHELL.worker_file()


@router.get(SHELL.page, permission=PUBLIC, include_in_schema=False)
def pairing(request: Request, site: SiteDep) -> Response:
    """Let a device become a desk; one that is a desk goes on to its own page."""
    return _shell(request, site)


@router.get(SHELL.page + "/{desk}", permission=PUBLIC, include_in_schema=False)
def desk(request: Request, site: SiteDep) -> Response:
    """Receive visitors at a desk. Only the device that holds the desk's key can."""
    return _shell(request, site)


def _shell(request: Request, site: SiteDep) -> Response:
    said = json.dumps(phrases(language_of(request))["desk"]["said"], ensure_ascii=False)
    shown = {"said": said, "buyer": public_address(request, site, "/buyer"), "zone": site.settings.site.zone}
    return page(request, "desk.html", {**shown, **SHELL.values()}, SHELL.headers(CAMERA))

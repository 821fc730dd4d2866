"""The pass on a resident's telephone: one empty shell, the same for everybody, which works without the network.

The telephone makes a key that never leaves it, gets a signed pass for it through the interface, and shows a new code every half a minute.
"""

from __future__ import annotations

import json
from typing import Final

from fastapi import Request, Response

from consentry.platform.http.router import PUBLIC, ApiRouter
from consentry.portal.assets import AssetRoute
from consentry.portal.phrases import phrases
from consentry.portal.rendering import FORMS, language_of, page
from consentry.portal.shells import OfflineShell

__all__ = ["SHELL", "router"]

router = ApiRouter(prefix="", tag="portal")
# The shell costs no more than a file, and nobody must stand before a door because their neighbours asked for much.
router.route_class = AssetRoute

SHELL: Final = OfflineShell(
    name="consentry-resident",
    page="/resident/phone",
    worker="/resident-worker.js",
    words="residents",
    script="resident-phone.js",
    templates=("resident_phone.html", "base.html"),
    styles=("portal.css", "agents.css", "residents.css"),
)
"""What a resident's telephone keeps of the page."""


@router.get(SHELL.worker, permission=PUBLIC, include_in_schema=False)
def give_resident_worker() -> Response:
    """Give the service worker of the pass, which keeps the shell and its files and nothing else."""
    return SHELL.worker_file()


@router.get(SHELL.page, permission=PUBLIC, include_in_schema=False)
def show_phone_pass(request: Request) -> Response:
    """Show the pass. What it holds lies on the telephone alone."""
    said = json.dumps(phrases(language_of(request))["resident"]["said"], ensure_ascii=False)
    return page(request, "resident_phone.html", {"said": said, **SHELL.values()}, SHELL.headers(FORMS))

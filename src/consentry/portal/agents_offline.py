"""The file that commits to a client's number without this site: one page of its own, the same for everybody, known by its SHA-256.

Whoever serves a script could serve another one tomorrow, and that one could see the number. An agent who does not want to trust the site saves this
file once, compares its hash with the published one, and opens it from their own disk. It cannot send anything: its policy allows no connection.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from fastapi import Response

from consentry.platform.http.router import PUBLIC, ApiRouter
from consentry.portal.assets import AssetRoute

__all__ = ["PinnedFile", "pinned_file", "router"]

_MODULES = ("agent-numbers.js", "agent-times.js", "agent-csv.js", "agent-commitment.js", "agent-file.js", "qr.js", "agent-offline.js")
"""The page's own modules, each before those that import it."""
_IMPORT = re.compile(r'^import [^;]+ from "\./[^"]+";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_NAME = "consentry-commitment.html"

router = ApiRouter(prefix="", tag="portal")
router.route_class = AssetRoute


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """The file, its SHA-256 (hexadecimal), and the policy under which it is served; the same policy stands in the file."""

    content: bytes
    sha256: str
    policy: str


@router.get("/agent/offline", permission=PUBLIC, include_in_schema=False)
def give_pinned_file() -> Response:
    """Give the file as a page; saved, it is the same bytes."""
    found = pinned_file()
    headers = {"Content-Security-Policy": f"{found.policy}; frame-ancestors 'none'", "Cache-Control": "no-cache"}
    return Response(found.content, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/agent/offline/file", permission=PUBLIC, include_in_schema=False)
def save_pinned_file() -> Response:
    """Give the same bytes to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="{_NAME}"', "Cache-Control": "no-cache"}
    return Response(pinned_file().content, media_type="text/html; charset=utf-8", headers=headers)


@router.get("/agent/offline.sha256", permission=PUBLIC, include_in_schema=False)
def give_pinned_hash() -> Response:
    """Give the file's SHA-256 as ``sha256sum --check`` reads it."""
    return Response(f"{pinned_file().sha256}  {_NAME}\n", media_type="text/plain", headers={"Cache-Control": "no-cache"})


@cache
def pinned_file() -> PinnedFile:
    """Return the file, put together of the modules that the site's own pages run."""
    script = "".join(_EXPORT.sub("", _IMPORT.sub("", _part(f"static/{name}"))) for name in _MODULES)
    style = _part("static/agent-offline.css")
    policy = f"default-src 'none'; script-src {_source(script)}; style-src {_source(style)}; base-uri 'none'; form-action 'none'"
    page = _part("templates/agent_offline.html").replace("%POLICY%", policy).replace("%STYLE%", style).replace("%SCRIPT%", script)
    content = page.encode()
    return PinnedFile(content, sha256(content).hexdigest(), policy)


def _part(name: str) -> str:
    return files("consentry.portal").joinpath(*name.split("/")).read_text(encoding="utf-8")


def _source(text: str) -> str:
    return f"'sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}'"

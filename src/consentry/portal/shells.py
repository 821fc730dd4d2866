"""Pages that work without the network: an empty shell, the same for everybody, and a service worker that keeps it with its files and nothing else.

The worker's text changes with them. What a page shows comes through the interface, or lies on the device.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

from fastapi import Response

from consentry.console.speech import LANGUAGES
from consentry.portal.assets import assets_root

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["OfflineShell", "part_of", "version"]


@dataclass(frozen=True, slots=True)
class OfflineShell:
    """A page that works without the network.

    ``name``: of what its browser keeps, and of its one trusted address of a script; ``page`` and ``worker``: their paths; ``words``: of its catalogue;
    ``script``: its first module; ``templates`` and ``styles``: what it is drawn with.
    """

    name: str
    page: str
    worker: str
    words: str
    script: str
    templates: tuple[str, ...]
    styles: tuple[str, ...]

    def headers(self, manners: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of the page: a service worker's address is a sink for scripts, and its policy makes that one address alone."""
        policy = manners["Content-Security-Policy"].replace("trusted-types 'none'", f"trusted-types {self.name}")
        return {**manners, "Content-Security-Policy": policy}

    def values(self) -> dict[str, str]:
        """Return what its template knows besides its own values."""
        return {"shell": self.name, "page": self.page, "worker": self.worker}

    def worker_file(self) -> Response:
        """Return the service worker, as it is sent."""
        kept = [f"{assets_root()}/{name}" for name in _kept(self)]
        shell = {"name": self.name, "version": version(self), "page": self.page, "languages": list(LANGUAGES), "files": kept}
        text = f"const SHELL = {json.dumps(shell)};\n{part_of('static/shell-worker.js')}"
        headers = {"Content-Security-Policy": "default-src 'none'; connect-src 'self'", "Cache-Control": "no-cache", "Service-Worker-Allowed": self.page}
        return Response(text, media_type="text/javascript", headers=headers)


@cache
def version(shell: OfflineShell) -> str:
    """Return what changes with any part of a shell."""
    parts = [*(f"templates/{name}" for name in shell.templates), *(f"locale/{shell.words}.{language}.toml" for language in LANGUAGES)]
    return sha256("\n".join((assets_root(), *map(part_of, parts))).encode()).hexdigest()[:16]


def part_of(name: str) -> str:
    """Return a file of the package as text."""
    return files("consentry.portal").joinpath(name).read_text(encoding="utf-8")


@cache
def _kept(shell: OfflineShell) -> tuple[str, ...]:
    """Return the names of the files that a shell needs: its style sheets, its modules, and whatever they import."""
    found = {*shell.styles, shell.script}
    fresh = {shell.script}
    while fresh:
        imported = {name for module in fresh for name in _imports(module)}
        fresh = imported - found
        found |= fresh
    return tuple(sorted(found))


def _imports(module: str) -> set[str]:
    return {line.rpartition('"./')[2].partition('"')[0] for line in part_of(f"static/{module}").splitlines() if line.startswith("import ")}

"""The routes of the page that helps to install the local authority. They exist only where the site has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from consentry.platform.errors import NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.platform.settings.model import Language, TlsMode
from consentry.platform.tls.authority import open_authority
from consentry.platform.tls.install_page import CONTENT_SECURITY_POLICY, certificate_file, install_page, profile_file

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

__all__ = ["install_router"]

install_router = ApiRouter(prefix="/install-ca", tag="portal")


@install_router.get("", permission=PUBLIC, include_in_schema=False)
def read_install_page(site: SiteDep, request: Request, lang: str | None = None) -> Response:
    """Show how to install the authority, in the language asked for or the one that the browser prefers."""
    page = install_page(_authority(site), _language(lang or request.headers.get("accept-language", ""), site.settings.site.languages[0]))
    return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Vary": "Accept-Language", "Cache-Control": "no-store"})


@install_router.get("/{name}", permission=PUBLIC, include_in_schema=False)
def read_install_file(site: SiteDep, name: str) -> Response:
    """Give the authority's certificate in one of its two forms."""
    authority = _authority(site)
    found = next((file for file in (profile_file(authority), certificate_file(authority)) if file.name == name), None)
    if found is None:
        raise NotFoundError("tls.no-such-file", name, "there is no such file", "Open /install-ca.")
    return Response(found.content, media_type=found.media_type, headers={"Content-Disposition": f'attachment; filename="{found.name}"'})


def _authority(site: SiteDep) -> Certificate:
    if site.settings.web.tls.mode is not TlsMode.LOCAL_AUTHORITY:
        raise NotFoundError("tls.no-authority", "/install-ca", "this site has no authority of its own", "Nothing needs to be installed.")
    return open_authority(site.store.places.tls).certificate


def _language(asked: str, otherwise: Language) -> Language:
    """Return the first language of a preference list that there is, such as ``zh-TW,zh;q=0.9,en;q=0.8``."""
    for part in asked.lower().split(","):
        found = next((language for language in Language if part.strip()[:2] == language.value[:2]), None)
        if found is not None:
            return found
    return otherwise

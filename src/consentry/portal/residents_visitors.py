"""What a guest opens who has no account: the code of their pass, when it opens which door, and how to get in.

The secret of the link stands behind the number sign, which browsers send to nobody; a script puts it into the page's form. Without scripts it is typed.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.access.service import guests
from consentry.platform.errors import NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.deciding import Form
from consentry.portal.place import Place, person_page
from consentry.portal.qr import qr_code
from consentry.portal.rendering import speech_of
from consentry.portal.residents_place import door_name
from consentry.portal.routing import PageRoute

if TYPE_CHECKING:
    from consentry.access.residence import GuestCode
    from consentry.platform.site import Site

__all__ = ["router"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = PageRoute

_TELEPHONE = Place(None)


@router.get("/guest", permission=PUBLIC, include_in_schema=False)
def ask_for_guest_link(request: Request) -> Response:
    """Ask for the secret of a guest's link; a script takes it from the address."""
    return person_page(request, _TELEPHONE, "resident_guest_ask.html", {"unknown": False})


@router.post("/guest", permission=PUBLIC, include_in_schema=False)
def show_guest_code(request: Request, site: SiteDep, form: Form) -> Response:
    """Show the code, and how to get in with it."""
    try:
        found = guests.guest_code(site, form.get("secret", ""))
    except NotFoundError as error:
        return person_page(request, _TELEPHONE, "resident_guest_ask.html", {"unknown": True}, status=error.http_status, sent=True)
    return _shown(request, site, found)


def _shown(request: Request, site: Site, found: GuestCode) -> Response:
    spoken, guest = speech_of(request, site), found.guest
    shown = {
        "guest": guest,
        "doors": [door_name(request, door) for door in guest.doors],
        "starts": spoken.moment(guest.starts)[:16],
        "until": spoken.moment(guest.until)[:16],
        "left": None if guest.uses is None else max(guest.uses - guest.used, 0),
        "qr": qr_code(found.code) if found.code else None,
        "contact": site.settings.site.contact,
    }
    return person_page(request, _TELEPHONE, "resident_guest.html", shown, status=HTTPStatus.OK, sent=True)

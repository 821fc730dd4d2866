"""The pages of residents: who is signed in, and where somebody goes who is not."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from consentry.access.service.own_ways import own_session
from consentry.platform.errors import DeniedError, SignInError
from consentry.platform.http.access import current_actor, current_site
from consentry.portal.agents_place import go_to
from consentry.portal.phrases import phrases
from consentry.portal.rendering import FORMS, language_of, page
from consentry.portal.routing import PageRoute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request, Response

    from consentry.access.residence import OwnDoor
    from consentry.platform.errors import ConsentryError

__all__ = ["ResidentRoute", "door_name", "resident_page", "stranger_page", "trouble_of"]


class ResidentRoute(PageRoute):
    """A route that shows a page to residents; whoever is not signed in as one is asked to sign in."""

    def problem_page(self, request: Request, error: ConsentryError) -> Response:
        """Send strangers, and staff, to the sign-in of residents; tell a resident what went wrong."""
        if isinstance(error, (SignInError, DeniedError)):
            return go_to(request, "/resident/sign-in")
        return stranger_page(request, "resident_problem.html", {"trouble": trouble_of(request, error.code)}, status=error.http_status, sent=True)


def resident_page(request: Request, name: str, values: Mapping[str, object], *, status: int = HTTPStatus.OK, sent: bool = False) -> Response:
    """Return the page that template ``name`` draws for the resident who is signed in. ``sent``: it answers a form.

    Templates know ``member`` (who they are), ``sent`` and ``trouble`` besides what every page knows.
    """
    member = own_session(current_site(request), current_actor(request))
    return page(request, name, {"member": member, "sent": sent, "trouble": "", **values}, FORMS, status)


def stranger_page(request: Request, name: str, values: Mapping[str, object], *, status: int = HTTPStatus.OK, sent: bool = False) -> Response:
    """Return the same for somebody who is not signed in."""
    return page(request, name, {"member": None, "sent": sent, "trouble": "", **values}, FORMS, status)


def trouble_of(request: Request, code: str) -> str:
    """Return the words for what went wrong; an error that has none of its own is named by its code."""
    known = phrases(language_of(request))["resident"]["trouble"]
    return str(known.get(code) or f"{known['other']} ({code})")


def door_name(request: Request, door: OwnDoor) -> str:
    """Return what the reader calls a door."""
    return door.zh if language_of(request) == "zh-CN" else door.en

"""The cookie of a resident's session, and who it stands for at residents' addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consentry.access.service.resident_sessions import resident_of_token
from consentry.staff.api.outside_cookies import OutsideCookie

if TYPE_CHECKING:
    from fastapi import Request

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["RESIDENT_COOKIE", "resident_holder"]

RESIDENT_COOKIE: Final = OutsideCookie("consentry-resident", re.compile(r"(?:/api/v1)?/resident(?:/.*)?"))
"""What residents' browsers keep of a session."""


def resident_holder(site: Site, request: Request) -> Actor | None:
    """Return the resident whose cookie a request carries, at residents' addresses alone."""
    token = RESIDENT_COOKIE.token(request)
    return resident_of_token(site, token) if token else None

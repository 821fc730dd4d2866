"""The cookie of an agent's session, and who it stands for at agents' addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from consentry.attribution.service.agent_sessions import agent_of_token
from consentry.staff.api.outside_cookies import OutsideCookie

if TYPE_CHECKING:
    from fastapi import Request

    from consentry.platform.actors import Actor
    from consentry.platform.site import Site

__all__ = ["AGENT_COOKIE", "agent_holder"]

AGENT_COOKIE: Final = OutsideCookie("consentry-agent", re.compile(r"(?:/api/v1)?/agent(?:/.*)?"))
"""What agents' browsers keep of a session."""


def agent_holder(site: Site, request: Request) -> Actor | None:
    """Return the agent whose cookie a request carries, at agents' addresses alone."""
    token = AGENT_COOKIE.token(request)
    return agent_of_token(site, token) if token else None

"""The pages of agents: who is signed in, and where somebody goes who is not."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi.responses import RedirectResponse

from consentry.attribution.service.agent_sessions import own_agent
from consentry.platform.errors import DeniedError, SignInError
from consentry.platform.http.access import current_actor, current_site
from consentry.portal.phrases import phrases
from consentry.portal.rendering import FORMS, language_of, page
from consentry.portal.routing import PageRoute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import Request, Response

    from consentry.platform.errors import ConsentryError

__all__ = ["AgentRoute", "agent_page", "go_to", "trouble_words", "visiting_page"]


class AgentRoute(PageRoute):
    """A route that shows a page to agents; whoever is not signed in as one is asked to sign in."""

    def problem_page(self, request: Request, error: ConsentryError) -> Response:
        """Send strangers, and staff, to the sign-in of agents; tell an agent what went wrong."""
        if isinstance(error, (SignInError, DeniedError)):
            return go_to(request, "/agent/sign-in")
        return visiting_page(request, "agent_problem.html", {"trouble": trouble_words(request, error.code)}, status=error.http_status, sent=True)


def agent_page(request: Request, name: str, values: Mapping[str, object], *, status: int = HTTPStatus.OK, sent: bool = False) -> Response:
    """Return the page that template ``name`` draws for the agent who is signed in. ``sent``: it answers a form.

    Templates know ``member`` (who they are), ``zone`` (that of the site), ``sent`` and ``trouble`` besides what every page knows.
    """
    site = current_site(request)
    member = own_agent(site, current_actor(request))
    known = {"member": member, "zone": site.settings.site.zone, "sent": sent, "trouble": ""}
    return page(request, name, {**known, **values}, FORMS, status)


def visiting_page(request: Request, name: str, values: Mapping[str, object], *, status: int = HTTPStatus.OK, sent: bool = False) -> Response:
    """Return the same for somebody who is not signed in yet."""
    known = {"member": None, "zone": current_site(request).settings.site.zone, "sent": sent, "trouble": ""}
    return page(request, name, {**known, **values}, FORMS, status)


def go_to(request: Request, path: str) -> RedirectResponse:
    """Return what sends a browser to another page of agents, in the same language."""
    return RedirectResponse(f"{path}?lang={language_of(request)}", HTTPStatus.SEE_OTHER)


def trouble_words(request: Request, code: str) -> str:
    """Return the words for what went wrong; an error that has none of its own is named by its code."""
    known = phrases(language_of(request))["agent"]["trouble"]
    return str(known.get(code) or f"{known['other']} ({code})")

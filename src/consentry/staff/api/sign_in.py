"""``/public/session`` and ``/public/invitation``: what strangers may ask on their way to being signed in."""

from __future__ import annotations

from fastapi import Request, Response

from consentry.platform.errors import InputError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.staff import service
from consentry.staff.api.cookies import address_of, keep_session
from consentry.staff.api.shapes import AcceptanceIn, InvitationOut, KeyQuestionOut, LinkIn, NextStepOut, ProofIn, SignInIn, TicketIn
from consentry.staff.model import SecondFactorNeeded, SignedIn

__all__ = ["router"]

router = ApiRouter(prefix="/public", tag="sign-in")


@router.post("/session", permission=PUBLIC)
def sign_in(site: SiteDep, request: Request, response: Response, body: SignInIn) -> NextStepOut:
    """Sign in with name and password; the answer brings the session's cookie, or a ticket for the second step."""
    outcome = service.sign_in(site, body.name, body.password, address_of(request))
    if isinstance(outcome, SecondFactorNeeded):
        return NextStepOut(ticket=outcome.ticket, ways=outcome.ways, expires=outcome.expires)
    return _begun(request, response, outcome)


@router.post("/session/security-key", permission=PUBLIC)
def ask_security_key(site: SiteDep, body: TicketIn) -> KeyQuestionOut:
    """Ask for what a security key must answer in the second step."""
    return KeyQuestionOut(options=service.security_key_options(site, body.ticket))


@router.post("/session/second-factor", permission=PUBLIC)
def prove_second_factor(site: SiteDep, request: Request, response: Response, body: ProofIn) -> NextStepOut:
    """Finish signing in with one proof: a one-time code, a recovery code, or a security key's answer."""
    proof = body.proof()
    if proof is None:
        raise InputError("sign-in.proof", "second factor", "there is not exactly one proof", "Send one of code, recovery_code and answer.")
    return _begun(request, response, service.finish_sign_in(site, body.ticket, proof, address_of(request)))


@router.post("/invitation", permission=PUBLIC)
def look_at_invitation(site: SiteDep, body: LinkIn) -> InvitationOut:
    """Show what a one-time link offers. The token travels in the body, so that no log of addresses holds it."""
    return InvitationOut.model_validate(service.invitation(site, body.token))


@router.post("/invitation/acceptance", permission=PUBLIC)
def accept_invitation(site: SiteDep, request: Request, response: Response, body: AcceptanceIn) -> NextStepOut:
    """Use a one-time link up: set name and password, and be signed in."""
    return _begun(request, response, service.accept_link(site, body.token, body.name, body.password, address_of(request)))


def _begun(request: Request, response: Response, signed_in: SignedIn) -> NextStepOut:
    keep_session(request, response, signed_in)
    return NextStepOut(expires=signed_in.expires, must_enrol=signed_in.must_enrol)

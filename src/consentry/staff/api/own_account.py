"""``/session``: one's own session, password and second factors. An answer that changes what the session may do renews its cookie."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.staff import service
from consentry.staff.api.cookies import drop_session, keep_session
from consentry.staff.api.shapes import (
    AccountOut,
    AnswerIn,
    BeginCodesOut,
    BeginKeyOut,
    CodeIn,
    EnrolledOut,
    FactorOut,
    NewPasswordIn,
    NextStepOut,
    PasswordIn,
    RecoveryCodesOut,
    SessionOut,
    StaffSessionOut,
)

if TYPE_CHECKING:
    from consentry.staff.model import Enrolled, SignedIn

__all__ = ["router"]

router = ApiRouter(prefix="/session", tag="own account")
_OWN = Permission.MANAGE_OWN_ACCOUNT


@router.get("", permission=_OWN)
def show_session(actor: ActorDep) -> SessionOut:
    """Show who is signed in and what they may do now."""
    return SessionOut(account=actor.id, permissions=sorted(actor.permissions), confirmed_until=actor.confirmed_until)


@router.delete("", permission=_OWN, status_code=HTTPStatus.NO_CONTENT)
def sign_out(site: SiteDep, actor: ActorDep, request: Request, response: Response) -> None:
    """Sign out."""
    service.sign_out(site, actor)
    drop_session(request, response)


@router.post("/confirmation", permission=_OWN)
def confirm(site: SiteDep, actor: ActorDep, request: Request, response: Response, body: PasswordIn) -> NextStepOut:
    """Give the password again, for acts that need it to have been given minutes ago."""
    return _renewed(request, response, service.confirm(site, actor, body.password))


@router.put("/password", permission=_OWN)
def change_password(site: SiteDep, actor: ActorDep, request: Request, response: Response, body: NewPasswordIn) -> NextStepOut:
    """Change the password; every other session of the account ends."""
    return _renewed(request, response, service.change_password(site, actor, body.password, body.new_password))


@router.get("/account", permission=_OWN)
def show_own_account(site: SiteDep, actor: ActorDep) -> AccountOut:
    """Show one's own account."""
    return AccountOut.model_validate(service.own_account(site, actor))


@router.get("/all", permission=_OWN)
def list_own_sessions(site: SiteDep, actor: ActorDep) -> list[StaffSessionOut]:
    """List where one is signed in."""
    return [StaffSessionOut.model_validate(one) for one in service.own_sessions(site, actor)]


@router.delete("/all/{session}", permission=_OWN, status_code=HTTPStatus.NO_CONTENT)
def end_own_session(site: SiteDep, actor: ActorDep, session: str) -> None:
    """End one of one's own sessions."""
    service.end_own_session(site, actor, session)


@router.get("/second-factors", permission=_OWN)
def list_own_second_factors(site: SiteDep, actor: ActorDep) -> list[FactorOut]:
    """List one's own second factors."""
    return [FactorOut.model_validate(one) for one in service.own_second_factors(site, actor)]


@router.delete("/second-factors/{factor}", permission=_OWN, status_code=HTTPStatus.NO_CONTENT)
def remove_second_factor(site: SiteDep, actor: ActorDep, factor: str) -> None:
    """Remove one of one's own second factors."""
    service.remove_second_factor(site, actor, factor)


@router.post("/second-factors/one-time-codes", permission=_OWN)
def begin_one_time_codes(site: SiteDep, actor: ActorDep) -> BeginCodesOut:
    """Begin to enrol an authenticator."""
    return BeginCodesOut.model_validate(service.begin_one_time_codes(site, actor))


@router.put("/second-factors/one-time-codes", permission=_OWN)
def finish_one_time_codes(site: SiteDep, actor: ActorDep, request: Request, response: Response, body: CodeIn) -> EnrolledOut:
    """Finish it with the first code that the authenticator shows."""
    return _enrolled(request, response, service.finish_one_time_codes(site, actor, body.ticket, body.label, body.code))


@router.post("/second-factors/security-key", permission=_OWN)
def begin_security_key(site: SiteDep, actor: ActorDep) -> BeginKeyOut:
    """Begin to enrol a security key."""
    return BeginKeyOut.model_validate(service.begin_security_key(site, actor))


@router.put("/second-factors/security-key", permission=_OWN)
def finish_security_key(site: SiteDep, actor: ActorDep, request: Request, response: Response, body: AnswerIn) -> EnrolledOut:
    """Finish it with the key's answer."""
    return _enrolled(request, response, service.finish_security_key(site, actor, body.ticket, body.label, body.answer))


@router.put("/second-factors/recovery-codes", permission=_OWN)
def renew_recovery_codes(site: SiteDep, actor: ActorDep) -> RecoveryCodesOut:
    """Make new recovery codes; the ones before are void."""
    return RecoveryCodesOut(recovery_codes=service.renew_recovery_codes(site, actor))


def _renewed(request: Request, response: Response, signed_in: SignedIn) -> NextStepOut:
    keep_session(request, response, signed_in)
    return NextStepOut(expires=signed_in.expires, must_enrol=signed_in.must_enrol)


def _enrolled(request: Request, response: Response, enrolled: Enrolled) -> EnrolledOut:
    keep_session(request, response, enrolled.signed_in)
    return EnrolledOut(recovery_codes=enrolled.recovery_codes)

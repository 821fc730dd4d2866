"""``/resident/...``: everything that residents do for themselves; ``/public/...``: signing in, and a guest's code; ``/doors/...``: staff on their word."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request, Response

from consentry.access.api.resident_cookies import RESIDENT_COOKIE
from consentry.access.api.resident_shapes import (
    DelegateIn,
    DelegateOut,
    FaceOffOut,
    GuestCodeIn,
    GuestCodeOut,
    GuestPassIn,
    GuestPassOut,
    HostAnswerIn,
    HostRequestOut,
    IssuedGuestOut,
    LentOut,
    LoggedPassOut,
    OwnPinIn,
    OwnWayOut,
    PhoneKeyIn,
    PhonePassOut,
    ResidentInvitationOut,
    ResidentLinkIn,
    ResidentPassphraseIn,
    ResidentSessionOut,
    ResidentSignedInOut,
    ResidentSignInIn,
    ResidentWelcomedOut,
)
from consentry.access.service import delegates, guests, hosting, own_face, own_log, own_pin, own_ways, resident_sessions, residents
from consentry.platform.actors import Permission
from consentry.platform.http.paging import CursorParam, Page, PageSize, cursor_of, key_of
from consentry.platform.http.router import PUBLIC, ActorDep, ApiRouter, SiteDep
from consentry.staff.api.cookies import address_of

__all__ = ["routers"]

_public = ApiRouter(prefix="/public", tag="residents")
_own = ApiRouter(prefix="/resident", tag="residents")

routers = (_public, _own)
"""The routers of residents, to be served under ``/api/v1``."""


@_public.post("/resident-session", permission=PUBLIC)
def sign_resident_in(site: SiteDep, request: Request, response: Response, body: ResidentSignInIn) -> ResidentSignedInOut:
    """Sign in as a resident; the answer brings the session's cookie."""
    signed_in = resident_sessions.sign_in_resident(site, body.name, body.passphrase, address_of(request))
    RESIDENT_COOKIE.keep(request, response, signed_in.token)
    return ResidentSignedInOut(expires=signed_in.expires)


@_public.post("/resident-invitation", permission=PUBLIC)
def look_at_resident_invitation(site: SiteDep, body: ResidentLinkIn) -> ResidentInvitationOut:
    """Show what a resident's one-time link offers."""
    return ResidentInvitationOut.model_validate(residents.resident_invitation(site, body.token))


@_public.post("/resident-invitation/acceptance", permission=PUBLIC)
def accept_resident_invitation(site: SiteDep, body: ResidentPassphraseIn) -> ResidentWelcomedOut:
    """Use a resident's one-time link up: set the passphrase. Signing in is the next step."""
    return ResidentWelcomedOut(name=residents.accept_resident_link(site, body.token, body.passphrase))


@_public.post("/guest-code", permission=PUBLIC)
def read_guest_code(site: SiteDep, body: GuestCodeIn) -> GuestCodeOut:
    """Show a guest the code of their pass, by the secret of their link."""
    return GuestCodeOut.of(guests.guest_code(site, body.token))


@_own.get("/session", permission=Permission.LIVE_HERE)
def read_resident_session(site: SiteDep, actor: ActorDep) -> ResidentSessionOut:
    """Return who is signed in, and their doors."""
    return ResidentSessionOut.model_validate(own_ways.own_session(site, actor))


@_own.delete("/session", permission=Permission.LIVE_HERE, status_code=HTTPStatus.NO_CONTENT)
def sign_resident_out(site: SiteDep, actor: ActorDep, request: Request, response: Response) -> None:
    """End the session."""
    resident_sessions.sign_out_resident(site, actor)
    RESIDENT_COOKIE.drop(request, response)


@_own.get("/ways", permission=Permission.LIVE_HERE)
def list_own_ways(site: SiteDep, actor: ActorDep) -> list[OwnWayOut]:
    """List the resident's ways in that have not ended."""
    return [OwnWayOut.model_validate(way) for way in own_ways.own_ways(site, actor)]


@_own.put("/pin", permission=Permission.LIVE_HERE, status_code=HTTPStatus.NO_CONTENT)
def set_own_pin(site: SiteDep, actor: ActorDep, body: OwnPinIn) -> None:
    """Choose a PIN, with the passphrase again; the one before it ends. After a few tries the next ones wait."""
    own_pin.choose_own_pin(site, actor, body.passphrase, body.pin, body.duress)


@_own.post("/ways/{credential}/loss", permission=Permission.LIVE_HERE, status_code=HTTPStatus.NO_CONTENT)
def report_own_loss(site: SiteDep, actor: ActorDep, credential: str) -> None:
    """Report a card or a telephone lost; it opens nothing from now on."""
    own_ways.report_own_lost(site, actor, credential)


@_own.post("/phone-passes", permission=Permission.LIVE_HERE, status_code=HTTPStatus.CREATED)
def make_own_phone_pass(site: SiteDep, actor: ActorDep, body: PhoneKeyIn) -> PhonePassOut:
    """Issue a pass for the telephone that keeps the other half of the key."""
    return PhonePassOut.model_validate(own_ways.own_phone_pass(site, actor, body.point()))


@_own.delete("/face", permission=Permission.LIVE_HERE)
def turn_own_face_off(site: SiteDep, actor: ActorDep) -> FaceOffOut:
    """Withdraw the consent behind the resident's face; the other ways stay."""
    return FaceOffOut.of(own_face.turn_face_off(site, actor))


@_own.get("/log", permission=Permission.LIVE_HERE)
def list_own_log(site: SiteDep, actor: ActorDep, limit: PageSize = 50, cursor: CursorParam = None) -> Page[LoggedPassOut]:
    """List who passed by the resident's credentials, and those of their guests and delegates; newest first."""
    found = own_log.own_log(site, actor, before=key_of(cursor, int), limit=limit + 1)
    more = cursor_of(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[LoggedPassOut.model_validate(one) for one in found[:limit]], next=more)


@_own.get("/guest-passes", permission=Permission.LIVE_HERE)
def list_own_guest_passes(site: SiteDep, actor: ActorDep) -> list[GuestPassOut]:
    """List the guest passes that the resident gave, newest first."""
    return [GuestPassOut.model_validate(one) for one in guests.own_guest_passes(site, actor)]


@_own.post("/guest-passes", permission=Permission.LIVE_HERE, status_code=HTTPStatus.CREATED)
def give_guest_pass(site: SiteDep, actor: ActorDep, body: GuestPassIn) -> IssuedGuestOut:
    """Let a guest in for a time; the path of their page is answered this once."""
    return IssuedGuestOut.of(guests.issue_guest_pass(site, actor, body.draft()))


@_own.delete("/guest-passes/{guest}", permission=Permission.LIVE_HERE, status_code=HTTPStatus.NO_CONTENT)
def take_guest_pass_back(site: SiteDep, actor: ActorDep, guest: str) -> None:
    """End a guest pass at once."""
    guests.revoke_own_guest_pass(site, actor, guest)


@_own.get("/host-requests", permission=Permission.LIVE_HERE)
def list_host_requests(site: SiteDep, actor: ActorDep) -> list[HostRequestOut]:
    """List the guests who stand at a door now and wait for the resident's word."""
    return [HostRequestOut.model_validate(one) for one in hosting.host_requests(site, actor)]


@_own.post("/guest-passes/{guest}/yes", permission=Permission.LIVE_HERE, status_code=HTTPStatus.NO_CONTENT)
def let_own_guest_in(site: SiteDep, actor: ActorDep, guest: str, body: HostAnswerIn) -> None:
    """Say yes to a guest who waits at a door."""
    hosting.let_guest_in(site, actor, guest, body.door)


@_own.get("/delegates", permission=Permission.LIVE_HERE)
def list_own_delegates(site: SiteDep, actor: ActorDep) -> list[DelegateOut]:
    """List to whom the resident gave something for a time."""
    return [DelegateOut.model_validate(one) for one in delegates.delegates(site, actor)]


@_own.post("/delegates", permission=Permission.LIVE_HERE, status_code=HTTPStatus.CREATED)
def give_to_own_delegate(site: SiteDep, actor: ActorDep, body: DelegateIn) -> LentOut:
    """Give a card or a PIN to somebody for a time; a PIN made for them is answered this once."""
    return LentOut.of(delegates.give_to_delegate(site, actor, body.draft()))


@_own.delete("/delegates/{person}", permission=Permission.LIVE_HERE, status_code=HTTPStatus.NO_CONTENT)
def end_own_delegate(site: SiteDep, actor: ActorDep, person: str) -> None:
    """End at once what somebody was given."""
    delegates.end_delegate(site, actor, person)

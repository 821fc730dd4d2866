"""``/doors/people/{person}/…`` and ``/doors/credentials``: what people hold. What opens a door is answered once, to whom it is made for."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Query, Response

from consentry.access.api.register_shapes import (
    CardIn,
    CardReplacementIn,
    CredentialOut,
    CredentialStateIn,
    CredentialStateOut,
    DoorPassOut,
    DoorReasonIn,
    FaceLinkIn,
    ListedLoanOut,
    LoanIn,
    LoanOut,
    LookUpIn,
    PinIn,
    PinOut,
    TelephoneIn,
)
from consentry.access.service import cards, credentials, faces, lending, loans, phones, pins
from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

__all__ = ["routers"]

_held = ApiRouter(prefix="/doors/people", tag="doors")
_credentials = ApiRouter(prefix="/doors/credentials", tag="doors")
_loans = ApiRouter(prefix="/doors/loans", tag="doors")

routers = (_held, _credentials, _loans)
"""The routers of credentials, to be served under ``/api/v1``."""

_MANAGE = Permission.MANAGE_CREDENTIALS

OwnerParam = Annotated[str | None, Query(max_length=36, description="Of this owner alone, by pseudonym.")]


@_held.get("/{person}/credentials", permission=_MANAGE)
def list_credentials(site: SiteDep, actor: ActorDep, person: str) -> list[CredentialOut]:
    """List everything that somebody holds or held."""
    return [CredentialOut.of(one) for one in credentials.credentials(site, actor, person)]


@_held.post("/{person}/cards", permission=_MANAGE, status_code=HTTPStatus.CREATED)
def add_card(site: SiteDep, actor: ActorDep, person: str, body: CardIn) -> CredentialOut:
    """Give somebody a card."""
    return CredentialOut.of(cards.add_card(site, actor, person, body.draft()))


@_held.post("/{person}/pins", permission=_MANAGE, status_code=HTTPStatus.CREATED)
def set_pin(site: SiteDep, actor: ActorDep, person: str, body: PinIn, response: Response) -> PinOut:
    """Give somebody a PIN in the place of the one before."""
    response.headers["Cache-Control"] = "no-store"
    issued = pins.set_pin(site, actor, person, body.draft())
    return PinOut(credential=CredentialOut.of(issued.credential), pin=issued.pin, duress=issued.duress)


@_held.post("/{person}/telephones", permission=_MANAGE, status_code=HTTPStatus.CREATED)
def issue_phone_pass(site: SiteDep, actor: ActorDep, person: str, body: TelephoneIn, response: Response) -> DoorPassOut:
    """Give somebody a pass for the telephone that has this key."""
    response.headers["Cache-Control"] = "no-store"
    issued = phones.issue_phone_pass(site, actor, person, body.raw())
    return DoorPassOut(credential=CredentialOut.of(issued.credential), text=issued.text, expires=issued.expires, replaced=issued.replaced)


@_held.post("/{person}/face", permission=_MANAGE, status_code=HTTPStatus.CREATED)
def link_face(site: SiteDep, actor: ActorDep, person: str, body: FaceLinkIn) -> CredentialOut:
    """Let somebody who consented pass by their face, besides what they hold already."""
    return CredentialOut.of(faces.link_face(site, actor, person, body.consent))


@_held.post("/{person}/loans", permission=_MANAGE, status_code=HTTPStatus.CREATED)
def lend_credential(site: SiteDep, actor: ActorDep, person: str, body: LoanIn, response: Response) -> LoanOut:
    """Give something that somebody holds to somebody else, for some doors and a time, on the owner's word."""
    response.headers["Cache-Control"] = "no-store"
    return LoanOut.of(lending.lend(site, actor, person, body.draft(), body.reason))


@_loans.get("", permission=_MANAGE)
def list_loans(site: SiteDep, actor: ActorDep, owner: OwnerParam = None) -> list[ListedLoanOut]:
    """List what is lent, what is overdue first."""
    return [ListedLoanOut.model_validate(one) for one in loans.loans(site, actor, owner)]


@_loans.post("/{credential}/return", permission=_MANAGE, status_code=HTTPStatus.NO_CONTENT)
def return_loan(site: SiteDep, actor: ActorDep, credential: str, body: DoorReasonIn) -> None:
    """End a loan because what was lent is back; a card opens for its owner again."""
    lending.take_back(site, actor, credential, body.reason)


@_credentials.post("/look-up", permission=_MANAGE)
def look_up_card(site: SiteDep, actor: ActorDep, body: LookUpIn) -> CredentialOut:
    """Tell whose a card is, such as one that was found; the ledger keeps that it was asked."""
    return CredentialOut.of(cards.find_card(site, actor, body.uid, body.form))


@_credentials.get("/{credential}", permission=_MANAGE)
def read_credential(site: SiteDep, actor: ActorDep, credential: str) -> CredentialOut:
    """Return one credential."""
    return CredentialOut.of(credentials.credential(site, actor, credential))


@_credentials.post("/{credential}/state", permission=_MANAGE)
def change_credential_state(site: SiteDep, actor: ActorDep, credential: str, body: CredentialStateIn) -> CredentialStateOut:
    """Suspend a credential, report it lost or stolen, end it, or let it open doors again; and say which faces that leaves alone."""
    return CredentialStateOut.of(credentials.change_state(site, actor, credential, body.state, body.reason))


@_credentials.post("/{credential}/replacement", permission=_MANAGE, status_code=HTTPStatus.CREATED)
def replace_card(site: SiteDep, actor: ActorDep, credential: str, body: CardReplacementIn) -> CredentialOut:
    """Give the holder of a card another one in its place."""
    return CredentialOut.of(cards.replace_card(site, actor, credential, body.draft(), body.reason))

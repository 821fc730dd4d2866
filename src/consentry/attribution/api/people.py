"""``/attribution/people``: what staff put down of who belongs together, and erasing what names somebody. Nobody is found or listed here."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Response
from pydantic import BaseModel, Field

from consentry.attribution.model import Grade
from consentry.attribution.service import erasing, faces, parties, visit_views
from consentry.attribution.service.visit_views import MOST_NAMED
from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep
from consentry.staff.model import Reason
from consentry.staff.rules import SHORTEST_REASON

if TYPE_CHECKING:
    from consentry.attribution.model import Link

__all__ = ["router"]

router = ApiRouter(prefix="/attribution/people", tag="attribution")

_ID = 36


class KinIn(BaseModel):
    """That somebody is kin of another, or is not the same person."""

    other: str = Field(max_length=_ID, description="The pseudonym of the other.")
    kind: str = Field(max_length=24, description="spouse, parent, child, sibling or another kin, or not_same.")
    proof: str = Field(min_length=2, max_length=200, description="Which paper was seen; not what it says.")
    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")


class ConsentedFaceIn(BaseModel):
    """That one person appeared twice, who agreed to be recognised for it."""

    other: str = Field(max_length=_ID, description="The pseudonym of the other appearance.")
    consent: str = Field(max_length=_ID, description="Their consent to sale_attribution.")


class PeopleViewingIn(BaseModel):
    """Whom somebody wants to know, and why."""

    people: list[Annotated[str, Field(max_length=_ID)]] = Field(min_length=1, max_length=MOST_NAMED, description="Pseudonyms.")
    text: str = Field(min_length=1, max_length=300, description="Why; kept in the ledger, and it names no person.")
    ticket: str = Field(min_length=1, max_length=64, description="The request or case it belongs to.")


class DescribedOut(BaseModel):
    """How a person wants to be called; null once it was erased."""

    party: str
    alias: str | None
    mask: str | None = Field(description="The telephone number with its middle hidden.")


class LinkOut(BaseModel):
    """A link between two pseudonyms."""

    added: bool = Field(description="False where it was known.")
    kind: str | None
    grade: Grade | None


class ErasureIn(BaseModel):
    """Who asked for it, and why what names them is deleted."""

    request: str = Field(max_length=_ID, description="Id of the open request that asks for it, as staff list it.")
    reason: str = Field(min_length=SHORTEST_REASON, max_length=300, description="Kept in the ledger; it names no person.")


class ErasedOut(BaseModel):
    """What was deleted."""

    appearances: int
    restricted_until: datetime | None = Field(description="Until when keyed hashes are kept for a claim that lives; none where they are gone.")


@router.post("/viewing", permission=Permission.VIEW_ATTRIBUTION)
def view_people(site: SiteDep, actor: ActorDep, body: PeopleViewingIn, response: Response) -> list[DescribedOut]:
    """Say who some people are, such as the buyers of a contract; the ledger keeps who looked, at whom, and why."""
    response.headers["Cache-Control"] = "no-store"
    found = visit_views.describe_people(site, actor, body.people, Reason(body.text, body.ticket))
    return [DescribedOut(party=party, alias=one.alias, mask=one.mask) for party, one in found.items()]


@router.post("/{party}/kin", permission=Permission.RECORD_DEALS)
def put_down_kin(site: SiteDep, actor: ActorDep, party: str, body: KinIn) -> LinkOut:
    """Put down kin on a paper that was seen."""
    return _shown(parties.relate(site, actor, party, body.other, body.kind, proof=body.proof, reason=body.reason))


@router.post("/{party}/face", permission=Permission.SIGN_VERDICTS)
def confirm_consented_face(site: SiteDep, actor: ActorDep, party: str, body: ConsentedFaceIn) -> LinkOut:
    """Confirm that a person who agreed to it was recognised: grade C, and only while the purpose sale_attribution is open."""
    return _shown(faces.confirm_face(site, actor, party, body.other, body.consent))


@router.post("/{party}/erasure", permission=Permission.ERASE_ENTRY)
def erase_person(site: SiteDep, actor: ActorDep, party: str, body: ErasureIn) -> ErasedOut:
    """Delete what names a person in every appearance that numbers join to this one; pseudonyms stay, so that verdicts can be checked."""
    done = erasing.erase_party(site, actor, party, body.request, body.reason)
    return ErasedOut(appearances=done.appearances, restricted_until=done.restricted_until)


def _shown(link: Link | None) -> LinkOut:
    return LinkOut(added=link is not None, kind=link.kind if link else None, grade=link.grade if link else None)

"""``/attribution/documents``: checking what lies on the document reader of this site, for a visitor or a buyer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import Response
from pydantic import BaseModel, Field

from consentry.attribution.identity import attached_reader
from consentry.attribution.service import deals, documents
from consentry.platform.actors import Permission
from consentry.platform.http.router import ActorDep, ApiRouter, SiteDep

if TYPE_CHECKING:
    from consentry.attribution.identity import IdentityCheck

__all__ = ["router"]

router = ApiRouter(prefix="/attribution/documents", tag="attribution")


class ReadIn(BaseModel):
    """For which project a document is read; its number has another hash for every other."""

    project: str = Field(max_length=64)


class CheckedOut(BaseModel):
    """What the reader found. The number is in no answer."""

    check: str = Field(description="Id under which an arrival or a contract names this check, once.")
    passed: bool
    reader: str = Field(description="The reader's serial number.")
    family_name: str | None


@router.post("/visitor", permission=Permission.RECEIVE_VISITORS)
def check_visitor_document(site: SiteDep, actor: ActorDep, body: ReadIn, response: Response) -> CheckedOut:
    """Check the document of a visitor who offers it."""
    return _shown(response, *documents.check_visitor(site, actor, body.project, attached_reader(site.keys, body.project)))


@router.post("/buyer", permission=Permission.RECORD_DEALS)
def check_buyer_document(site: SiteDep, actor: ActorDep, body: ReadIn, response: Response) -> CheckedOut:
    """Check the document of somebody who signs a contract."""
    return _shown(response, *deals.check_buyer(site, actor, body.project, attached_reader(site.keys, body.project)))


def _shown(response: Response, check: str, found: IdentityCheck) -> CheckedOut:
    response.headers["Cache-Control"] = "no-store"
    return CheckedOut(check=check, passed=found.passed, reader=found.reader_serial, family_name=found.family_name)

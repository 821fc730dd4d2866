"""What visitors see and say of their own visit, by the secret of their link: who claims them, who brought them, the verdict, their rights.

The secret stands behind the number sign of the link, which browsers send to nobody; a script puts it into the page's form. The pages work without
scripts too, where it is typed.
"""

from __future__ import annotations

import base64
import json
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response

from consentry.attribution.service import appeals, bundles, statements, verdicts, visitor_rights
from consentry.attribution.visiting import Answer, Voiced
from consentry.consent.requests import RequestKind
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.agents_place import trouble_words
from consentry.portal.agents_verdicts import shown_verdict, verdict_file
from consentry.portal.deciding import Form
from consentry.portal.papers import Proof, proof_of
from consentry.portal.place import Place, person_page
from consentry.portal.rendering import speech_of
from consentry.portal.routing import PageRoute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from consentry.attribution.visiting import Claim
    from consentry.console.speech import Speech
    from consentry.platform.site import Site

__all__ = ["RIGHTS", "router"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = PageRoute

RIGHTS = (RequestKind.DELETE, RequestKind.CORRECT, RequestKind.RESTRICT, RequestKind.EXPLAIN)
"""What can be asked for here; a copy is given at once."""

_TELEPHONE = Place(None)


@router.get("/buyer", permission=PUBLIC, include_in_schema=False)
def ask_for_visit(request: Request) -> Response:
    """Ask for the secret of a visit's link; a script takes it from the address."""
    return _ask(request)


@router.post("/buyer", permission=PUBLIC, include_in_schema=False)
def show_claim(request: Request, site: SiteDep, form: Form) -> Response:
    """Show who claims the visitor, on what evidence, and what there is to say to it."""
    return _claim_page(request, site, form)


@router.post("/buyer/answer", permission=PUBLIC, include_in_schema=False)
def answer_who_brought(request: Request, site: SiteDep, form: Form) -> Response:
    """Take the visitor's word for who brought them."""

    def act() -> Proof:
        answer = Answer(form.get("answer", ""))
        return proof_of(statements.confirm(site, form.get("secret", ""), answer, phone=form.get("phone", "").strip() or None), "answer")

    return _done(request, site, form, "answer", act)


@router.post("/buyer/statement", permission=PUBLIC, include_in_schema=False)
def state_something(request: Request, site: SiteDep, form: Form) -> Response:
    """Take a dispute, or that there was a visit that nobody recorded."""

    def act() -> Proof:
        return proof_of(statements.state(site, form.get("secret", ""), Voiced(form.get("kind", "")), form.get("words", "")), "statement")

    return _done(request, site, form, "statement", act)


@router.post("/buyer/appeal", permission=PUBLIC, include_in_schema=False)
def appeal_as_buyer(request: Request, site: SiteDep, form: Form) -> Response:
    """Take an appeal against the verdict on what the visitor bought."""

    def act() -> Proof:
        opened, receipt = appeals.appeal_by_buyer(site, form.get("secret", ""), form.get("deal", ""), form.get("words", ""))
        return proof_of(receipt, f"appeal-{opened.id}")

    return _done(request, site, form, "appeal", act)


@router.post("/buyer/bundle", permission=PUBLIC, include_in_schema=False)
def give_bought_bundle(site: SiteDep, form: Form) -> Response:
    """Give the sealed file of the verdict on what the visitor bought."""
    deal = form.get("deal", "")[:36]
    return verdict_file(bundles.bundle_for_buyer(site, form.get("secret", ""), deal), deal)


@router.post("/buyer/copy", permission=PUBLIC, include_in_schema=False)
def show_copy(request: Request, site: SiteDep, form: Form) -> Response:
    """Show everything that is held of the visit, to read and to save (PIPL art. 45)."""
    try:
        kept = visitor_rights.copy_of_visit(site, form.get("secret", ""))
    except NotFoundError:
        return _ask(request, unknown=True)
    text = json.dumps(kept, ensure_ascii=False, indent=2)
    return person_page(request, _TELEPHONE, "record.html", {"text": text, "file": base64.b64encode(text.encode()).decode()}, sent=True)


@router.post("/buyer/request", permission=PUBLIC, include_in_schema=False)
def ask_for_right(request: Request, site: SiteDep, form: Form) -> Response:
    """File a request about what is held of the visit, and hand out its number."""
    if form.get("kind") not in set(RIGHTS):
        return _claim_page(request, site, form, trouble="request.kind")
    try:
        filed = visitor_rights.ask_about_visit(site, form.get("secret", ""), RequestKind(form["kind"]), contact=form.get("contact", "").strip())
    except NotFoundError:
        return _ask(request, unknown=True)
    except InputError as error:
        return _claim_page(request, site, form, trouble=error.code)
    shown = {"number": filed.number, "due": speech_of(request, site).moment(filed.due)}
    return person_page(request, _TELEPHONE, "asked.html", shown, sent=True)


def _done(request: Request, site: Site, form: Mapping[str, str], step: str, act: Callable[[], Proof]) -> Response:
    """Run one step of the visitor's and show the claim anew, with the receipt or with what went wrong."""
    try:
        proof = act()
    except NotFoundError as error:
        return _ask(request, unknown=True) if error.code == "visit.secret" else _claim_page(request, site, form, trouble=error.code)
    except (ConflictError, InputError) as error:
        return _claim_page(request, site, form, trouble=error.code)
    except ValueError:
        return _claim_page(request, site, form, trouble="request.kind")
    return _claim_page(request, site, form, done=(step, proof))


def _ask(request: Request, *, unknown: bool = False) -> Response:
    status = HTTPStatus.NOT_FOUND if unknown else HTTPStatus.OK
    return person_page(request, _TELEPHONE, "buyer.html", {"unknown": unknown}, status=status, sent=unknown)


def _claim_page(request: Request, site: Site, form: Mapping[str, str], *, trouble: str = "", done: tuple[str, Proof] | None = None) -> Response:
    secret, spoken = form.get("secret", "").strip(), speech_of(request, site)
    try:
        claim = statements.claim_of(site, secret)
        papers = statements.receipts_of_visit(site, secret)
        decided = verdicts.verdicts_for_buyer(site, secret)
    except NotFoundError:
        return _ask(request, unknown=True)
    shown = {
        "secret": secret,
        "claim": claim,
        "when": _times(spoken, claim),
        "project": spoken.own({"zh": claim.project_name.zh, "en": claim.project_name.en}) if claim.project_name else claim.project,
        "proofs": [proof_of(paper, f"visit-{claim.visit}-{number}") for number, paper in enumerate(papers, 1)],
        "verdicts": [shown_verdict(spoken, site, view) for view in decided],
        "rights": RIGHTS,
        "trouble": trouble_words(request, trouble) if trouble else "",
        "done": done,
        "words": form.get("words", "") if trouble else "",
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if trouble else HTTPStatus.OK
    return person_page(request, _TELEPHONE, "buyer_claim.html", shown, status=status, sent=True)


def _times(spoken: Speech, claim: Claim) -> dict[str, object]:
    said = [spoken.moment(one.at) for one in claim.statements]
    reported = spoken.moment(claim.report.filed) if claim.report else ""
    answered = spoken.moment(claim.answered) if claim.answered else ""
    return {"came": spoken.moment(claim.claimed_at or claim.at), "reported": reported, "answered": answered, "said": said}

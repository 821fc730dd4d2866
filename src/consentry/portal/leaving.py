"""Withdrawing, a lost receipt, one's rights and one's record: without sign-in, on a telephone or at a station."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final

from fastapi import Request, Response

from consentry.access.service import copies
from consentry.consent import service as consent
from consentry.consent.model import Via
from consentry.consent.requests import RequestKind
from consentry.platform.errors import ConflictError, NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.deciding import Form
from consentry.portal.papers import proof_of
from consentry.portal.phrases import phrases
from consentry.portal.place import PlaceDep, person_page
from consentry.portal.rendering import language_of, speech_of
from consentry.portal.routing import PageRoute
from consentry.recognition import service as recognition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.portal.place import Place

__all__ = ["KINDS", "router", "secret_page"]

router = ApiRouter(prefix="", tag="portal")
router.route_class = PageRoute

UNKNOWN: Final = 404
INCOMPLETE: Final = 422
KINDS: Final[Mapping[RequestKind, str]] = {
    RequestKind.SEE: "see",
    RequestKind.COPY: "duplicate",
    RequestKind.CORRECT: "correct",
    RequestKind.DELETE: "delete",
    RequestKind.RESTRICT: "restrict",
    RequestKind.EXPLAIN: "explain",
    RequestKind.OBJECT: "human",
    RequestKind.TRANSFER: "transfer",
    RequestKind.SUPPLEMENT: "supplement",
    RequestKind.CLOSE: "close",
    RequestKind.ESTATE: "estate",
}
"""What can be asked for, and the words for it."""


@router.get("/withdraw", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/withdraw", permission=PUBLIC, include_in_schema=False)
def ask_to_withdraw(request: Request, place: PlaceDep) -> Response:
    """Ask for the code of the receipt; a script takes it from the address, where the receipt's QR code put it."""
    return secret_page(request, place, "withdraw")


@router.post("/withdraw", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/withdraw", permission=PUBLIC, include_in_schema=False)
def withdraw(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """Withdraw at once, and hand out the receipt of it."""
    try:
        ended = recognition.withdraw(site, form.get("secret", ""), Via.KIOSK if place.station else Via.PHONE)
    except NotFoundError:
        return secret_page(request, place, "withdraw", unknown=True)
    receipt = proof_of(ended.receipt, f"withdrawal-{ended.consent}")
    return person_page(request, place, "withdrawn.html", {"receipt": receipt, "secret": form.get("secret", "")}, sent=True)


@router.get("/lost", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/lost", permission=PUBLIC, include_in_schema=False)
def ask_about_lost(request: Request, place: PlaceDep) -> Response:
    """Ask how to find the record of a receipt that is lost."""
    return person_page(request, place, "lost.html", {})


@router.post("/lost", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/lost", permission=PUBLIC, include_in_schema=False)
def report_lost(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """Take the report; the answer is always the same."""
    consent.report_lost(site, form.get("hint", ""))
    return _said(request, place, "lost")


@router.get("/found", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/found", permission=PUBLIC, include_in_schema=False)
def ask_about_found(request: Request, place: PlaceDep) -> Response:
    """Ask for the code of a receipt that was reported lost."""
    return secret_page(request, place, "found")


@router.post("/found", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/found", permission=PUBLIC, include_in_schema=False)
def report_found(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """Let a consent hold again whose receipt was found."""
    try:
        consent.restore_lost(site, form.get("secret", ""))
    except NotFoundError:
        return secret_page(request, place, "found", unknown=True)
    return _said(request, place, "found")


@router.post("/erased", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/erased", permission=PUBLIC, include_in_schema=False)
def show_certificate(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """Hand out the proof that a template is gone, once the vault has confirmed it."""
    secret = form.get("secret", "")
    try:
        found = proof_of(recognition.erasure_certificate(site, secret), "erasure")
    except ConflictError:
        return person_page(request, place, "erased.html", {"certificate": None, "secret": secret}, sent=True)
    return person_page(request, place, "erased.html", {"certificate": found}, sent=True)


@router.get("/rights", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/rights", permission=PUBLIC, include_in_schema=False)
def show_rights(request: Request, place: PlaceDep) -> Response:
    """Show what a person can ask for."""
    return _rights_page(request, place, {})


@router.post("/rights", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/rights", permission=PUBLIC, include_in_schema=False)
def file_request(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """File a request and hand out its number."""
    if form.get("kind") not in set(KINDS):
        return _rights_page(request, place, form, missing="choose_one")
    secret, contact = form.get("secret", "").strip(), form.get("contact", "").strip()
    if not secret and not contact:
        return _rights_page(request, place, form, missing="neither")
    filed = consent.file_request(site, RequestKind(form["kind"]), secret=secret or None, contact=contact, words=form.get("words", ""))
    shown = {"number": filed.number, "due": speech_of(request, site).moment(filed.due)}
    return person_page(request, place, "asked.html", shown, sent=True)


@router.get("/rights/answer", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/rights/answer", permission=PUBLIC, include_in_schema=False)
def ask_for_answer(request: Request, place: PlaceDep) -> Response:
    """Ask for the number of a request."""
    return person_page(request, place, "answer.html", {"state": None, "unknown": False})


@router.post("/rights/answer", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/rights/answer", permission=PUBLIC, include_in_schema=False)
def show_answer(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """Show how a request stands to whoever holds its number."""
    try:
        state = consent.request_state(site, form.get("number", ""))
    except NotFoundError:
        return person_page(request, place, "answer.html", {"state": None, "unknown": True}, status=UNKNOWN, sent=True)
    spoken = speech_of(request, site)
    times = {"filed": spoken.moment(state.filed), "due": spoken.moment(state.due), "remedy": state.remedy.get(spoken.language, "")}
    return person_page(request, place, "answer.html", {"state": state, "kind": KINDS.get(state.kind, "lost"), **times}, sent=True)


@router.get("/receipt", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/receipt", permission=PUBLIC, include_in_schema=False)
def ask_for_record(request: Request, place: PlaceDep) -> Response:
    """Ask for the code of the receipt, to show what is kept under it."""
    return secret_page(request, place, "record")


@router.post("/receipt", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/receipt", permission=PUBLIC, include_in_schema=False)
def show_record(request: Request, site: SiteDep, place: PlaceDep, form: Form) -> Response:
    """Show everything that is kept about the person, to read and to save (R55)."""
    try:
        kept = copies.copy_of(site, form.get("secret", ""))
    except NotFoundError:
        return secret_page(request, place, "record", unknown=True)
    text = json.dumps(kept, ensure_ascii=False, indent=2)
    shown = {"text": text, "file": base64.b64encode(text.encode()).decode()}
    return person_page(request, place, "record.html", shown, sent=True)


def secret_page(request: Request, place: Place, words: str, *, unknown: bool = False) -> Response:
    """Return a page that asks for the code of a receipt; ``words``: the page's own; ``unknown``: a code was sent that no consent has."""
    shown = {"unknown": unknown, "words": phrases(language_of(request))[words], "withdrawing": words == "withdraw"}
    return person_page(request, place, "ask_secret.html", shown, status=UNKNOWN if unknown else 200, sent=unknown)


def _rights_page(request: Request, place: Place, form: Mapping[str, str], missing: str = "") -> Response:
    given = {name: form.get(name, "") for name in ("kind", "contact", "words")}
    shown = {"kinds": tuple(KINDS.items()), "given": given, "missing": missing}
    return person_page(request, place, "rights.html", shown, status=INCOMPLETE if missing else 200, sent=bool(missing))


def _said(request: Request, place: Place, words: str) -> Response:
    return person_page(request, place, "said.html", {"words": phrases(language_of(request))[words]}, sent=True)

"""Reading a notice and saying yes or no, at a station or on a telephone: age, notice, answer; the same steps for either answer."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final
from uuid import uuid4

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from consentry.consent import service as consent
from consentry.consent.model import Audience, Choice
from consentry.consent.rules.notices import sections
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from consentry.platform.http.router import PUBLIC, ApiRouter, SiteDep
from consentry.portal.papers import receipt_of
from consentry.portal.phrases import phrases
from consentry.portal.place import PlaceDep, camera_page, other_ways, person_page, purpose_at
from consentry.portal.rendering import language_of, read_form
from consentry.portal.routing import PageRoute
from consentry.recognition import service as recognition
from consentry.recognition.model import TicketKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.consent.model import Given, GuardianQuestion, Notice, Purpose
    from consentry.platform.site import Site
    from consentry.portal.place import Place

__all__ = ["Form", "demand_here", "notice_in_force", "notice_page", "router", "wish_for"]

Form = Annotated[dict[str, str], Depends(read_form)]
"""The parameter of a route that receives a form's fields."""

_ASK_AGAIN: Final[Mapping[str, str]] = {"consent.notice-changed": "changed", "consent.phone": "phone_wrong"}
"""After which refusals of a yes the notice is shown again, and what is said then."""

router = ApiRouter(prefix="", tag="portal")
router.route_class = PageRoute


@router.get("/consent/{purpose}", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/agree/{purpose}", permission=PUBLIC, include_in_schema=False)
def ask_age(request: Request, site: SiteDep, place: PlaceDep, purpose: str) -> Response:
    """Ask for the age before anything else (R67); whoever does not want to say goes on without."""
    leave = f"{place.base or '/'}?lang={language_of(request)}"
    return person_page(
        request, place, "age.html", {"purpose": purpose_at(site, place, purpose), "age": consent.least_age(site), "root": place.deciding, "leave": leave}
    )


@router.get("/consent/{purpose}/young", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/agree/{purpose}/young", permission=PUBLIC, include_in_schema=False)
def turn_to_other_ways(request: Request, site: SiteDep, place: PlaceDep, purpose: str) -> Response:
    """Tell somebody who is too young how to go on; nothing is recorded."""
    asked = purpose_at(site, place, purpose)
    shown = {"other_ways": other_ways(site, (asked,)), "guardian": consent.guardians_may_decide(site, asked), "asks": f"{place.deciding}/{asked}/guardian"}
    return person_page(request, place, "young.html", {**shown, "enrols": bool(place.station and place.station.enrols)})


@router.get("/consent/{purpose}/notice", permission=PUBLIC, include_in_schema=False)
@router.get("/kiosk/{station}/agree/{purpose}/notice", permission=PUBLIC, include_in_schema=False)
def show_notice(request: Request, site: SiteDep, place: PlaceDep, purpose: str, age: str = "") -> Response:
    """Show the notice, and yes and no below it."""
    asked = purpose_at(site, place, purpose)
    if age != str(consent.least_age(site)):
        return RedirectResponse(f"{place.deciding}/{asked}?lang={language_of(request)}", status_code=303)
    return notice_page(request, site, place, asked)


@router.post("/consent/{purpose}", permission=PUBLIC, include_in_schema=False)
@router.post("/kiosk/{station}/agree/{purpose}", permission=PUBLIC, include_in_schema=False)
def decide(request: Request, site: SiteDep, place: PlaceDep, purpose: str, form: Form) -> Response:
    """Take the answer: a yes brings the receipt, a no the other ways."""
    asked = purpose_at(site, place, purpose)
    question = consent.guardian_question(site, form["question"]) if form.get("question") else None
    if question is not None:
        demand_here(question, place, asked)
    choice = _choice(request, site, asked, form, question)
    if form.get("answer") == "no":
        consent.refuse(site, choice)
        return person_page(request, place, "declined.html", {"other_ways": other_ways(site, (asked,))}, sent=True)
    if form.get("answer") != "yes":
        raise InputError("portal.answer", "form", "it answers neither yes nor no", "Begin again.")
    choice = _at_station(site, place, choice, form)
    try:
        given = consent.give(site, choice)
    except (ConflictError, InputError) as error:
        if error.code not in _ASK_AGAIN:
            raise
        return notice_page(request, site, place, asked, again=_ASK_AGAIN[error.code], question=form.get("question", ""))
    return _agreed(request, site, place, given, choice)


def notice_in_force(site: Site, purpose: Purpose, language: str, audience: Audience = Audience.EVERYBODY) -> Notice:
    """Return the notice of a purpose, which is written in ``language``.

    Raises:
        NotFoundError: ``portal.notice``.
    """
    found = consent.current_notice(site, purpose, audience)
    if found is None or language not in found.texts:
        raise NotFoundError("portal.notice", purpose, "it has no notice in this language", "Choose the other language, or ask staff.")
    return found


def demand_here(question: GuardianQuestion, place: Place, purpose: Purpose) -> None:
    """Refuse a guardian's question that was opened for another station or purpose.

    Raises:
        InputError: ``guardian.question``.
    """
    if place.station is None or (question.station, question.purpose) != (place.station.id, purpose):
        raise InputError("guardian.question", "guardian's question", "it was opened for another place or purpose", "Ask a member of staff to open it here.")


def wish_for(place: Place, kind: TicketKind, purpose: Purpose, notice: str, record: str | None) -> str:
    """Return what the station's script is to activate, as JSON; ``notice``: the hash of the text that the person saw."""
    station = place.station.id if place.station else ""
    return json.dumps({"station": station, "kind": kind, "purpose": purpose, "consent": record, "notice": notice})


def _agreed(request: Request, site: Site, place: Place, given: Given, choice: Choice) -> Response:
    receipt = receipt_of(request, site, place, choice.purpose, given)
    if place.station is None or not place.station.enrols or choice.station is None:
        return person_page(request, place, "agreed.html", {"receipt": receipt}, sent=True)
    wish = wish_for(place, TicketKind.ENROL, choice.purpose, choice.notice_sha256, given.consent)
    shown = {"receipt": receipt, "wish": wish, "other_ways": other_ways(site, (choice.purpose,))}
    return camera_page(request, place, "enrol.html", shown, sent=True)


def notice_page(request: Request, site: Site, place: Place, purpose: Purpose, *, again: str = "", question: str = "") -> Response:  # noqa: PLR0913 - what it shows
    """Return the page with a notice, and yes and no below it. ``question``: what staff opened for a guardian, who reads the notice for children."""
    language = language_of(request)
    notice = notice_in_force(site, purpose, language, Audience.CHILDREN if question else Audience.EVERYBODY)
    words = phrases(language)
    ways = "、".join if language == "zh-CN" else ", ".join
    shown = {
        "purpose": purpose,
        "age": consent.least_age(site),
        "root": place.deciding,
        "sections": sections(notice.texts[language], notice.terms, language),
        "version": notice.version,
        "sha256": notice.sha256[language],
        "action": consent.guardian_question(site, question).action if question else str(uuid4()),
        "question": question,
        "again": again,
        "ways": ways(words["way"][way]["name"] for way in other_ways(site, (purpose,))),
    }
    return person_page(request, place, "decide.html", shown, sent=bool(again or question))


def _at_station(site: Site, place: Place, choice: Choice, form: Mapping[str, str]) -> Choice:
    """Return the choice as one made at the station that signed it; what no station signed was made on a device of one's own."""
    if place.station is None or not form.get("claim"):
        return choice
    made = replace(choice, station=place.station.id)
    recognition.demand_claim(site, made, form["claim"], form.get("signature", ""))
    return made


def _choice(request: Request, site: Site, purpose: Purpose, form: Mapping[str, str], question: GuardianQuestion | None) -> Choice:
    return Choice(
        purpose=purpose,
        language=language_of(request),
        notice_sha256=form.get("notice", ""),
        action_id=question.action if question else form.get("action", ""),
        at_least_14=question is None and form.get("age") == str(consent.least_age(site)),
        staff=question.staff if question else None,
        guardian=question.guardian if question else None,
        phone=form.get("phone", "").strip() or None,
    )

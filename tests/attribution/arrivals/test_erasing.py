"""Erasing a person at their own request: who may, on which request, and what a living claim keeps until it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from consentry.attribution.records.people import PartyRow
from consentry.attribution.service import erasing, parties, visitor_rights
from consentry.attribution.visiting import PartyKind
from consentry.consent import service as consents
from consentry.consent.requests import Answer, Decision, RequestKind
from consentry.ledger.work import writing
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from consentry.staff.model import Role
from consentry.staff.rules import ROLES
from tests.attribution.arrivals.reception import FRONT, Reception
from tests.attribution.reports.office import MANAGER, OTHER_PHONE, PHONE

if TYPE_CHECKING:
    from consentry.platform.actors import Actor

OFFICER = replace(FRONT, permissions=ROLES[Role.DATA_PROTECTION_OFFICER])
WHY = "asked for it"
HELD = ("phone", "document")
NAMING = ("wrapped", "sealed", "mask")


def people(reception: Reception) -> dict[str, PartyRow]:
    with reception.site.database.reading() as session:
        return {row.id: row for row in session.scalars(select(PartyRow))}


def holds(row: PartyRow, names: tuple[str, ...]) -> bool:
    return any(getattr(row, name) is not None for name in names)


def added(reception: Reception, alias: str, phone: str) -> str:
    with writing(reception.site) as work:
        return parties.add(work, "garden", PartyKind.VISITOR, alias=alias, mask="138****5678", phone=phone)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER}))
def test_nobody_who_receives_visitors_or_sells_erases_anybody(reception: Reception, role: Role) -> None:
    person, request = added(reception, "王", PHONE), reception.asked_to_be_erased()
    with pytest.raises(DeniedError):
        erasing.erase_party(reception.site, replace(FRONT, permissions=ROLES[role]), person, request, WHY)
    assert holds(people(reception)[person], HELD)


def test_whoever_erases_gave_their_password_a_moment_ago(reception: Reception) -> None:
    person, request = added(reception, "王", PHONE), reception.asked_to_be_erased()
    with pytest.raises(DeniedError) as refused:
        erasing.erase_party(reception.site, replace(OFFICER, session="left-alone"), person, request, WHY)
    assert refused.value.code == "access.confirm"


def test_every_appearance_that_numbers_join_is_erased_and_nobody_else(reception: Reception) -> None:
    mine = [added(reception, "王", PHONE) for _ in range(3)]
    wife = added(reception, "李", OTHER_PHONE)
    parties.relate(reception.site, MANAGER, mine[0], wife, "spouse", proof="paper", reason="they said so")
    request = reception.asked_to_be_erased()
    assert erasing.erase_party(reception.site, OFFICER, mine[2], request, WHY) == (3, None)
    left = people(reception)
    assert not any(holds(left[one], (*HELD, *NAMING)) for one in mine)
    assert all(left[one].erased is not None for one in mine)
    assert holds(left[wife], HELD)
    (act,) = reception.office.acts("attribution.person-erased")
    assert act.details == {"appearances": 3, "request": request, "restricted_until": None}
    assert len(reception.office.acts("consent.request-read")) == 1


def answered(reception: Reception) -> str:
    request = reception.asked_to_be_erased()
    consents.answer_request(reception.site, MANAGER, request, Answer(Decision.GRANTED, "We erased it."))
    return request


def about_another_visit(reception: Reception) -> str:
    secret = reception.arrive(alias="李", phone=OTHER_PHONE).secret or ""
    visitor_rights.ask_about_visit(reception.site, secret, RequestKind.DELETE)
    return consents.requests(reception.site, MANAGER)[-1].id


NO_REQUESTS = [
    (lambda _: "0" * 36, NotFoundError, "request.unknown"),
    (answered, ConflictError, "request.answered"),
    (lambda reception: reception.asked_to_be_erased(RequestKind.SEE), InputError, "request.kind"),
    (about_another_visit, InputError, "request.other-visit"),
]


@pytest.mark.parametrize(("filed", "error", "code"), NO_REQUESTS, ids=[code for _, _, code in NO_REQUESTS])
def test_nobody_is_erased_who_did_not_ask_for_it(reception: Reception, filed: object, error: type[ConsentryError], code: str) -> None:
    assert callable(filed)
    person, request = added(reception, "王", PHONE), filed(reception)
    with pytest.raises(error) as refused:
        erasing.erase_party(reception.site, OFFICER, person, request, WHY)
    assert refused.value.code == code
    assert holds(people(reception)[person], NAMING)
    assert reception.office.acts("attribution.person-erased") == []


def test_a_stranger_is_not_erased(reception: Reception) -> None:
    with pytest.raises(NotFoundError):
        erasing.erase_party(reception.site, OFFICER, "0" * 36, reception.asked_to_be_erased(), WHY)


def test_a_claim_that_lives_keeps_the_hashes_restricted_until_it_ends(reception: Reception, li_na: Actor) -> None:
    filed, kept = reception.reported(li_na)
    reception.office.pass_by(hours=1)
    secret = reception.arrive(alias="王", code=reception.code(li_na, filed, kept)).secret or ""
    came = reception.site.clock.now()
    visitor_rights.ask_about_visit(reception.site, secret, RequestKind.DELETE)
    (request,) = consents.requests(reception.site, MANAGER)
    (visit,) = reception.visits()
    done = erasing.erase_party(reception.site, OFFICER, visit.person, request.id, WHY)
    assert done == (2, came + timedelta(days=30))
    assert not any(holds(row, NAMING) for row in people(reception).values())
    assert all(row.phone and row.erased is None for row in people(reception).values())
    again = reception.arrive(phone=PHONE)
    assert [link for link in reception.links() if link.kind == "phone"] != []
    assert again.report is None
    reception.office.clock.advance(timedelta(days=30))
    assert erasing.end_restrictions(reception.site) == 0
    reception.office.pass_by(seconds=1)
    assert erasing.end_restrictions(reception.site) == 2
    assert erasing.end_restrictions(reception.site) == 0
    left = people(reception)
    assert not any(holds(left[one], HELD) for one in left if left[one].erased)
    assert {link.a for link in reception.links()} <= set(left)


def test_a_report_that_may_yet_be_claimed_on_keeps_them_and_a_lapsed_one_does_not(reception: Reception, li_na: Actor) -> None:
    filed, _ = reception.reported(li_na)
    (client,) = people(reception)
    done = erasing.erase_party(reception.site, OFFICER, client, reception.asked_to_be_erased(), WHY)
    assert done.restricted_until == people(reception)[client].restricted_until
    assert done.restricted_until is not None
    reception.office.clock.advance(done.restricted_until - reception.site.clock.now() + timedelta(seconds=1))
    assert erasing.end_restrictions(reception.site) == 1
    assert filed.report

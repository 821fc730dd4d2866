"""Lending on the owner's word: how long and how many, what is out and overdue, and what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.access.model import CredentialKind, CredentialState
from consentry.access.register import Limits, LoanDraft, PersonName, PinDraft
from consentry.access.service import expiry, lending, loans, people, pins
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError
from tests.access.register.house import DAY, NOBODY, STAFF, WHY, House

if TYPE_CHECKING:
    from datetime import timedelta

    from consentry.access.register import CredentialView, ListedLoan, Loan, PersonView


def lend(house: House, owner: PersonView, credential: CredentialView, lasts: timedelta = DAY) -> Loan:
    draft = LoanDraft(credential.id, PersonName("保姆"), ("front",), house.site.clock.now() + lasts)
    return lending.lend(house.site, STAFF, owner.id, draft, "the owner asked for it by telephone")


def a_pin(house: House, owner: PersonView, limits: Limits) -> CredentialView:
    return pins.set_pin(house.site, STAFF, owner.id, PinDraft(pin="918273", limits=limits)).credential


def listed(house: House, owner: str | None = None) -> list[ListedLoan]:
    return list(loans.loans(house.site, STAFF, owner))


def test_staff_lend_with_a_reason_that_stays_for_a_week_at_most_and_so_many_at_once(house: House) -> None:
    owner = house.member()
    pin = pins.set_pin(house.site, STAFF, owner.id, PinDraft(pin="918273")).credential
    for lasts in (0 * DAY, lending.LONGEST_BY_STAFF + DAY / 24):
        with pytest.raises(InputError) as refused:
            lend(house, owner, pin, lasts)
        assert refused.value.code == "loan.until"
    for _ in range(house.site.settings.access.guest_passes):
        lend(house, owner, pin, lending.LONGEST_BY_STAFF)
    with pytest.raises(ConflictError) as refused_one:
        lend(house, owner, pin)
    assert refused_one.value.code == "loan.too-many"
    act = house.acts("access.credential-lent")[-1]
    assert (act.actor, act.reason) == (STAFF.label, "the owner asked for it by telephone")


def test_a_card_is_overdue_when_its_time_is_over_and_until_somebody_says_that_it_is_back(any_house: House) -> None:
    house, owner = any_house, any_house.member()
    card, pin = house.card(owner), pins.set_pin(house.site, STAFF, owner.id, PinDraft(pin="918273")).credential
    lent, other = lend(house, owner, card), lend(house, owner, pin, 3 * DAY)
    first, second = listed(house)
    assert (first.owner, first.borrower, first.credential, first.kind, first.doors) == (owner.id, lent.person, card.id, CredentialKind.CARD, ("front",))
    assert (first.until, first.overdue, second.borrower, second.kind, second.overdue) == (lent.valid_until, False, other.person, CredentialKind.PIN, False)
    house.pass_by(days=1)
    expiry.end_expired(house.site)
    assert [(one.credential, one.overdue) for one in listed(house)] == [(card.id, True), (other.credential.id, False)]
    lending.take_back(house.site, STAFF, card.id, "handed in at the desk")
    assert house.now(card).state is CredentialState.ACTIVE
    assert house.acts("access.credential-changed")[-1].reason == "handed in at the desk"
    assert [one.credential for one in listed(house, owner.id)] == [other.credential.id]
    house.pass_by(days=2)
    assert listed(house) == [], "a number has not to come back"


def test_a_card_stays_on_the_list_when_nothing_is_kept_of_its_borrower_any_more(house: House) -> None:
    owner = house.member()
    card = house.card(owner)
    lend(house, owner, card)
    house.pass_by(days=1)
    expiry.end_expired(house.site)
    house.pass_by(days=400)
    expiry.forget_over(house.site)
    (out,) = listed(house)
    assert (out.credential, out.borrower, out.until, out.overdue) == (card.id, None, None, True)
    lending.take_back(house.site, STAFF, card.id, WHY)
    assert listed(house) == []


def test_what_comes_back_early_opens_nothing_for_its_borrower(house: House) -> None:
    owner = house.member()
    card, pin = house.card(owner), pins.set_pin(house.site, STAFF, owner.id, PinDraft(pin="918273")).credential
    for one, back in ((lend(house, owner, card), card.id), (lend(house, owner, pin), None)):
        lending.take_back(house.site, STAFF, back or one.credential.id, WHY)
        assert house.now(one.credential).state is CredentialState.ENDED
        assert people.person(house.site, STAFF, one.person).left is not None
    lent = lend(house, owner, card)
    lending.take_back(house.site, STAFF, lent.credential.id, "the borrower's own end of it")
    assert (house.now(card).state, listed(house)) == (CredentialState.ACTIVE, [])


@pytest.mark.parametrize("what", ["card", "pin"])
def test_a_loan_takes_over_the_dates_of_what_is_lent(house: House, what: str) -> None:
    owner, now = house.member(), house.site.clock.now()
    until = now + 3 * DAY
    limits = Limits(now + DAY, until)
    mine = house.card(owner, valid_from=now + DAY, valid_until=until) if what == "card" else a_pin(house, owner, limits)
    loan = lend(house, owner, mine, 5 * DAY)
    assert (loan.valid_until, loan.credential.limits.valid_from, loan.credential.limits.valid_until) == (until, now + DAY, until)
    assert people.person(house.site, STAFF, loan.person).terms.valid_until == until
    lending.take_back(house.site, STAFF, loan.credential.id, WHY)
    short = lend(house, owner, mine, 2 * DAY)
    assert short.credential.limits.valid_until == now + 2 * DAY


def test_what_is_over_opens_so_many_times_or_begins_after_the_loan_is_not_lent(house: House) -> None:
    owner, now = house.member(), house.site.clock.now()
    over, counted = house.card(owner, valid_until=now + DAY), house.card(owner, "0badcafe", uses=3)
    later = house.card(owner, "0badf00d", valid_from=now + 9 * DAY)
    house.pass_by(days=1)
    for card, code in ((over, "loan.rests"), (counted, "loan.uses"), (later, "credential.validity")):
        with pytest.raises(ConsentryError) as refused:
            lend(house, owner, card)
        assert refused.value.code == code
    assert listed(house) == []


def test_a_card_that_waits_for_a_host_does_so_for_its_borrower(house: House) -> None:
    owner = house.member()
    assert lend(house, owner, house.card(owner, needs_host=True)).credential.limits.needs_host


def test_an_old_loan_that_is_ended_again_takes_nothing_from_whoever_has_the_card_now(any_house: House) -> None:
    house, owner = any_house, any_house.member()
    house.apply([{"id": "home", "group": "residents", "doors": ["front", "garage"], "schedule": None, "deny": False}])
    card = house.card(owner)
    first = lend(house, owner, card)
    lending.take_back(house.site, STAFF, card.id, WHY)
    house.pass_by(minutes=1)
    second = lend(house, owner, card)
    step = house.paired("main")
    with pytest.raises(ConflictError) as refused:
        lending.take_back(house.site, STAFF, first.credential.id, "clicked again at the other desk")
    assert refused.value.code == "loan.none"
    assert {(held.id, held.doors) for held in step.read().credentials} == {(second.credential.id, ("front",))}
    assert [one.borrower for one in listed(house)] == [second.person]
    lending.take_back(house.site, STAFF, second.credential.id, "the second borrower's")
    assert house.now(card).state is CredentialState.ACTIVE


def test_what_ended_with_its_loan_does_not_come_back_twice(house: House) -> None:
    owner = house.member()
    card, pin = house.card(owner), pins.set_pin(house.site, STAFF, owner.id, PinDraft(pin="918273")).credential
    for lent in (lend(house, owner, card), lend(house, owner, pin)):
        lending.take_back(house.site, STAFF, lent.credential.id, WHY)
        with pytest.raises(ConflictError) as refused:
            lending.take_back(house.site, STAFF, lent.credential.id, WHY)
        assert refused.value.code == "loan.none"


def test_what_is_not_lent_does_not_come_back_and_only_staff_ask(house: House) -> None:
    card = house.card(house.member())
    with pytest.raises(ConsentryError) as refused:
        lending.take_back(house.site, STAFF, card.id, WHY)
    assert refused.value.code == "loan.none"
    with pytest.raises(DeniedError):
        loans.loans(house.site, NOBODY)

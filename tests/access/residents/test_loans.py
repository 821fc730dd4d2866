"""Whatever owner, staff and time do to a card that is lent, lost and had back: it is active for whoever the last act gave it to, and for nobody else."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from consentry.access.model import CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import LoanDraft, PersonName, Why
from consentry.access.service import credentials, delegates, expiry, lending, loans, own_ways, people
from consentry.platform.errors import ConflictError, NotFoundError
from tests.access.register.house import STAFF, WHY
from tests.access.residents.block import HOUR, Block

if TYPE_CHECKING:
    from consentry.access.register import CredentialView, Loan, PersonView
    from consentry.platform.actors import Actor


class Do(StrEnum):
    """Acts; those on a loan are done to any loan that there ever was, by its number."""

    LEND = "lend"
    GIVE = "the owner lends"
    CARD_BACK = "staff have the card back"
    LOAN_BACK = "staff end a loan"
    OWNER_ENDS = "the owner ends a loan"
    OWNER_BACK = "the owner has the card back"
    FOUND = "staff let the card open"
    SUSPEND = "staff suspend the card"
    LOST = "staff report the card lost"
    OWN_LOST = "the owner reports the card lost"
    LOAN_SUSPEND = "staff suspend what was lent"
    LOAN_RESTORE = "staff let what was lent open"
    LOAN_STOLEN = "staff report what was lent stolen"
    LOAN_END = "staff end what was lent"
    BORROWER_LEAVES = "the borrower leaves"
    HOUR_PASSES = "every loan is over"


STATES: Final = {
    Do.FOUND: CredentialState.ACTIVE,
    Do.SUSPEND: CredentialState.SUSPENDED,
    Do.LOST: CredentialState.LOST,
    Do.LOAN_SUSPEND: CredentialState.SUSPENDED,
    Do.LOAN_RESTORE: CredentialState.ACTIVE,
    Do.LOAN_STOLEN: CredentialState.STOLEN,
    Do.LOAN_END: CredentialState.ENDED,
}
OWNER: Final = -1


@dataclass
class Hands:
    """Where the card is, kept beside the register: ``opens`` is for whom it does (a loan's number or ``OWNER``), ``out`` the loan by which it is away."""

    opens: int | None = OWNER
    out: int | None = None
    barred: bool = False
    ended: set[int] = field(default_factory=set)

    def told(self, act: Do, loan: int) -> None:
        """Note an act that is possible as things stand; ``loan`` is the newest where it lends."""
        if act in {Do.LEND, Do.GIVE}:
            self.opens = self.out = loan
        elif act is Do.HOUR_PASSES or (act in {Do.LOAN_END, Do.BORROWER_LEAVES} and loan == self.out):
            self.ended |= {self.out} if self.out is not None else set()
            self.opens = None if self.out is not None else self.opens
        elif act is Do.LOAN_SUSPEND:
            self.opens = None
        elif act is Do.LOAN_RESTORE:
            self.opens = loan
        elif act is not Do.BORROWER_LEAVES:
            self._comes_home(act)

    def _comes_home(self, act: Do) -> None:
        if self.out is not None:
            self.ended.add(self.out)
        self.out, self.barred = None, act is Do.SUSPEND
        self.opens = None if act in {Do.SUSPEND, Do.LOST, Do.OWN_LOST, Do.LOAN_STOLEN} else OWNER

    def possible(self, act: Do, loan: int | None) -> bool:
        """Tell whether an act does something; else it is refused, or changes nothing."""
        if act in {Do.LEND, Do.GIVE}:
            return self.opens == OWNER
        if act in {Do.CARD_BACK, Do.OWNER_BACK}:
            return self.out is not None
        if act is Do.OWN_LOST:
            return not self.barred
        if act in {Do.FOUND, Do.SUSPEND, Do.LOST, Do.HOUR_PASSES}:
            return True
        if act in {Do.LOAN_BACK, Do.OWNER_ENDS, Do.BORROWER_LEAVES}:
            return loan is not None and loan == self.out
        return loan is not None and loan == self.out and loan not in self.ended


@dataclass
class Card:
    """An owner's card in the register, and everybody who ever borrowed it."""

    block: Block
    owner: PersonView
    actor: Actor
    card: CredentialView
    lent: list[Loan] = field(default_factory=list)

    def do(self, act: Do, loan: int | None) -> None:
        site = self.block.site
        if act in {Do.LEND, Do.GIVE}:
            draft = LoanDraft(self.card.id, PersonName("保姆"), ("front",), site.clock.now() + HOUR)
            give = delegates.give_to_delegate(site, self.actor, draft) if act is Do.GIVE else lending.lend(site, STAFF, self.owner.id, draft, WHY)
            self.lent.append(give)
        elif act is Do.CARD_BACK:
            lending.take_back(site, STAFF, self.card.id, WHY)
        elif act in {Do.FOUND, Do.SUSPEND, Do.LOST}:
            credentials.change_state(site, STAFF, self.card.id, STATES[act], WHY)
        elif act is Do.OWNER_BACK:
            delegates.have_card_back(site, self.actor, self.card.id)
        elif act is Do.OWN_LOST:
            own_ways.report_own_lost(site, self.actor, self.card.id)
        elif act is Do.HOUR_PASSES:
            self.block.house.pass_by(hours=1)
            expiry.end_expired(site)
        elif loan is not None:
            self._to_a_loan(act, self.lent[loan])

    def _to_a_loan(self, act: Do, loan: Loan) -> None:
        site = self.block.site
        if act is Do.LOAN_BACK:
            lending.take_back(site, STAFF, loan.credential.id, WHY)
        elif act is Do.OWNER_ENDS:
            delegates.end_delegate(site, self.actor, loan.person)
        elif act is Do.BORROWER_LEAVES:
            people.end_person(site, STAFF, loan.person, WHY)
        else:
            credentials.change_state(site, STAFF, loan.credential.id, STATES[act], WHY)

    def opens(self) -> list[int]:
        """Return for whom the card opens doors now."""
        names = [self.card.id, *(loan.credential.id for loan in self.lent)]
        with self.block.site.database.reading() as session:
            live = session.scalars(select(CredentialRow.id).where(CredentialRow.id.in_(names), CredentialRow.bears))
            return [names.index(name) + OWNER for name in live]

    def listed(self) -> list[str | None]:
        """Return who has it, as staff are told."""
        return [one.borrower for one in loans.loans(self.block.site, STAFF, self.owner.id)]


def owner_of(block: Block, number: int) -> Card:
    owner = block.house.member("王安", f"3-{1000 + number}")
    return Card(block, owner, block.account(owner, f"owner.{number}"), block.house.card(owner, f"{number:08x}"))


LIKELY: Final = (Do.LEND, Do.CARD_BACK, Do.LOAN_BACK, Do.OWNER_ENDS)
HOME: Final = (Do.CARD_BACK, Do.LOAN_BACK, Do.OWNER_ENDS, Do.OWNER_BACK, Do.FOUND)
"""Ways in which a card comes home."""
ACT: Final = st.tuples(st.sampled_from((*Do, *LIKELY)), st.integers(0, 4))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(home=st.sampled_from(HOME), then=st.lists(ACT, min_size=2, max_size=8))
def test_a_card_is_active_for_exactly_whom_the_last_act_gave_it_to(block: Block, home: Do, then: list[tuple[Do, int]]) -> None:
    number = len(people.people(block.site, STAFF, limit=10_000))
    card, hands = owner_of(block, number), Hands()
    for act, which in ((Do.LEND, 0), (home, 0), (Do.LEND, 0), *then):
        block.house.pass_by(seconds=1)
        loan = which % len(card.lent) if card.lent else None
        try:
            card.do(act, loan)
        except ConflictError:
            assert not hands.possible(act, loan), act
        else:
            if hands.possible(act, loan):
                hands.told(act, len(card.lent) - 1 if act in {Do.LEND, Do.GIVE} else loan or 0)
        assert card.opens() == ([] if hands.opens is None else [hands.opens]), act
        assert card.listed() == ([] if hands.out is None else [card.lent[hands.out].person]), act
    people.end_person(block.site, STAFF, card.owner.id, "moved out")
    assert card.opens() == []


def test_an_overdue_card_comes_home_though_its_borrower_is_forgotten_and_to_its_owner_alone(block: Block) -> None:
    card = owner_of(block, 1)
    block.account(block.house.member("李四", "3-1002"), "neighbour")
    card.do(Do.GIVE, None)
    card.do(Do.HOUR_PASSES, None)
    block.house.pass_by(days=30)
    expiry.forget_over(block.site)
    assert (delegates.delegates(block.site, block.signed_in("owner.1")), card.opens()) == ((), [])
    with pytest.raises(NotFoundError):
        delegates.have_card_back(block.site, block.signed_in("neighbour"), card.card.id)
    delegates.have_card_back(block.site, block.signed_in("owner.1"), card.card.id)
    assert card.opens() == [OWNER]


def test_an_owner_who_ends_an_old_loan_again_takes_nothing_from_the_next_borrower(block: Block) -> None:
    card = owner_of(block, 1)
    for act, loan in ((Do.GIVE, None), (Do.OWNER_ENDS, 0), (Do.GIVE, None)):
        card.do(act, loan)
        block.house.pass_by(seconds=1)
    with pytest.raises(ConflictError) as refused:
        card.do(Do.OWNER_ENDS, 0)
    assert refused.value.code == "loan.none"
    assert card.opens() == [1]


def test_what_staff_suspend_while_it_is_lent_opens_for_nobody_until_they_say_so(block: Block) -> None:
    card = owner_of(block, 1)
    card.do(Do.GIVE, None)
    card.do(Do.SUSPEND, None)
    assert (card.opens(), block.house.now(card.card).why) == ([], Why.STAFF)
    for act in (Do.OWNER_ENDS, Do.CARD_BACK, Do.LOAN_BACK):
        with suppress(ConflictError):
            card.do(act, 0)
        assert card.opens() == [], act
    card.do(Do.FOUND, None)
    assert card.opens() == [OWNER]

"""Signing and appeals: a named person decides on what they saw, a second person on appeals, and nothing is ever edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from consentry.attribution.deals import AppealDecision, DealState, Decision, KinDraft, Ownership, Ruling, Side
from consentry.attribution.model import Grade, IdentityKind, VerdictKind
from consentry.attribution.service import agencies, agents, appeals, arrivals, bundles, deals, judging, parties, reporting, signing, statements, verdicts
from consentry.attribution.visiting import Answer, EditField, Voiced
from consentry.ledger.work import writing
from consentry.platform.actors import operator
from consentry.platform.errors import ConflictError, DeniedError, InputError, LedgerError, NotFoundError, StaleError
from tests.attribution.deals.hall import MANAGER, NOBODY, PROJECT, SECOND, SIGNER, WHY, Hall
from tests.attribution.reports.office import OTHER_PHONE

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency
    from consentry.attribution.deals import Deal
    from consentry.platform.actors import Actor

NATURAL = Ownership(VerdictKind.NATURAL)
THIRD_PHONE = "+8613899990000"
WORDS = "She asked me first.\nI have the messages."


@pytest.fixture
def deal(hall: Hall, blue: Agency) -> Deal:
    """Return a contract with a signed verdict."""
    return hall.settled(agency=blue)[0]


def ruling(hall: Hall, deal: Deal, decision: Decision = Decision.ACCEPT, ownership: Ownership | None = None) -> Ruling:
    return Ruling(hall.proposal(deal).sha256, decision, WHY, ownership)


def test_only_what_was_seen_can_be_signed(hall: Hall, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    assert visit.secret is not None
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in May")
    deal = hall.bought()
    seen = ruling(hall, deal)
    (said,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, said.id, credible=True, reason="the guard remembers")
    with pytest.raises(StaleError, match=r"not the one that you saw"):
        signing.sign(hall.site, SIGNER, deal.id, seen)


def test_what_is_received_after_the_contract_changes_no_proposal(hall: Hall, li_na: Actor) -> None:
    filed, kept = hall.reported(li_na)
    hall.pass_by(hours=1)
    visit = hall.arrived(li_na, filed, kept)
    assert visit.secret is not None
    hall.pass_by(days=1)
    deal = hall.bought()
    before = hall.proposal(deal).sha256
    hall.pass_by(minutes=1)
    hall.walked_in()
    statements.confirm(hall.site, visit.secret, Answer.CONFIRMED)
    arrivals.edit_visit(hall.site, MANAGER, visit.visit, EditField.REPORT, None, reason=WHY)
    hall.bought(unit="1-102")
    assert hall.proposal(deal).sha256 == before


def test_a_statement_is_decided_before_the_verdict_and_counts_although_the_contract_was_signed(hall: Hall, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    assert visit.secret is not None
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in May")
    hall.pass_by(hours=1)
    deal = hall.bought()
    hall.pass_by(hours=1)
    with pytest.raises(ConflictError, match=r"nobody has decided whether that is credible"):
        hall.signed(deal)
    (said,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, said.id, credible=True, reason="the guard remembers")
    assert hall.proposal(deal).explanation.verdict.kind is VerdictKind.MANUAL


def test_a_statement_after_the_contract_or_decided_after_the_verdict_changes_nothing(hall: Hall, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    assert visit.secret is not None
    hall.pass_by(hours=1)
    deal = hall.bought()
    hall.pass_by(hours=1)
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in May")
    before = hall.proposal(deal).sha256
    hall.signed(deal)
    (said,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, said.id, credible=True, reason="the guard remembers")
    assert hall.proposal(deal).sha256 == before


def test_a_proposal_that_is_sent_back_says_why_and_can_be_signed_later(hall: Hall) -> None:
    deal = hall.bought()
    assert signing.sign(hall.site, SIGNER, deal.id, ruling(hall, deal, Decision.SEND_BACK)) is None
    found = deals.deal(hall.site, MANAGER, deal.id)
    assert (found.state, found.sent_back) == (DealState.SENT_BACK, WHY)
    hall.signed(deal)
    assert deals.deal(hall.site, MANAGER, deal.id).state is DealState.SIGNED


def test_a_verdict_is_signed_once(hall: Hall, deal: Deal) -> None:
    with pytest.raises(ConflictError, match=r"signed verdict"):
        hall.signed(deal)


def test_a_cancelled_contract_is_not_judged(hall: Hall) -> None:
    deal = hall.bought()
    seen = ruling(hall, deal)
    deals.cancel_deal(hall.site, MANAGER, deal.id, WHY)
    with pytest.raises(ConflictError, match=r"cancelled"):
        signing.sign(hall.site, SIGNER, deal.id, seen)
    assert judging.judge_all(hall.site, MANAGER, PROJECT) == {}


@pytest.mark.parametrize("actor", [operator("uid-1"), replace(SIGNER, session="s", confirmed_until=None), NOBODY])
def test_only_a_named_person_who_just_gave_the_password_signs(hall: Hall, actor: Actor) -> None:
    deal = hall.bought()
    with pytest.raises(DeniedError):
        signing.sign(hall.site, actor, deal.id, ruling(hall, deal))


def test_what_the_rules_decide_is_not_decided_otherwise_by_the_signer(hall: Hall) -> None:
    deal = hall.bought()
    with pytest.raises(InputError, match=r"the rules have decided it"):
        signing.sign(hall.site, SIGNER, deal.id, ruling(hall, deal, ownership=NATURAL))


def test_what_the_rules_leave_open_is_decided_by_the_signer_among_who_reported(hall: Hall, blue: Agency, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    assert visit.secret is not None
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in May")
    (said,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, said.id, credible=True, reason="the guard remembers")
    hall.pass_by(minutes=1)
    deal = hall.bought()
    assert hall.proposal(deal).explanation.verdict.kind is VerdictKind.MANUAL
    for wrong in (None, Ownership(VerdictKind.MANUAL), Ownership(VerdictKind.CHANNEL, ("stranger",)), Ownership(VerdictKind.SPLIT, (blue.id,))):
        with pytest.raises(InputError):
            signing.sign(hall.site, SIGNER, deal.id, ruling(hall, deal, ownership=wrong))
    signed = signing.sign(hall.site, SIGNER, deal.id, ruling(hall, deal, ownership=Ownership(VerdictKind.CHANNEL, (blue.id,))))
    assert signed is not None
    (shown,) = verdicts.verdicts_for_agency(hall.site, li_na)
    assert (shown.verdict, shown.reason) == (signed, {"zh": WHY, "en": WHY})


def test_an_appeal_is_opened_within_the_window_and_once_a_side(hall: Hall, deal: Deal, li_na: Actor) -> None:
    opened, receipt = appeals.appeal_by_agency(hall.site, li_na, deal.id, WORDS)
    assert receipt.bundle.entries[0].entry.index == opened.entry
    with pytest.raises(ConflictError, match=r"open already"):
        appeals.appeal_by_agency(hall.site, li_na, deal.id, WORDS)
    hall.pass_by(days=7)
    assert appeals.appeal_by_staff(hall.site, MANAGER, deal.id, WORDS)[0].side is Side.DEVELOPER
    hall.pass_by(seconds=1)
    with pytest.raises(ConflictError, match=r"possible until"):
        appeals.appeal_by_staff(hall.site, MANAGER, deal.id, WORDS, Side.BUYER)


def test_one_agency_keeps_no_other_from_appealing_and_neither_does_the_office(hall: Hall, blue: Agency, li_na: Actor) -> None:
    red = hall.office.agency("Red earth")
    wang_wei = hall.office.agent(red, "wang.wei")
    for agent in (li_na, wang_wei):
        hall.brought(agent)
        hall.pass_by(hours=1)
    deal = hall.bought()
    hall.signed(deal)
    for agency in (None, "stranger"):
        with pytest.raises(InputError, match=r"which agency appeals"):
            appeals.appeal_by_staff(hall.site, MANAGER, deal.id, WORDS, Side.AGENCY, agency=agency)
    taken_down = [appeals.appeal_by_staff(hall.site, MANAGER, deal.id, WORDS, Side.AGENCY, agency=one.id)[0].agency for one in (blue, red)]
    own = [appeals.appeal_by_agency(hall.site, agent, deal.id, WORDS)[0].agency for agent in (li_na, wang_wei)]
    assert own == taken_down == [blue.id, red.id]
    with pytest.raises(ConflictError, match=r"open already"):
        appeals.appeal_by_agency(hall.site, wang_wei, deal.id, WORDS)


def test_an_appeal_is_decided_on_what_was_seen_and_on_evidence_that_stands(hall: Hall, deal: Deal) -> None:
    opened, _ = appeals.appeal_by_staff(hall.site, MANAGER, deal.id, WORDS)
    with pytest.raises(StaleError, match=r"not the one that you saw"):
        appeals.decide_appeal(hall.site, SECOND, opened.id, WHY, NATURAL, proposal_sha256="0" * 64)
    with hall.site.database.transaction() as session:
        session.execute(text("delete from attribution_visit"))
    for owned in (None, NATURAL):
        with pytest.raises(LedgerError) as caught:
            appeals.decide_appeal(hall.site, SECOND, opened.id, WHY, owned)
        assert caught.value.code == "evidence.unproven"
    assert appeals.appeals(hall.site, MANAGER) == [opened]


def test_an_agency_whose_contract_is_over_still_reads_and_appeals_and_reports_nobody(hall: Hall, blue: Agency, li_na: Actor) -> None:
    hall.brought(li_na)
    gone = hall.office.agent(blue, "zhao.yi")
    hall.pass_by(days=1)
    deal = hall.bought()
    hall.signed(deal)
    agencies.disable_agency(hall.site, MANAGER, blue.id, "contract over")
    agents.disable_agent(hall.site, MANAGER, gone.id, "left the agency")
    agent = hall.office.signed_in("li.na")
    assert [one.verdict.deal for one in verdicts.verdicts_for_agency(hall.site, agent)] == [deal.id]
    assert bundles.bundle_for_agency(hall.site, agent, deal.id).data
    assert appeals.appeal_by_agency(hall.site, agent, deal.id, WORDS)[0].agency == blue.id
    assert reporting.open_projects(hall.site, agent) == ()
    for refused in (lambda: hall.reported(agent, OTHER_PHONE), lambda: verdicts.verdicts_for_agency(hall.site, gone)):
        with pytest.raises(DeniedError):
            refused()


def test_the_words_of_an_appeal_are_read_by_whoever_decides_and_stand_nowhere_in_clear(hall: Hall, deal: Deal, li_na: Actor) -> None:
    opened, _ = appeals.appeal_by_agency(hall.site, li_na, deal.id, WORDS)
    assert appeals.appeal(hall.site, SECOND, opened.id).words == WORDS
    assert [one.words for one in appeals.appeals(hall.site, MANAGER)] == [None]
    assert not any("messages" in str(act) for act in hall.office.acts())
    with pytest.raises(DeniedError):
        appeals.appeal(hall.site, NOBODY, opened.id)
    with pytest.raises(NotFoundError):
        appeals.appeal(hall.site, SECOND, "nothing")


def test_who_signed_or_appealed_does_not_decide(hall: Hall, deal: Deal) -> None:
    opened, _ = appeals.appeal_by_staff(hall.site, SECOND, deal.id, WORDS)
    for actor in (SIGNER, SECOND):
        with pytest.raises(DeniedError, match=r"does not decide it"):
            appeals.decide_appeal(hall.site, actor, opened.id, WHY)
    assert deals.deal(hall.site, MANAGER, deal.id).state is DealState.APPEALED
    third = replace(SECOND, id="third-1")
    assert appeals.decide_appeal(hall.site, third, opened.id, WHY).decision is AppealDecision.UPHELD
    with pytest.raises(ConflictError, match=r"decided already"):
        appeals.decide_appeal(hall.site, third, opened.id, WHY)
    assert len(verdicts.verdicts(hall.site, MANAGER, deal.id)) == 1


def test_a_changed_verdict_follows_the_first_which_stays_as_it_was(hall: Hall, deal: Deal, li_na: Actor) -> None:
    before = bundles.bundle(hall.site, MANAGER, deal.id).bundle.document
    opened, _ = appeals.appeal_by_staff(hall.site, MANAGER, deal.id, WORDS)
    appeals.decide_appeal(hall.site, SECOND, opened.id, WHY, NATURAL)
    first, second = verdicts.verdicts(hall.site, MANAGER, deal.id)
    assert bundles.bundle(hall.site, MANAGER, deal.id, 1).bundle.document == before
    document = bundles.bundle(hall.site, MANAGER, deal.id).bundle.document
    assert document is not None
    assert (document["follows"], second.verdict.ownership, second.verdict.signed_by) == (first.verdict.sha256, NATURAL, SECOND.label)
    assert [one.verdict.number for one in verdicts.verdicts_for_agency(hall.site, li_na)] == [2]
    again, _ = appeals.appeal_by_agency(hall.site, li_na, deal.id, WORDS)
    with pytest.raises(DeniedError, match=r"does not decide it"):
        appeals.decide_appeal(hall.site, SECOND, again.id, WHY)


@pytest.mark.parametrize("words", ["", "   ", "no", "x" * 4001])
def test_an_appeal_says_something(hall: Hall, deal: Deal, words: str) -> None:
    with pytest.raises(InputError, match=r"nothing, or too much"):
        appeals.appeal_by_staff(hall.site, MANAGER, deal.id, words)


def test_without_a_verdict_there_is_nothing_to_appeal_against(hall: Hall) -> None:
    deal = hall.bought()
    with pytest.raises(NotFoundError, match=r"no verdict yet"):
        appeals.appeal_by_staff(hall.site, MANAGER, deal.id, WORDS)
    with pytest.raises(NotFoundError, match=r"no such verdict"):
        bundles.bundle(hall.site, MANAGER, deal.id)


def test_a_buyer_reads_of_their_own_contract_alone(hall: Hall, li_na: Actor) -> None:
    mine, other = hall.brought(li_na), hall.walked_in(OTHER_PHONE)
    assert mine.secret is not None
    assert other.secret is not None
    hall.pass_by(days=1)
    deal = hall.bought()
    hall.signed(deal)
    assert [one.verdict.deal for one in verdicts.verdicts_for_buyer(hall.site, mine.secret)] == [deal.id]
    assert verdicts.verdicts_for_buyer(hall.site, other.secret) == []
    with pytest.raises(NotFoundError, match=r"no such verdict"):
        appeals.appeal_by_buyer(hall.site, other.secret, deal.id, WORDS)
    with pytest.raises(NotFoundError, match=r"belongs to no visit"):
        verdicts.verdicts_for_buyer(hall.site, "AAAAA-AAAAA-AAAAA-AAAAA-AAAAAA")


@pytest.mark.parametrize("hours_before", [True, False])
def test_whoever_only_said_the_buyers_number_opens_nothing(hall: Hall, li_na: Actor, hours_before: bool) -> None:
    hall.brought(li_na)
    early = hall.walked_in()
    hall.pass_by(days=1)
    deal = hall.bought()
    hall.signed(deal)
    hall.pass_by(hours=1)
    secret = (early if hours_before else hall.walked_in()).secret
    assert secret is not None
    assert verdicts.verdicts_for_buyer(hall.site, secret) == []
    for act in (lambda: bundles.bundle_for_buyer(hall.site, secret, deal.id), lambda: appeals.appeal_by_buyer(hall.site, secret, deal.id, WORDS)):
        with pytest.raises(NotFoundError, match=r"no such verdict"):
            act()


def test_the_visit_of_kin_opens_nothing(hall: Hall, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    assert visit.secret is not None
    (shown,) = arrivals.visits(hall.site, MANAGER, PROJECT)
    hall.pass_by(days=1)
    deal = hall.bought(OTHER_PHONE, kin=(KinDraft(0, shown.visitor, "spouse", "marriage certificate"),))
    assert hall.signed(deal).ownership.kind is VerdictKind.CHANNEL
    assert verdicts.verdicts_for_buyer(hall.site, visit.secret) == []


@pytest.mark.parametrize(("grade", "kind", "after", "opens"), [
    (Grade.TWO_SIDED, IdentityKind.ID, True, True),
    (Grade.TWO_SIDED, IdentityKind.PHONE, False, True),
    (Grade.TWO_SIDED, IdentityKind.PHONE, True, False),
    (Grade.LOGGED, IdentityKind.PHONE, False, False),
    (Grade.INADMISSIBLE, IdentityKind.ID, True, False),
])  # fmt: skip
def test_a_link_to_the_buyer_opens_the_contract_where_it_is_a_proof(
    hall: Hall,
    grade: Grade,
    kind: IdentityKind,
    after: bool,
    opens: bool,
) -> None:
    early = hall.walked_in(OTHER_PHONE)
    hall.pass_by(days=1)
    deal = hall.bought()
    hall.signed(deal)
    hall.pass_by(hours=1)
    visit = hall.walked_in(THIRD_PHONE) if after else early
    (visitor,) = (one.visitor for one in arrivals.visits(hall.site, MANAGER, PROJECT) if one.id == visit.visit)
    with writing(hall.site) as work:
        parties.join(work, parties.Join(visitor, deal.buyers[0].party, kind, grade, MANAGER.label))
    assert visit.secret is not None
    assert [one.verdict.deal for one in verdicts.verdicts_for_buyer(hall.site, visit.secret)] == [deal.id] * opens


def test_an_agency_whose_report_nobody_opened_has_no_part_in_the_case(hall: Hall, blue: Agency) -> None:
    other = hall.office.agent(hall.office.agency("Red earth"), "wang.wei")
    hall.reported(other)
    deal, verdict = hall.settled(agency=blue)
    assert verdict.appeal_until - verdict.signed == timedelta(days=7)
    with pytest.raises(NotFoundError):
        appeals.appeal_by_agency(hall.site, other, deal.id, WORDS)

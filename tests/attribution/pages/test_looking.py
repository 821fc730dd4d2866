"""One visit as a whole, people described for a reason, and the receipt of a verdict: what the pages ask services for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.attribution.model import Grade
from consentry.attribution.service import arrivals, parties, statements
from consentry.attribution.service.verdict_receipts import verdict_receipt
from consentry.attribution.service.visit_views import MOST_NAMED, describe_people, visit_record
from consentry.attribution.visiting import HintKind, PartyKind, Voiced
from consentry.ledger.offline import Trust, verify_bundle
from consentry.ledger.rules.receipt_code import to_code
from consentry.ledger.service import log_key
from consentry.platform.errors import DeniedError, InputError, NotFoundError
from consentry.staff.model import Reason
from tests.attribution.deals.hall import MANAGER, NOBODY, SIGNER, Hall
from tests.attribution.reports.office import MASK

if TYPE_CHECKING:
    from consentry.platform.actors import Actor

WHY = Reason("the agent asks which of two visits", "case 12")
LONGEST_CODE = 4296
"""Characters that the largest QR code holds (ISO/IEC 18004, 40-L, alphanumeric)."""


def test_a_visit_shows_what_joins_its_visitor_to_others_and_who_said_so(hall: Hall, li_na: Actor) -> None:
    first = hall.brought(li_na)
    visitor = arrivals.visit(hall.site, MANAGER, first.visit).visitor
    deal = hall.bought()
    buyer = hall.proposal(deal).explanation.case.signing.buyers[0]
    sister = arrivals.visit(hall.site, MANAGER, hall.walked_in("+8613812340099").visit).visitor
    parties.relate(hall.site, MANAGER, visitor, sister, "sibling", proof="household register", reason="they came together")
    to_client, to_buyer, to_sister = visit_record(hall.site, MANAGER, first.visit).ties
    assert (to_client.one.party, to_client.other.kind, to_client.kind, to_client.grade) == (visitor, PartyKind.CLIENT, "phone", Grade.LOGGED)
    assert (to_buyer.one, to_buyer.other.party, to_buyer.other.kind) == (to_client.other, buyer, PartyKind.BUYER)
    assert (to_sister.one.party, to_sister.other.party, to_sister.kind) == (visitor, sister, "sibling")
    assert (to_sister.proof, to_sister.by) == ("household register", MANAGER.label)


def test_a_visit_shows_statements_without_words_and_what_was_found(hall: Hall) -> None:
    visit = hall.walked_in()
    assert visit.secret is not None
    statements.state(hall.site, visit.secret, Voiced.EARLIER_VISIT, "I was here in January")
    (waiting,) = statements.statements(hall.site, MANAGER)
    statements.decide_statement(hall.site, SIGNER, waiting.id, credible=True, reason="the guard remembers")
    record = visit_record(hall.site, MANAGER, visit.visit)
    (said,) = record.statements
    assert (said.kind, said.credible, said.decided_by, said.reason) == (Voiced.EARLIER_VISIT, True, SIGNER.label, "the guard remembers")
    assert "January" not in repr(record)


def test_a_visit_shows_hints_of_its_report(hall: Hall, li_na: Actor) -> None:
    filed, kept = hall.reported(li_na)
    hall.pass_by(minutes=5)
    found = hall.arrived(li_na, filed, kept)
    assert HintKind.LEAD_SHORT in {hint.kind for hint in visit_record(hall.site, MANAGER, found.visit).hints}


def test_a_visit_that_there_is_not_is_unknown(hall: Hall) -> None:
    for look in (arrivals.visit, visit_record):
        with pytest.raises(NotFoundError, match="none of that id"):
            look(hall.site, MANAGER, "v-1")


def test_people_are_described_for_a_reason_that_the_ledger_keeps_and_names_nobody(hall: Hall, li_na: Actor) -> None:
    visit = hall.brought(li_na)
    visitor = arrivals.visit(hall.site, MANAGER, visit.visit).visitor
    said = describe_people(hall.site, MANAGER, [visitor, visitor], WHY)
    assert (said[visitor].alias, said[visitor].mask) == ("王", MASK)
    (act,) = hall.office.acts("attribution.people-viewed")
    assert (act.reason, act.details) == (WHY.text, {"ticket": WHY.ticket, "parties": [visitor]})
    assert "王" not in repr(act)


@pytest.mark.parametrize("reason", [Reason("", "case 12"), Reason("for the agent", "")])
def test_without_a_reason_and_a_ticket_nobody_is_described(hall: Hall, reason: Reason) -> None:
    visitor = arrivals.visit(hall.site, MANAGER, hall.walked_in().visit).visitor
    with pytest.raises(InputError, match="empty"):
        describe_people(hall.site, MANAGER, [visitor], reason)
    assert hall.office.acts("attribution.people-viewed") == []


def test_nobody_is_described_without_permission_nor_many_nor_strangers(hall: Hall) -> None:
    with pytest.raises(DeniedError):
        describe_people(hall.site, NOBODY, [], WHY)
    with pytest.raises(InputError, match=f"more than {MOST_NAMED}"):
        describe_people(hall.site, MANAGER, [str(number) for number in range(MOST_NAMED + 1)], WHY)
    with pytest.raises(NotFoundError, match="none of that id"):
        describe_people(hall.site, MANAGER, ["p-1"], WHY)
    assert hall.office.acts("attribution.people-viewed") == []


def test_the_receipt_of_a_verdict_proves_its_entry_and_fits_a_qr_code(hall: Hall) -> None:
    deal, signed = hall.settled()
    sealed = verdict_receipt(hall.site, MANAGER, deal.id)
    (entry,) = verify_bundle(sealed.data, Trust((log_key(hall.site),))).entries
    assert (entry.index, entry.act.details["document_sha256"]) == (signed.entry, signed.sha256)
    assert len(to_code(sealed.data)) <= LONGEST_CODE


def test_there_is_no_receipt_before_the_verdict(hall: Hall) -> None:
    with pytest.raises(NotFoundError, match="no such verdict"):
        verdict_receipt(hall.site, MANAGER, hall.bought().id)

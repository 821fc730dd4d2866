"""Contracts: who bought, how that was checked, and to whom that joins them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from consentry.attribution.deals import BuyerDraft, DealState, KinDraft
from consentry.attribution.identity import SimulatedCard, SimulatedReader, hasher_for
from consentry.attribution.model import Flag, VerdictKind
from consentry.attribution.service import arrivals, deals, history
from consentry.attribution.service.standing import deal_row
from consentry.attribution.visiting import Arrival
from consentry.ledger.work import reading
from consentry.platform.errors import ConflictError, ConsentryError, DeniedError, InputError, NotFoundError
from tests.attribution.deals.hall import MANAGER, NOBODY, PROJECT, WHY, Hall
from tests.attribution.reports.office import OTHER_PHONE, PHONE

if TYPE_CHECKING:
    from consentry.platform.actors import Actor

CARD = SimulatedCard("110101199003070000")


def checked(hall: Hall, card: SimulatedCard = CARD) -> str:
    reader = SimulatedReader(hasher_for(hall.site.keys, PROJECT))
    reader.lay(card)
    return deals.check_buyer(hall.site, MANAGER, PROJECT, reader)[0]


def test_a_buyer_is_known_by_pseudonym_and_what_the_reader_found(any_hall: Hall) -> None:
    deal = any_hall.bought(None, buyers=(BuyerDraft("王", PHONE, checked(any_hall)),))
    (buyer,) = deal.buyers
    assert (buyer.passed, buyer.reader) == (True, "simulator-1")
    assert "王" not in str(deal)
    assert "138****5678" not in str(deal)
    assert deal.state is DealState.WAITING
    assert [act.object for act in any_hall.office.acts("attribution.deal-recorded")] == [f"deal:{deal.id}"]


def test_nothing_of_a_buyer_stands_in_clear_in_ledger_or_database(hall: Hall) -> None:
    hall.bought(None, buyers=(BuyerDraft("司马", PHONE, checked(hall)),))
    hall.site.database.close()
    kept = b"".join(file.read_bytes() for file in Path(str(hall.site.database.url.database)).parent.glob("*.db*"))
    assert b"attribution.deal-recorded" in kept, "the bytes that were looked at hold the records"
    for text in ("司马", "13812345678", CARD.number):
        assert text.encode() not in kept


def test_a_check_serves_one_contract_and_not_for_long(hall: Hall) -> None:
    check = checked(hall)
    hall.bought(None, buyers=(BuyerDraft("王", None, check),))
    with pytest.raises(NotFoundError, match=r"it was used"):
        hall.bought(None, unit="1-102", buyers=(BuyerDraft("王", None, check),))
    late = checked(hall)
    hall.pass_by(hours=3)
    with pytest.raises(NotFoundError, match=r"too old"):
        hall.bought(None, unit="1-102", buyers=(BuyerDraft("王", None, late),))


def test_a_buyer_with_another_number_is_found_by_the_document(hall: Hall, li_na: Actor) -> None:
    hall.bought(PHONE, unit="1-001", buyers=(BuyerDraft("王", PHONE, checked(hall)),))
    hall.brought(li_na)
    hall.pass_by(days=1)
    deal = hall.bought(None, buyers=(BuyerDraft("王", OTHER_PHONE, checked(hall)),))
    verdict = hall.proposal(deal).explanation.verdict
    assert (verdict.kind, verdict.flags) == (VerdictKind.CHANNEL, (Flag.PHONE_CHANGE,))


def test_whose_document_did_not_pass_is_joined_to_nobody_by_it(hall: Hall) -> None:
    hall.bought(None, unit="1-001", buyers=(BuyerDraft("王", None, checked(hall)),))
    deal = hall.bought(None, buyers=(BuyerDraft("王", OTHER_PHONE, checked(hall, SimulatedCard(CARD.number, passes=False))),))
    assert deal.buyers[0].passed is False
    assert len(hall.proposal(deal).explanation.case.events) == 0


def test_a_buyer_of_whom_nothing_is_known_is_refused(hall: Hall) -> None:
    known = BuyerDraft("王", PHONE)
    for unknown in (BuyerDraft("刘"), BuyerDraft("刘", None, checked(hall, SimulatedCard(CARD.number, passes=False)))):
        with pytest.raises(InputError, match=r"nothing says who this buyer is"):
            hall.bought(buyers=(known, unknown))
    assert deals.deals(hall.site, MANAGER) == []


def test_kin_on_the_contract_brings_in_the_visit_of_a_spouse(hall: Hall, li_na: Actor) -> None:
    hall.brought(li_na)
    hall.pass_by(days=1)
    (visit,) = arrivals.visits(hall.site, MANAGER, PROJECT)
    kin = (KinDraft(0, visit.visitor, "spouse", "marriage certificate"),)
    deal = hall.bought(OTHER_PHONE, kin=kin)
    assert hall.proposal(deal).explanation.verdict.kind is VerdictKind.CHANNEL
    assert hall.proposal(hall.bought("+8613899990000", unit="1-102")).explanation.verdict.kind is VerdictKind.NATURAL


def test_a_contract_that_is_entered_hours_later_loses_none_of_its_links(hall: Hall, li_na: Actor) -> None:
    hall.brought(li_na)
    hall.pass_by(days=1)
    signed = hall.office.clock.now()
    hall.pass_by(hours=5)
    deal = hall.bought(signed=signed)
    assert hall.proposal(deal).explanation.verdict.kind is VerdictKind.CHANNEL


def test_one_contract_alone_and_among_all_has_the_same_case(hall: Hall, li_na: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    hall.brought(li_na)
    arrivals.record_arrival(hall.site, MANAGER, PROJECT, Arrival(alias="李", phone=OTHER_PHONE))
    hall.pass_by(days=1)
    names = [hall.bought(PHONE).id, hall.bought(OTHER_PHONE, unit="1-102").id]
    with reading(hall.site) as work:
        rows = [deal_row(work.session, name) for name in names]
        alone = {name: case for row in rows for name, case in history.cases_of(work, [row]).items()}
        monkeypatch.setattr(history, "FEW", 0)
        assert history.cases_of(work, rows) == alone


def test_a_cancelled_contract_makes_room_for_another(hall: Hall) -> None:
    deal = hall.bought()
    with pytest.raises(ConflictError, match=r"contract already"):
        hall.bought()
    assert deals.cancel_deal(hall.site, MANAGER, deal.id, "rescinded").state is DealState.CANCELLED
    with pytest.raises(ConflictError, match=r"cancelled already"):
        deals.cancel_deal(hall.site, MANAGER, deal.id, "rescinded")
    hall.pass_by(seconds=1)
    assert hall.bought().id != deal.id
    listed = deals.deals(hall.site, MANAGER, project=PROJECT)
    assert [one.state for one in listed] == [DealState.WAITING, DealState.CANCELLED]
    assert deals.deals(hall.site, MANAGER, states=[DealState.CANCELLED], limit=1)[0].id == deal.id
    assert deals.deals(hall.site, MANAGER, before=listed[0].id)[0].id == deal.id


SOMEBODY = "019cac0f-2680-7520-ac46-c1efc5d59a8d"
WRONG: tuple[tuple[dict[str, Any], str], ...] = (
    ({"buyers": ()}, "deal.buyers"),
    ({"buyers": (BuyerDraft("王"),) * 9}, "deal.buyers"),
    ({"buyers": (BuyerDraft("王", PHONE), BuyerDraft("刘"))}, "deal.buyer-unknown"),
    ({"commission": Decimal(-1)}, "deal.commission"),
    ({"commission": Decimal("0.001")}, "deal.commission"),
    ({"commission": Decimal("NaN")}, "deal.commission"),
    ({"kin": (KinDraft(1, SOMEBODY, "spouse", "paper"),)}, "deal.kin"),
    ({"kin": (KinDraft(0, SOMEBODY, "phone", "paper"),)}, "deal.kin"),
    ({"kin": (KinDraft(0, "x", "spouse", "paper"),)}, "deal.kin"),
    ({"kin": (KinDraft(0, SOMEBODY, "spouse", "paper"),)}, "party.unknown"),
    ({"unit": " "}, "input.text"),
    ({"project": "elsewhere"}, "project.unknown"),
    ({"buyers": (BuyerDraft("王", "12"),)}, "phone.form"),
    ({"buyers": (BuyerDraft("王", None, "no-check"),)}, "identity.check-unknown"),
)


def test_what_cannot_be_a_contract_is_refused_and_leaves_nothing(hall: Hall) -> None:
    for changes, code in WRONG:
        with pytest.raises(ConsentryError) as caught:
            hall.bought(**changes)
        assert caught.value.code == code
    assert deals.deals(hall.site, MANAGER) == []


def test_a_contract_is_signed_neither_tomorrow_nor_long_ago(hall: Hall) -> None:
    for away in (timedelta(minutes=1), -timedelta(days=91)):
        with pytest.raises(InputError, match=r"cannot be when"):
            hall.bought(signed=hall.office.clock.now() + away)


def test_nobody_does_it_without_permission(hall: Hall) -> None:
    deal = hall.bought()
    for act in (
        lambda: deals.deal(hall.site, NOBODY, deal.id),
        lambda: deals.deals(hall.site, NOBODY),
        lambda: deals.cancel_deal(hall.site, NOBODY, deal.id, WHY),
    ):
        with pytest.raises(DeniedError):
            act()
    with pytest.raises(NotFoundError):
        deals.deal(hall.site, MANAGER, "nothing")

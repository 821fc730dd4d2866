"""The whole way of a contract: reported, arrived by code, bought, judged, signed, proven offline, appealed against, decided by a second person."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.deals import AppealDecision, DealState, Decision, Ownership, PayState, Ruling
from consentry.attribution.explanations import check_explanation, read_explanation
from consentry.attribution.model import VerdictKind
from consentry.attribution.service import appeals, board, bundles, deals, flags, signing
from consentry.ledger.offline import Trust, verify_file
from consentry.ledger.rules.canonical import canonical
from consentry.ledger.service import log_key
from consentry.platform.errors import DeniedError
from tests.attribution.deals.hall import MANAGER, SECOND, SIGNER, WHY, Hall
from tests.ledger.test_offline import load_script

if TYPE_CHECKING:
    from pathlib import Path


def test_from_report_to_a_decided_appeal(any_hall: Hall, tmp_path: Path) -> None:
    hall = any_hall
    agency = hall.office.agency("Blue sky")
    agent = hall.office.agent(agency)
    visit = hall.brought(agent)
    assert visit.secret is not None
    hall.pass_by(days=9)
    deal = hall.bought()
    proposed = hall.proposal(deal)
    assert (proposed.explanation.verdict.kind, proposed.explanation.verdict.agencies) == (VerdictKind.CHANNEL, (agency.id,))
    verdict = signing.sign(hall.site, SIGNER, deal.id, Ruling(proposed.sha256, Decision.ACCEPT, WHY))
    assert verdict is not None
    sealed = bundles.bundle_for_agency(hall.site, agent, deal.id)
    assert_holds_offline(hall, sealed.data, tmp_path)

    opened, _ = appeals.appeal_by_buyer(hall.site, visit.secret, deal.id, "Nobody brought me; I found the hall myself.")
    with pytest.raises(DeniedError, match=r"does not decide it"):
        appeals.decide_appeal(hall.site, SIGNER, opened.id, "the code was scanned")
    decided = appeals.decide_appeal(hall.site, SECOND, opened.id, "the buyer is believed", Ownership(VerdictKind.NATURAL))
    assert (decided.decision, decided.decided_by) == (AppealDecision.CHANGED, SECOND.label)
    assert_holds_offline(hall, bundles.bundle_for_buyer(hall.site, visit.secret, deal.id).data, tmp_path)
    assert bundles.bundle(hall.site, MANAGER, deal.id, 1).bundle.document == sealed.bundle.document

    hall.pass_by(days=8)
    flags.screen(hall.site)
    assert deals.deal(hall.site, MANAGER, deal.id).state is DealState.FINAL
    assert [row.state for row in board.board(hall.site, MANAGER).rows] == [PayState.NONE]


def assert_holds_offline(hall: Hall, data: bytes, folder: Path) -> None:
    """Verify a bundle with the package and with the stand-alone script, and judge its case anew."""
    key = log_key(hall.site)
    found = verify_file(data, Trust((key,)))
    assert found.document is not None
    script = load_script()
    script.verify(data, script.Trust([script.Key(key.name, key.kind, key.public)], [], 0))
    kept = canonical(json.loads(data)["document"]["proposal"]["explanation"])
    assert check_explanation(read_explanation(kept, str(folder))) == []

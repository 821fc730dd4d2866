"""An agency whose report nobody opened appeals with salt and number, and nobody learns from the answer who bought."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from consentry.attribution.deals import AppealDecision, Ownership, Side
from consentry.attribution.dossiers import compare_bundle
from consentry.attribution.model import VerdictKind
from consentry.attribution.service import appeals, bundles, verdicts
from consentry.attribution.service.late_opening import appeal_by_report
from consentry.platform.errors import ConflictError, InputError, NotFoundError
from tests.attribution.deals.hall import SECOND, WHY
from tests.attribution.deals.test_api import client
from tests.attribution.reports.office import OTHER_PHONE, PHONE, Kept

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency
    from tests.attribution.deals.hall import Hall


def test_a_report_that_nobody_opened_is_opened_by_its_agent_for_an_appeal(hall: Hall, blue: Agency) -> None:
    li_na, red = hall.office.agent(blue), hall.office.agent(hall.office.agency("Red earth"), "red.agent")
    filed, kept = hall.reported(li_na)
    foreign, theirs = hall.reported(red, OTHER_PHONE)
    hall.pass_by(days=10)
    deal = hall.bought()
    hall.signed(deal)
    hall.pass_by(hours=1)
    late, fresh = hall.reported(red)
    attempts = [
        (red, filed.report, kept.salt, PHONE),
        (li_na, filed.report, Kept(PHONE).salt, PHONE),
        (li_na, filed.report, kept.salt, OTHER_PHONE),
        (red, foreign.report, theirs.salt, OTHER_PHONE),
        (red, late.report, fresh.salt, PHONE),
        (li_na, "no such report", kept.salt, PHONE),
    ]
    told = set()
    for agent, report, salt, phone in attempts:
        with pytest.raises(NotFoundError) as refused:
            appeal_by_report(hall.site, agent, report, "we brought them", salt=salt, phone=phone)
        told.add(str(refused.value))
    assert len(told) == 1, "nothing can be told from the answer"
    opened, _ = appeal_by_report(hall.site, li_na, filed.report, "we brought them", salt=kept.salt, phone=PHONE)
    assert (opened.deal, opened.side, opened.agency) == (deal.id, Side.AGENCY, blue.id)
    with pytest.raises(ConflictError, match=r"open already"):
        appeal_by_report(hall.site, li_na, filed.report, "we brought them", salt=kept.salt, phone=PHONE)
    assert [view.verdict.deal for view in verdicts.verdicts_for_agency(hall.site, li_na)] == [deal.id], "who appealed hears what comes of it"
    assert bundles.bundle_for_agency(hall.site, li_na, deal.id).bundle.document is not None
    assert verdicts.verdicts_for_agency(hall.site, red) == []


def test_whoever_decides_can_find_for_an_agency_whose_report_nobody_had_opened(hall: Hall, blue: Agency) -> None:
    li_na, stranger = hall.office.agent(blue), hall.office.agency("Red earth")
    filed, kept = hall.reported(li_na)
    hall.pass_by(hours=1)
    deal = hall.bought()
    hall.signed(deal)
    opened, _ = appeal_by_report(hall.site, li_na, filed.report, "the desk did not scan our code", salt=kept.salt, phone=PHONE)
    with pytest.raises(InputError, match=r"decides for nobody that it could"):
        appeals.decide_appeal(hall.site, SECOND, opened.id, WHY, Ownership(VerdictKind.CHANNEL, (stranger.id,)))
    decided = appeals.decide_appeal(hall.site, SECOND, opened.id, WHY, Ownership(VerdictKind.CHANNEL, (blue.id,)))
    assert decided.decision is AppealDecision.CHANGED
    sealed = bundles.bundle_for_agency(hall.site, li_na, deal.id)
    assert sealed.bundle.document is not None
    assert compare_bundle(sealed.data, "bundle").problems == ()
    proven = [proof.entry.act for proof in sealed.bundle.entries if proof.entry.act.object == f"report:{filed.report}"]
    assert [act.details["agency"] for act in proven] == [blue.id], "anybody can see that the report is older than the contract"


def test_a_report_is_opened_for_an_appeal_over_http(hall: Hall, blue: Agency) -> None:
    li_na = hall.office.agent(blue)
    filed, kept = hall.reported(li_na)
    hall.pass_by(days=10)
    hall.signed(hall.bought())
    body = {"words": "we brought them", "phone": PHONE, "salt": base64.urlsafe_b64encode(kept.salt).decode().rstrip("=")}
    path = f"/agent/reports/{filed.report}/appeals"
    assert client(hall, li_na).post(path, json={**body, "salt": "x"}).status_code == 422
    assert client(hall, li_na).post(path, json={**body, "phone": "nonsense"}).status_code in {404, 422}
    assert client(hall, li_na).post(path, json=body).status_code == 201
    assert client(hall, None).post(path, json=body).status_code == 401

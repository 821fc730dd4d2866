"""A sales hall on a contract's way: clients are reported and come, contracts are recorded, verdicts signed. Built on the office of the reports' tests."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from consentry.attribution.deals import BuyerDraft, DealDraft, Decision, Ruling
from consentry.attribution.service import arrivals, codes, deals, flags, judging, signing
from consentry.attribution.visiting import Arrival
from consentry.platform.actors import Actor, ActorKind, Permission
from tests.attribution.reports.office import MANAGER, PHONE, Kept, Office, mask

if TYPE_CHECKING:
    from consentry.attribution.channel import Agency, Filed
    from consentry.attribution.deals import Deal, Proposal, SignedVerdict
    from consentry.attribution.visiting import Recorded

__all__ = ["MANAGER", "NOBODY", "PROJECT", "SECOND", "SIGNER", "WHY", "Hall"]

SIGNER = Actor(ActorKind.STAFF, "signer-1", frozenset(Permission) - {Permission.REPORT_VISITORS})
SECOND = replace(SIGNER, id="second-1")
NOBODY = Actor(ActorKind.STAFF, "nobody-1", frozenset())
WHY = "as the rules say"
PROJECT = "garden"


@dataclass(frozen=True, slots=True)
class Hall:
    """An office, and what happens in it until a contract is judged."""

    office: Office

    @property
    def site(self) -> Any:  # noqa: ANN401 - a site
        return self.office.site

    def reported(self, agent: Actor, phone: str = PHONE, **changes: Any) -> tuple[Filed, Kept]:  # noqa: ANN401 - fields of the draft
        kept = Kept(phone)
        return self.office.file(agent, kept, mask=mask(phone), **changes), kept

    def arrived(self, agent: Actor, filed: Filed, kept: Kept) -> Recorded:
        """Let the client of a report come, whose agent shows the code."""
        salt = base64.urlsafe_b64encode(kept.salt).decode().rstrip("=")
        text = f"{codes.issue_code(self.site, agent, filed.report).text}.{salt}.{kept.phone}"
        return arrivals.record_arrival(self.site, MANAGER, PROJECT, Arrival(alias="王", code=text))

    def brought(self, agent: Actor, phone: str = PHONE) -> Recorded:
        """Let an agent report a client, who comes an hour later."""
        filed, kept = self.reported(agent, phone)
        self.office.pass_by(hours=1)
        return self.arrived(agent, filed, kept)

    def walked_in(self, phone: str = PHONE) -> Recorded:
        return arrivals.record_arrival(self.site, MANAGER, PROJECT, Arrival(alias="王", phone=phone))

    def bought(self, phone: str | None = PHONE, unit: str = "1-101", **changes: Any) -> Deal:  # noqa: ANN401 - fields of the draft
        """Record a contract that was signed just now."""
        draft = DealDraft(PROJECT, unit, self.office.clock.now(), Decimal("46080.00"), (BuyerDraft("王", phone),))
        return deals.record_deal(self.site, MANAGER, replace(draft, **changes))

    def proposal(self, deal: Deal) -> Proposal:
        return judging.proposal(self.site, MANAGER, deal.id)

    def signed(self, deal: Deal, actor: Actor = SIGNER) -> SignedVerdict:
        """Sign what the rules propose, and let the contract be looked at for flags."""
        verdict = signing.sign(self.site, actor, deal.id, Ruling(self.proposal(deal).sha256, Decision.ACCEPT, WHY))
        assert verdict is not None
        flags.screen(self.site)
        return verdict

    def settled(self, phone: str = PHONE, unit: str = "1-101", agency: Agency | None = None) -> tuple[Deal, SignedVerdict]:
        """Play one contract from report to signed verdict."""
        found = agency or self.office.agency()
        self.brought(self.office.agent(found, f"agent.of.{unit}"), phone)
        self.office.pass_by(days=1)
        deal = self.bought(phone, unit)
        return deal, self.signed(deal)

    def pass_by(self, **time: float) -> None:
        self.office.pass_by(**time)

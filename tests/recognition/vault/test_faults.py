"""The vault is killed at any moment: whoever withdrew stays unknown, and no number is given twice."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.recognition import messages
from consentry.recognition.codec import from_text
from consentry.recognition.messages import Erased
from consentry.recognition.model import Decision, Outcome, TicketKind
from tests.recognition.vault import world
from tests.recognition.vault.faces import chips
from tests.recognition.vault.running import running, started

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.consent.model import ConsentGrant
    from consentry.recognition.vault.order import VaultOrder

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROUNDS = 4


class Traffic:
    """Enrols people and withdraws every other one until the vault dies, and remembers what it was told."""

    def __init__(self, site: world.Site, order: VaultOrder) -> None:
        """Take where the vault is."""
        self.withdrawing: dict[str, tuple[int, ConsentGrant]] = {}
        self.withdrawn: set[str] = set()
        self.enrolled: dict[str, tuple[int, ConsentGrant]] = {}
        self.numbers: list[int] = []
        self._site = site
        self._ask = world.asking(order)
        self._person = 0

    def until_dead(self) -> None:
        """Go on until nobody answers."""
        try:
            while True:
                self._one()
        except (OSError, EOFError):
            return

    def _one(self) -> None:
        grant = self._site.grant()
        minted = self._ask(self._site.minting(self._site.activation(TicketKind.ENROL, grant.consent, grant.purpose)))
        if isinstance(minted, messages.Refused):
            assert minted.code == "vault.rate"
            self._ask(messages.RemoveStation(world.STATION))  # and its count of tickets a minute
            self._ask(self._site.registration())
            return
        ticket = world.is_(messages.MintedTicket, minted).ticket
        self._person += 1
        answer = self._ask(messages.Enrol(ticket.id, self._site.grant_text(grant), world.LIVE), chips(self._person, 3))
        self.numbers.append(from_text(Outcome, world.is_(messages.SignedOutcome, answer).outcome).sequence)
        self.enrolled[grant.consent] = (self._person, grant)
        if self._person % 2:
            self.withdrawing[grant.consent] = self.enrolled.pop(grant.consent)
            erasure = world.is_(messages.SignedErasure, self._ask(messages.Revoke(grant.person, grant.consent, grant.purpose)))
            self.numbers.append(from_text(Erased, erasure.erasure).sequence)
            self.withdrawn.add(grant.consent)


def test_killed_at_any_moment_it_forgets_whom_it_must_and_gives_no_number_twice(tmp_path: Path) -> None:
    site = world.Site(tmp_path)
    order = site.order()
    chance = np.random.default_rng(11)
    traffic = Traffic(site, order)
    for _ in range(ROUNDS):
        with started(order) as process:
            world.over(order.socket, site.registration())
            worker = threading.Thread(target=traffic.until_dead)
            worker.start()
            time.sleep(chance.uniform(0.05, 0.6))
            process.kill()
            worker.join(120)
            assert not worker.is_alive()
    assert traffic.withdrawn
    assert traffic.enrolled
    assert len(traffic.numbers) == len(set(traffic.numbers))
    assert traffic.numbers == sorted(traffic.numbers)
    check(site, order, traffic)


def check(site: world.Site, order: VaultOrder, traffic: Traffic) -> None:
    """Start the vault once more and look at everybody it ever knew."""
    ask = world.asking(order)
    with running(order):
        ask(site.registration())
        gone = {tombstone.consent for tombstone in world.is_(messages.TombstoneList, ask(messages.Tombstones(0))).tombstones}
        assert traffic.withdrawn <= gone <= traffic.withdrawing.keys()
        for consent, (person, grant) in {**traffic.withdrawing, **traffic.enrolled}.items():
            ask(messages.RemoveStation(world.STATION))  # and its count of tickets a minute
            ask(site.registration())
            found = world.outcome(ask, world.identify(site, ask, person))
            if consent in gone:
                assert found.decision is Decision.REJECT
                assert world.refused(world.verify(site, ask, person, grant)) == "vault.grant-revoked"
            elif consent in traffic.enrolled:
                assert (found.decision, found.consent) == (Decision.ACCEPT, consent)

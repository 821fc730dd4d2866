"""The ticket office: stations are registered with a key, and only what it signed gets a ticket."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from consentry.consent.model import Purpose
from consentry.recognition import messages
from consentry.recognition.model import TicketKind
from tests.recognition.vault import world
from tests.recognition.vault.conftest import asked

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from consentry.platform.clock import FixedClock
    from consentry.recognition.vault.desk import Desk
    from consentry.recognition.vault.order import VaultOrder


def test_a_signed_activation_gets_a_ticket_that_says_what_it_is_for(site: world.Site, ask: world.Asking, clock: FixedClock) -> None:
    activation = site.activation(TicketKind.IDENTIFY, attended=True)
    found = world.is_(messages.MintedTicket, ask(site.minting(activation, "staff-1"))).ticket
    assert (found.station, found.kind, found.purpose, found.consent, found.notice_sha256, found.attended) == (
        activation.station,
        TicketKind.IDENTIFY,
        Purpose.GREETING,
        None,
        world.NOTICE,
        True,
    )
    assert (found.expires - clock.now(), len(bytes.fromhex(found.id))) == (timedelta(seconds=10), 16)


@pytest.mark.parametrize(
    ("asked_for", "attended_by", "attended"), [(True, "staff-1", True), (True, None, False), (False, "staff-1", False), (False, None, False)]
)
def test_a_ticket_is_attended_where_the_station_signed_for_it_and_somebody_stands_by(
    site: world.Site, ask: world.Asking, asked_for: bool, attended_by: str | None, attended: bool
) -> None:
    question = site.minting(site.activation(TicketKind.IDENTIFY, attended=asked_for), attended_by)
    assert world.is_(messages.MintedTicket, ask(question)).ticket.attended is attended


def test_an_activation_is_used_once_also_after_a_restart(site: world.Site, vault: Callable[[VaultOrder], AbstractContextManager[Desk]]) -> None:
    with vault(site.order()) as desk:
        asked(desk)(site.registration())
        question = site.minting(site.activation(TicketKind.IDENTIFY))
        world.is_(messages.MintedTicket, asked(desk)(question))
        assert world.refused(asked(desk)(question)) == "vault.counter"
    with vault(site.order()) as desk:
        assert world.refused(asked(desk)(question)) == "vault.counter"
        asked(desk)(replace(site.registration(), may_enrol=False))
        assert world.refused(asked(desk)(question)) == "vault.counter", "nor when the station's rights change"


@pytest.mark.parametrize("signature", ["", "AAAA", "é", base64.b64encode(bytes(64)).decode(), base64.b64encode(b"\xff" * 64).decode()])
def test_an_activation_without_the_stations_signature_gets_nothing(site: world.Site, ask: world.Asking, signature: str) -> None:
    question = site.minting(site.activation(TicketKind.IDENTIFY))
    assert world.refused(ask(replace(question, signature=signature))) == "vault.signature"


def test_an_altered_or_foreign_activation_gets_nothing(site: world.Site, ask: world.Asking) -> None:
    question = site.minting(site.activation(TicketKind.IDENTIFY))
    assert world.refused(ask(replace(question, activation=question.activation.replace('"button"', '"card"')))) == "vault.signature"
    stranger = replace(site, station_key=generate_private_key(SECP256R1()))
    assert world.refused(ask(stranger.minting(site.activation(TicketKind.IDENTIFY)))) == "vault.signature"
    for text in ("", "{}", "null", question.activation + " ", question.activation.replace(":", ": ")):
        assert world.refused(ask(replace(question, activation=text))) == "vault.message"


def test_a_clock_that_is_off_gets_nothing(site: world.Site, ask: world.Asking, clock: FixedClock) -> None:
    clock.advance(timedelta(seconds=45))
    assert world.refused(ask(site.minting(site.activation(TicketKind.IDENTIFY)))) == "vault.clock"


def test_thirty_tickets_a_minute_are_enough(site: world.Site, ask: world.Asking, clock: FixedClock) -> None:
    answers = [ask(site.minting(site.activation(TicketKind.IDENTIFY))) for _ in range(31)]
    assert {type(answer) for answer in answers[:30]} == {messages.MintedTicket}
    assert world.refused(answers[30]) == "vault.rate"
    clock.advance(timedelta(minutes=1))
    activation = replace(site.activation(TicketKind.IDENTIFY), at=clock.now())
    world.is_(messages.MintedTicket, ask(site.minting(activation)))


@pytest.mark.parametrize("key", ["", "AAAA", "é", base64.b64encode(b"\x04" + bytes(64)).decode()])
def test_a_station_without_a_key_is_not_registered(site: world.Site, ask: world.Asking, key: str) -> None:
    assert world.refused(ask(replace(site.registration(), public_key=key))) == "vault.message"


def test_a_station_gets_tickets_only_for_what_it_was_registered_for(site: world.Site, ask: world.Asking) -> None:
    ask(replace(site.registration(), purposes=(Purpose.GREETING,), may_enrol=False))
    assert world.refused(ask(site.minting(site.activation(TicketKind.IDENTIFY, purpose=Purpose.DOOR_ACCESS)))) == "vault.ticket-purpose"
    assert world.refused(ask(site.minting(site.activation(TicketKind.ENROL, "c")))) == "vault.ticket-kind"

"""A card at a door that takes PINs: it opens by itself, or is asked for a PIN like every other one. What comes of it tells nobody which cards there are."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from consentry.access.controller.keypad import PATIENCE
from consentry.access.model import AccessEvent, DoorMode
from consentry.access.proving import CardShown, PinShown
from tests.access.controller.playground import snapshot
from tests.access.controller.refusals import REFUSED, STRANGER, calls, refusing
from tests.access.controller.stand import stand
from tests.access.proofs.house import UID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from consentry.access.controller.serving import Told
    from consentry.access.model import Snapshot
    from tests.access.controller.stand import Stand

CARD = CardShown("gate", "uid", UID)
HAS_PIN, NOBODYS, REVOKED = "has a PIN", "nobody's", "revoked"
CARDS = (HAS_PIN, NOBODYS, REVOKED, *REFUSED)
WRONG = AccessEvent.DENIED_INCORRECT_AUTHENTICATION_FACTOR
WRITTEN = {HAS_PIN: WRONG, NOBODYS: AccessEvent.DENIED_UNKNOWN_CREDENTIAL, REVOKED: AccessEvent.DENIED_CREDENTIAL_MANUAL_DISABLE}


def without(found: Snapshot, *names: str) -> Snapshot:
    return replace(found, credentials=tuple(one for one in found.credentials if one.id not in names))


def policy(card: str) -> Snapshot:
    """Return a snapshot of which the card is, as far as it is known, the resident's; in all but one it has no PIN."""
    if isinstance(card, AccessEvent):
        return without(refusing(card), "card-pin")
    whole = {HAS_PIN: (), NOBODYS: ("card", "card-pin"), REVOKED: ("card-pin",)}
    found = without(snapshot(), *whole[card])
    return replace(found, revoked=("card",)) if card == REVOKED else found


@contextmanager
def tablet(folder: Path, found: Snapshot) -> Iterator[Stand]:
    """Give a gate whose ways in are the page of a tablet and its card reader."""
    folder.mkdir()
    here = stand(folder, found)
    here.doorways._doors["gate"].tablet = True  # noqa: SLF001 - the things at a door do not change while it runs
    with closing(here.decider.journal):
        yield here


def shown(here: Stand, pin: str | None) -> tuple[Told, ...]:
    """Return what is told of a card, and of its PIN or, with None, once it is given up."""
    first = here.doorways.show(CARD)
    if pin is not None:
        return (first, here.doorways.show(PinShown("gate", "", pin)))
    here.passes(PATIENCE.total_seconds() + 1, step=2)
    return (first,)


@pytest.mark.parametrize("pin", [None, "", "000000"])
@pytest.mark.parametrize("card", [one for one in CARDS if one != NOBODYS])
def test_a_card_that_does_not_open_by_itself_is_told_and_counted_like_one_that_nobody_has(tmp_path: Path, card: str, pin: str | None) -> None:
    found = []
    for name in (NOBODYS, card):
        with tablet(tmp_path / f"of {name}", policy(name)) as here:
            told = [shown(here, pin) for _ in range(7)]
            found.append((told, dict(here.decider.state.tries)))
            assert here.decider.state.tries
    assert found[0] == found[1]
    assert found[0][0][0][0].waits == "pin"


@pytest.mark.parametrize("card", CARDS)
def test_why_a_card_did_not_open_is_written_down_where_its_pin_never_comes(tmp_path: Path, card: str) -> None:
    with tablet(tmp_path / "gate", policy(card)) as here:
        shown(here, None)
        (event,) = [one.event for one in here.decider.journal.pending(10)]
        assert event.kind == WRITTEN.get(card, card)
        assert (event.person, event.credential) == ((None, None) if card == NOBODYS else ("resident", "card"))


@pytest.mark.parametrize("card", CARDS)
def test_asking_a_card_for_its_pin_costs_as_much_work_whichever_card_it_is(tmp_path: Path, card: str) -> None:
    works = []
    with tablet(tmp_path / "gate", policy(card)) as here:
        gate, at = here.doorways._doors["gate"], here.decider.now()  # noqa: SLF001 - what the door asks itself
        for one in (CardShown("gate", "uid", STRANGER), CARD):
            assert gate.waits_for_pin(one, at)
            works.append(calls(partial(gate.waits_for_pin, one, at)))
    unknown, known = works
    # The card is found, and it may wait itself: nothing else may differ.
    assert unknown.total() > 150
    assert (known - unknown).total() <= 9, known - unknown
    assert (unknown - known).total() <= 2, unknown - known


def test_a_card_that_opens_by_itself_opens_at_once_and_is_not_asked(tmp_path: Path) -> None:
    with tablet(tmp_path / "gate", without(snapshot(), "card-pin")) as here:
        assert here.doorways.show(CARD).granted
        assert here.kinds() == ["granted"]


@pytest.mark.parametrize("card", CARDS)
def test_a_door_that_is_locked_down_says_so_at_once_to_every_card(tmp_path: Path, card: str) -> None:
    with tablet(tmp_path / "gate", replace(policy(card), modes={"gate": DoorMode.LOCKDOWN})) as here:
        told = here.doorways.show(CARD)
        assert (told.granted, told.reason, told.waits) == (False, AccessEvent.DENIED_DENY_ALL, None)

"""What must be shown for which ticket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentry.consent.model import Purpose
from consentry.recognition.model import TicketKind
from consentry.recognition.station.model import CapturePhase
from consentry.recognition.station.policy import REQUIRED, Required, prompts_for, required
from consentry.recognition.station.words import HINTS, NO_FACE, PHASES, REFUSALS
from consentry.vision.faces.challenge import Prompt
from consentry.vision.faces.quality import Component
from tests.recognition.station.captures import ATTENDED, ENROL, TICKET


def test_every_unattended_capture_asks_for_depth_whatever_else_is_there() -> None:
    assert len(REQUIRED) == 2 * len(TicketKind)
    assert all(wanted.turns >= 1 for wanted in REQUIRED.values())


def test_without_the_passive_check_more_is_asked() -> None:
    assert required(TICKET, passive=False) == Required(turns=1, blink=True)
    assert required(TICKET, passive=True) == Required(turns=1, blink=False)
    assert required(ENROL, passive=True) == Required(turns=2, blink=True)


@pytest.mark.parametrize(
    ("kind", "purpose", "asked"),
    [
        (TicketKind.ENROL, Purpose.DOOR_ACCESS, False),
        (TicketKind.ENROL, Purpose.GREETING, False),
        (TicketKind.IDENTIFY, Purpose.GREETING, False),
        (TicketKind.IDENTIFY, Purpose.DOOR_ACCESS, True),
        (TicketKind.VERIFY, Purpose.DOOR_ACCESS, True),
    ],
)
def test_staff_stands_in_for_the_challenge_but_never_at_a_door(kind: TicketKind, purpose: Purpose, asked: bool) -> None:
    assert bool(prompts_for(required(replace(ATTENDED, kind=kind, purpose=purpose), passive=True))) is asked


def test_sides_and_order_are_drawn_anew() -> None:
    drawn = {prompts_for(required(ENROL, passive=True)) for _ in range(200)}
    assert len(drawn) == 6
    assert all(sorted(prompts) == sorted(Prompt) for prompts in drawn)
    assert {prompts_for(required(TICKET, passive=True)) for _ in range(60)} == {(Prompt.TURN_LEFT,), (Prompt.TURN_RIGHT,)}


def test_a_kiosk_has_words_for_every_code_in_both_languages() -> None:
    assert HINTS.keys() == {NO_FACE, *map(str, Component)}
    assert PHASES.keys() == set(CapturePhase)
    assert all(words.keys() == {"zh-CN", "en"} and all(words.values()) for table in (HINTS, PHASES, REFUSALS) for words in table.values())

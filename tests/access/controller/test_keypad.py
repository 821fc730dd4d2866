"""Keys at a door become a number and its PIN, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consentry.access.controller.keypad import PATIENCE, Keypad
from consentry.access.proving import CardShown, PinShown

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
CARD = CardShown("gate", "uid", b"\x01\x02\x03\x04")


@pytest.mark.parametrize(
    ("keys", "entered"),
    [
        ("1201#482915#", [("1201", "482915")]),
        ("12*1201#482915#", [("1201", "482915")]),
        ("1201#48*1202#482915#", [("1202", "482915")]),
        ("1201#482915#1202#111222#", [("1201", "482915"), ("1202", "111222")]),
        ("#1201#482915#", [("1201", "482915")]),
        ("1201#482915", []),
        ("1201##", [("1201", "")]),
        ("a1b2c#x4y5#", [("12", "45")]),
    ],
)
def test_a_unit_and_its_pin_each_end_with_a_hash(keys: str, entered: list[tuple[str, str]]) -> None:
    assert Keypad("gate").press(keys, NOON) == tuple(PinShown("gate", unit, pin) for unit, pin in entered)


def test_after_a_card_its_pin_alone_is_asked() -> None:
    keypad = Keypad("gate")
    keypad.press("12", NOON)
    keypad.await_pin(CARD, NOON)
    assert keypad.press("482915#", NOON) == (PinShown("gate", CARD, "482915"),)
    assert keypad.press("1201#482915#", NOON) == (PinShown("gate", "1201", "482915"),)


def test_a_half_entered_number_is_no_beginning_for_the_next_person() -> None:
    keypad = Keypad("gate")
    keypad.press("1201#4829", NOON)
    later = NOON + PATIENCE + timedelta(seconds=1)
    assert keypad.press("15#", later) == ()
    assert keypad.press("482915#", later) == (PinShown("gate", "15", "482915"),)


def test_a_stuck_key_does_not_fill_the_memory() -> None:
    keypad = Keypad("gate")
    keypad.press("7" * 100_000 + "#", NOON)
    (shown,) = keypad.press("1#", NOON)
    assert isinstance(shown.unit, str)
    assert len(shown.unit) < 50

"""Keys at a door become a number and its PIN, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consentry.access.controller.keypad import PATIENCE, Keypad
from consentry.access.proving import CardShown, PinShown

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
CARD, OTHER = (CardShown("gate", "uid", bytes([number, 2, 3, 4])) for number in (1, 9))


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


def test_what_is_stale_is_gone_before_anybody_asks_when_the_entry_began() -> None:
    keypad = Keypad("gate")
    keypad.press("12", NOON)
    keypad.forget_stale(NOON + PATIENCE)
    assert keypad.began == NOON
    keypad.forget_stale(NOON + PATIENCE + timedelta(milliseconds=1))
    assert keypad.began is None


def given_up(first: str, after: timedelta = timedelta(0)) -> tuple[CardShown, ...]:
    """Return the cards that are given up where a card waits, something is entered, and time goes by."""
    keypad = Keypad("gate")
    keypad.await_pin(CARD, NOON)
    if first == "other":
        keypad.await_pin(OTHER, NOON)
    elif first == "again":
        keypad.await_pin(CARD, NOON)
    else:
        keypad.press(first, NOON)
    found = keypad.given_up(NOON + after)
    assert keypad.given_up(NOON + after) == (), "once"
    return found


LATE = PATIENCE + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("first", "after", "found"),
    [
        ("", PATIENCE, ()),
        ("", LATE, (CARD,)),
        ("", timedelta(seconds=-1), (CARD,)),
        ("4829", LATE, (CARD,)),
        ("482915#", LATE, ()),
        ("*", timedelta(0), (CARD,)),
        ("other", timedelta(0), (CARD,)),
        ("other", LATE, (CARD, OTHER)),
        ("again", timedelta(0), ()),
        ("again", LATE, (CARD,)),
    ],
)
def test_a_card_whose_pin_never_comes_is_given_up(first: str, after: timedelta, found: tuple[CardShown, ...]) -> None:
    assert given_up(first, after) == found


def test_a_pin_that_is_entered_elsewhere_is_that_of_the_card_that_waits() -> None:
    keypad, unit = Keypad("gate"), PinShown("gate", "1201", "482915")
    keypad.await_pin(CARD, NOON)
    assert keypad.joined(unit) == unit
    assert keypad.waits
    assert keypad.joined(PinShown("gate", "", "482915")) == PinShown("gate", CARD, "482915")
    assert not keypad.waits
    assert keypad.joined(PinShown("gate", "", "482915")) == PinShown("gate", "", "482915"), "none waits"
    assert keypad.given_up(NOON + LATE) == ()


def test_a_stuck_key_does_not_fill_the_memory() -> None:
    keypad = Keypad("gate")
    keypad.press("7" * 100_000 + "#", NOON)
    (shown,) = keypad.press("1#", NOON)
    assert isinstance(shown.unit, str)
    assert len(shown.unit) < 50

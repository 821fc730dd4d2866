"""Keys at a door become a number and its PIN, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from consentry.access.controller.keypad import PATIENCE, Keypad
from consentry.access.model import EntryDigits
from consentry.access.proving import CardShown, PinShown

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
HASHES = EntryDigits()
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
        ("1201##482915##1202#", [("1201", "482915")]),
        ("a1b2c#x4y5#", [("12", "45")]),
    ],
)
def test_a_unit_and_its_pin_each_end_with_a_hash(keys: str, entered: list[tuple[str, str]]) -> None:
    assert Keypad("gate").press(keys, NOON, HASHES) == tuple(PinShown("gate", unit, pin) for unit, pin in entered)


@pytest.mark.parametrize(
    ("unit", "pin", "keys", "entered"),
    [
        (4, 6, "1201482915", [("1201", "482915")]),
        (4, 6, "12014829151202111222", [("1201", "482915"), ("1202", "111222")]),
        (4, 6, "1201#482915#1202#111222#", [("1201", "482915"), ("1202", "111222")]),
        (4, 6, "1201##482915##", [("1201", "482915")]),
        (4, 6, "1209*1201482915", [("1201", "482915")]),
        (4, 6, "120#482915", [("120", "482915")]),
        (4, 6, "12014829#", [("1201", "4829")]),
        (4, 6, "120148291", []),
        (None, 6, "31201#482915", [("31201", "482915")]),
        (4, None, "12014829150#", [("1201", "4829150")]),
        (4, 8, "120148291500", [("1201", "48291500")]),
    ],
)
def test_as_many_digits_as_all_have_end_a_unit_and_a_pin_and_a_hash_after_them_is_nothing(
    unit: int | None, pin: int | None, keys: str, entered: list[tuple[str, str]]
) -> None:
    wanted = tuple(PinShown("gate", *one) for one in entered)
    at_once, keypad = Keypad("gate").press(keys, NOON, EntryDigits(unit, pin)), Keypad("gate")
    one_by_one = [shown for key in keys for shown in keypad.press(key, NOON, EntryDigits(unit, pin))]
    assert at_once == tuple(one_by_one) == wanted


def test_a_hash_that_nobody_needs_does_not_begin_the_next_entry() -> None:
    keypad = Keypad("gate")
    keypad.press("1201482915#", NOON, EntryDigits(4, 6))
    assert keypad.began is None
    later = NOON + timedelta(seconds=5)
    keypad.press("1", later, EntryDigits(4, 6))
    assert keypad.began == later


def test_after_a_card_its_pin_alone_is_asked() -> None:
    keypad = Keypad("gate")
    keypad.press("12", NOON, HASHES)
    keypad.await_pin(CARD, NOON)
    assert keypad.press("482915#", NOON, HASHES) == (PinShown("gate", CARD, "482915"),)
    keypad.await_pin(CARD, NOON)
    assert keypad.press("#482915", NOON, EntryDigits(4, 6)) == (PinShown("gate", CARD, "482915"),)
    assert keypad.press("1201#482915#", NOON, HASHES) == (PinShown("gate", "1201", "482915"),)


def test_a_half_entered_number_is_no_beginning_for_the_next_person() -> None:
    keypad = Keypad("gate")
    keypad.press("1201#4829", NOON, HASHES)
    later = NOON + PATIENCE + timedelta(seconds=1)
    assert keypad.press("15#", later, HASHES) == ()
    assert keypad.press("482915#", later, HASHES) == (PinShown("gate", "15", "482915"),)


def test_what_is_stale_is_gone_before_anybody_asks_when_the_entry_began() -> None:
    keypad = Keypad("gate")
    keypad.press("12", NOON, HASHES)
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
    elif first == "give up":
        keypad.clear()
    elif first == "again":
        keypad.await_pin(CARD, NOON)
    else:
        keypad.press(first, NOON, HASHES)
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
        ("give up", timedelta(0), (CARD,)),
        ("other", LATE, (CARD, OTHER)),
        ("again", timedelta(0), ()),
        ("again", LATE, (CARD,)),
    ],
)
def test_a_card_whose_pin_never_comes_is_given_up(first: str, after: timedelta, found: tuple[CardShown, ...]) -> None:
    assert given_up(first, after) == found


def test_a_pin_that_is_entered_elsewhere_is_that_of_the_card_that_waits() -> None:
    keypad = Keypad("gate")
    keypad.await_pin(CARD, NOON)
    assert keypad.joined(PinShown("gate", "", "482915")) == PinShown("gate", CARD, "482915")
    assert not keypad.waits
    assert keypad.joined(PinShown("gate", "", "482915")) == PinShown("gate", "", "482915"), "none waits"
    assert keypad.given_up(NOON + LATE) == ()


@pytest.mark.parametrize("of", ["1201", OTHER])
def test_a_pin_of_somebody_else_that_is_entered_elsewhere_gives_up_the_card_that_waits(of: str | CardShown) -> None:
    keypad, shown = Keypad("gate"), PinShown("gate", of, "482915")
    keypad.await_pin(CARD, NOON)
    keypad.press("4829", NOON, HASHES)
    assert keypad.joined(shown) == shown
    assert not keypad.waits
    assert keypad.given_up(NOON) == (CARD,)
    assert keypad.press("1201#482915#", NOON, HASHES) == (PinShown("gate", "1201", "482915"),)


def test_a_stuck_key_does_not_fill_the_memory() -> None:
    keypad = Keypad("gate")
    keypad.press("7" * 100_000 + "#", NOON, HASHES)
    (shown,) = keypad.press("1#", NOON, HASHES)
    assert isinstance(shown.unit, str)
    assert len(shown.unit) < 50

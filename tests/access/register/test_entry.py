"""How many digits end what is entered at a keypad: everybody's have as many, or ``#`` ends it, and nobody is locked out by a setting."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.marks import typed_unit
from consentry.access.model import CredentialState, EntryDigits
from consentry.access.register import LoanDraft, PersonName, PinDraft
from consentry.access.rules.pins import entry_digits
from consentry.access.service import credentials, lending, people, pins
from consentry.platform.errors import ConflictError, ConsentryError, InputError
from tests.access.register.house import STAFF, WHY

if TYPE_CHECKING:
    from tests.access.register.house import Doorstep, House

RULE = {"id": "residents", "group": "residents", "doors": ["front"], "schedule": None, "deny": False}
COUNTS = st.none() | st.integers(4, 8)


def set_access(house: House, **digits: int) -> None:
    """Let the settings say how many digits there are."""
    text = house.site.store.text.partition("[access]")[0]
    house.rewrite(text + "[access]\n" + "".join(f"{name} = {many}\n" for name, many in digits.items()))


@pytest.fixture
def main(house: House) -> Doorstep:
    house.apply([RULE])
    return house.paired("main")


@given(st.builds(EntryDigits, COUNTS, COUNTS), st.lists(st.builds(EntryDigits, COUNTS, COUNTS)))
def test_a_number_of_digits_ends_an_entry_only_where_it_is_everybodys(said: EntryDigits, held: list[EntryDigits]) -> None:
    found = entry_digits(said, held)
    for name in ("unit", "pin"):
        fits = all(getattr(one, name) in (None, getattr(said, name)) for one in held)
        assert getattr(found, name) == (getattr(said, name) if fits else None)


def test_a_house_that_says_nothing_has_pins_of_six_digits_and_units_of_any_length(house: House, main: Doorstep) -> None:
    for name, unit in (("王", "3-1201"), ("李", "7")):
        assert len(pins.set_pin(house.site, STAFF, house.member(name, unit).id, PinDraft()).pin or "") == 6
    assert main.read().entry == EntryDigits(None, 6)
    set_access(house, unit_digits=5)
    assert main.read().entry == EntryDigits(None, 6), "unit 7 is typed with one"


def test_other_digits_lock_nobody_out_and_hold_once_everybody_has_as_many(house: House, main: Doorstep) -> None:
    set_access(house, unit_digits=5)
    first, second = house.member("王", "3-1201"), house.member("李", "3-1202")
    made = pins.set_pin(house.site, STAFF, first.id, PinDraft(pin="918273")).credential
    pins.set_pin(house.site, STAFF, second.id, PinDraft(pin="918273"))
    number = main.read()
    assert number.entry == EntryDigits(5, 6)
    set_access(house, unit_digits=5, pin_digits=8)
    assert main.read().entry == EntryDigits(5, None)
    assert main.read().number == number.number + 1
    assert len(pins.set_pin(house.site, STAFF, second.id, PinDraft(with_duress=True)).duress or "") == 8
    assert main.read().entry == EntryDigits(5, None)
    credentials.change_state(house.site, STAFF, made.id, CredentialState.ENDED, WHY)
    assert main.read().entry == EntryDigits(5, 8)


def test_a_pin_or_a_unit_that_does_not_fit_is_refused_and_the_setting_named(house: House) -> None:
    set_access(house, unit_digits=5, pin_digits=7)
    person = house.member("王", "3-1201")
    with pytest.raises(InputError, match=r"\[access\] pin_digits") as refused:
        pins.set_pin(house.site, STAFF, person.id, PinDraft(pin="918273"))
    assert refused.value.code == "pin.digits"
    for unit in ("1201", "13-1201"):
        with pytest.raises(InputError, match=r"\[access\] unit_digits") as refused:
            house.member("李", unit)
        assert refused.value.code == "access.unit-digits"
    with pytest.raises(InputError, match=r"\[access\] unit_digits"):
        people.rename_person(house.site, STAFF, person.id, PersonName("王", "1201"), WHY)


def test_digits_that_are_asked_of_units_later_keep_nobody_from_what_needs_no_pin(house: House) -> None:
    owner = house.member("王", "3-1201")
    card = house.card(owner)
    set_access(house, unit_digits=6)
    people.rename_person(house.site, STAFF, owner.id, PersonName("王安", "3-1201"), WHY)
    house.member("王二", "3 - 1201")
    lending.lend(house.site, STAFF, owner.id, LoanDraft(card.id, PersonName("保姆"), ("front",), house.site.clock.now() + timedelta(days=1)), WHY)
    with pytest.raises(InputError, match=r"\[access\] unit_digits") as refused:
        pins.set_pin(house.site, STAFF, owner.id, PinDraft())
    assert refused.value.code == "access.unit-digits"


def test_a_unit_without_digits_has_people_and_no_pin(house: House) -> None:
    set_access(house, unit_digits=5)
    keeper = house.member("李", "Lobby")
    with pytest.raises(ConflictError, match="no digit") as refused:
        pins.set_pin(house.site, STAFF, keeper.id, PinDraft())
    assert refused.value.code == "pin.no-number"
    assert pins.set_pin(house.site, STAFF, keeper.id, PinDraft(with_card=house.card(keeper).id)).pin


def test_two_units_that_are_typed_alike_are_not_both_entered_before_a_pin(house: House) -> None:
    first, second = house.member("王", "1-1201"), house.member("李", "11-201")
    pins.set_pin(house.site, STAFF, first.id, PinDraft(pin="918273"))
    for again in (lambda: pins.set_pin(house.site, STAFF, second.id, PinDraft(pin="564738")), lambda: house.member("赵", "1-1-201")):
        with pytest.raises(ConsentryError) as refused:
            again()
        assert refused.value.code == "access.unit-alike"
    flatmate = house.member("钱", "1 - 1201")
    pins.set_pin(house.site, STAFF, flatmate.id, PinDraft(pin="564738"))
    people.rename_person(house.site, STAFF, second.id, PersonName("李", "11-0201"), WHY)
    pins.set_pin(house.site, STAFF, second.id, PinDraft(pin="564738"))


@pytest.mark.parametrize(
    ("unit", "typed"), [("3-1201", "31201"), ("\uff13 \uff0d \uff11\uff12\uff10\uff11", "31201"), ("B栋 7", "7"), ("penthouse", ""), ("三", "")]
)
def test_a_unit_is_typed_by_its_digits(unit: str, typed: str) -> None:
    assert typed_unit(unit) == typed

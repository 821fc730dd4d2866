"""PINs: six digits that nobody guesses first, told once, and of nobody else behind the same number."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from consentry.access.marks import inner_pin, salt_bytes
from consentry.access.model import CredentialKind, CredentialState
from consentry.access.records.credentials import CredentialRow
from consentry.access.register import PinDraft
from consentry.access.rules.pins import is_trivial
from consentry.access.service import credentials, pins
from consentry.access.work import CREDENTIALS
from consentry.platform.errors import ConflictError, ConsentryError
from consentry.platform.keys.sealing import Sealed, opened
from tests.access.register.house import STAFF, WHY, House

TRIVIAL = ("000000", "111112", "123456", "654321", "890123", "012345678", "121212", "123123", "112112", "19900101", "01311999", "20261121")
FINE = ("918273", "40159382", "135791", "102938475610")


def test_the_first_guesses_are_trivial_and_others_are_not() -> None:
    assert [pin for pin in TRIVIAL if not is_trivial(pin)] == []
    assert [pin for pin in FINE if is_trivial(pin)] == []
    assert is_trivial("312031", "3-12") is False
    for pin, unit in (("031201", "3-1201"), ("312010", "3-1201"), ("312312", "3-12"), ("120112", "1201")):
        assert is_trivial(pin, unit), pin


@given(st.from_regex(r"[0-9]{1,3}", fullmatch=True), st.integers(6, 12))
def test_a_short_block_again_and_again_is_trivial(block: str, length: int) -> None:
    assert is_trivial((block * length)[:length])


def test_of_all_six_digit_numbers_less_than_one_in_fifty_is_trivial() -> None:
    """A rule that refuses too much helps whoever guesses."""
    assert sum(is_trivial(f"{number:06}") for number in range(0, 10**6, 7)) < 10**6 / 7 / 50


def stored(house: House, credential: str) -> dict[str, str]:
    with house.site.database.reading() as session:
        row = session.get_one(CredentialRow, credential)
        return opened(house.site.keys, CREDENTIALS, row.id, Sealed(row.wrapped or b"", row.sealed or b""))


def test_a_made_pin_is_told_once_and_kept_as_argon2id_alone(house: House) -> None:
    issued = pins.set_pin(house.site, STAFF, house.member().id, PinDraft(with_duress=True))
    assert issued.pin is not None
    assert issued.duress is not None
    assert (issued.pin[:-1], issued.pin[-1] == issued.duress[-1]) == (issued.duress[:-1], False)
    assert issued.pin not in repr(issued)
    kept = stored(house, issued.credential.id)
    assert base64.b64decode(kept["inner"]) == inner_pin(issued.pin, salt_bytes(kept["salt"]))
    assert base64.b64decode(kept["duress"]) == inner_pin(issued.duress, salt_bytes(kept["salt"]))
    assert issued.credential.has_duress
    assert not any(issued.pin in str(act) for act in house.acts())
    chosen = pins.set_pin(house.site, STAFF, house.member("李", "7").id, PinDraft(pin="918273", duress="918274"))
    assert (chosen.pin, chosen.duress) == (None, None)


REFUSED = (
    ("pin.form", PinDraft(pin="12345")),
    ("pin.form", PinDraft(pin="\uff19\uff11\uff18\uff12\uff17\uff13")),
    ("pin.form", PinDraft(pin="91827a")),
    ("pin.unsuitable", PinDraft(pin="123456")),
    ("pin.unsuitable", PinDraft(pin="031201")),
    ("pin.unsuitable", PinDraft(pin="918273", duress="123456")),
    ("pin.form", PinDraft(pin="123456", duress="1")),
    ("pin.duress", PinDraft(pin="918273", duress="918273")),
    ("pin.duress", PinDraft(pin="918273", duress="018273")),
    ("pin.duress", PinDraft(pin="918273", duress="9182745")),
    ("credential.unknown", PinDraft(with_card="no-card", pin="918273")),
)


def test_what_cannot_be_a_pin_is_refused(house: House) -> None:
    person = house.member()
    for code, draft in REFUSED:
        with pytest.raises(ConsentryError) as refused:
            pins.set_pin(house.site, STAFF, person.id, draft)
        assert refused.value.code == code
    with pytest.raises(ConflictError) as missing:
        pins.set_pin(house.site, STAFF, house.member("李", None).id, PinDraft())
    assert missing.value.code == "pin.no-number"


def test_behind_one_number_nobody_has_anothers_pin_nor_their_duress_pin(house: House) -> None:
    """Of two who shared one, the door could not tell who came, or would take the one's alarm for the other's entry."""
    first, second = house.member(), house.member("李", "3-1201")
    pins.set_pin(house.site, STAFF, first.id, PinDraft(pin="918273", duress="918274"))
    said = set()
    # The last is refused as easy to guess: of what others have, the answer tells nothing.
    for draft in (PinDraft(pin="918273"), PinDraft(pin="918274"), PinDraft(pin="918275", duress="918274"), PinDraft(pin="123456")):
        with pytest.raises(ConsentryError) as refused:
            pins.set_pin(house.site, STAFF, second.id, draft)
        said.add((refused.value.code, str(refused.value)))
    assert {code for code, _ in said} == {"pin.unsuitable"}
    assert len(said) == 1
    elsewhere = house.member("赵", "3-1202")
    pins.set_pin(house.site, STAFF, elsewhere.id, PinDraft(pin="918273"))


@pytest.mark.parametrize(("duress", "code"), [("1", "pin.form"), ("91827a", "pin.form"), ("9182745", "pin.duress")])
def test_a_duress_pin_of_a_wrong_form_does_not_tell_which_pins_others_have(house: House, duress: str, code: str) -> None:
    """Whoever asks so sets nothing: the answer to a number that is taken and to one that is free must be the same."""
    pins.set_pin(house.site, STAFF, house.member().id, PinDraft(pin="918273", duress="918274"))
    second = house.member("李", "3-1201")
    for guess in ("918273", "918274", "918275"):
        with pytest.raises(ConsentryError) as refused:
            pins.set_pin(house.site, STAFF, second.id, PinDraft(pin=guess, duress=duress))
        assert refused.value.code == code


def test_all_pins_of_a_number_have_one_salt_and_one_pin_each_person(any_house: House) -> None:
    first, second = any_house.member(), any_house.member("李", "3-1201")
    one = pins.set_pin(any_house.site, STAFF, first.id, PinDraft(pin="918273")).credential
    other = pins.set_pin(any_house.site, STAFF, second.id, PinDraft(pin="564738")).credential
    assert stored(any_house, one.id)["salt"] == stored(any_house, other.id)["salt"]
    again = pins.set_pin(any_house.site, STAFF, first.id, PinDraft(pin="847261")).credential
    with any_house.site.database.reading() as session:
        live = select(CredentialRow.id).where(CredentialRow.kind == CredentialKind.PIN, CredentialRow.state == CredentialState.ACTIVE)
        assert set(session.scalars(live)) == {other.id, again.id}


def test_a_pin_goes_with_a_card_of_its_own_person_that_opens_something(house: House) -> None:
    person, other = house.member(), house.member("李", "3-1202")
    card = house.card(person)
    with pytest.raises(ConsentryError) as refused:
        pins.set_pin(house.site, STAFF, other.id, PinDraft(with_card=card.id))
    assert refused.value.code == "credential.kind"
    credentials.change_state(house.site, STAFF, card.id, CredentialState.LOST, WHY)
    with pytest.raises(ConflictError) as rests:
        pins.set_pin(house.site, STAFF, person.id, PinDraft(with_card=card.id))
    assert rests.value.code == "credential.card-rests"

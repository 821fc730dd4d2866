from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.access.hardware.ports import CardFormat, ReadKind
from consentry.access.hardware.wiegand import SpoiledReadError, read_bits, wiegand_bits

NUMBERS = st.one_of(st.binary(min_size=3, max_size=3), st.binary(min_size=4, max_size=4))


@pytest.mark.parametrize(
    ("bits", "number"),
    [
        # Facility 1, card 1 by hand: the first twelve bits hold one 1, so the even bit is set; the last twelve hold one 1, so the odd bit is not.
        ("1" + "00000001" + "0000000000000001" + "0", "010001"),
        ("0" + "00000000" + "0000000000000000" + "1", "000000"),
        ("0" + "11111111" + "1111111111111111" + "1", "ffffff"),
        ("1" + "0000000000000001" + "0000000000000011" + "1", "00010003"),
    ],
)
def test_known_bursts_are_read(bits: str, number: str) -> None:
    heard = read_bits(int(bits, 2), len(bits))
    assert (heard.kind, heard.data.hex()) == (ReadKind.CARD, number)
    assert heard.format is {26: CardFormat.WIEGAND26, 34: CardFormat.WIEGAND34}[len(bits)]


@given(NUMBERS)
def test_a_card_comes_back_as_it_was_sent(number: bytes) -> None:
    assert read_bits(*wiegand_bits(number)).data == number


@given(NUMBERS, st.data())
def test_one_wrong_bit_is_always_noticed(number: bytes, data: st.DataObject) -> None:
    value, length = wiegand_bits(number)
    wrong = value ^ 1 << data.draw(st.integers(0, length - 1))
    with pytest.raises(SpoiledReadError) as caught:
        read_bits(wrong, length)
    assert str(value) not in str(caught.value)


@given(st.integers(0, 140), st.integers(0, 2**140))
def test_any_burst_is_a_read_or_spoiled(length: int, value: int) -> None:
    try:
        heard = read_bits(value, length)
    except SpoiledReadError:
        return
    assert heard.data
    assert value < 1 << length


@pytest.mark.parametrize(("value", "length", "key"), [(0, 4, "0"), (9, 4, "9"), (10, 4, "*"), (11, 4, "#"), (0xE1, 8, "1"), (0x4B, 8, "#")])
def test_keys_are_read(value: int, length: int, key: str) -> None:
    assert (read_bits(value, length).kind, read_bits(value, length).data) == (ReadKind.KEYS, key.encode())


@pytest.mark.parametrize(("value", "length"), [(12, 4), (15, 4), (0xE2, 8), (0x11, 8), (1, 1), (1, 23), (1, 129), (16, 4), (-1, 26)])
def test_what_is_neither_card_nor_key_is_spoiled(value: int, length: int) -> None:
    with pytest.raises(SpoiledReadError):
        read_bits(value, length)


def test_cards_of_other_lengths_keep_their_number_of_bits() -> None:
    assert read_bits(1, 32).data != read_bits(1, 37).data != read_bits(1, 40).data
    assert read_bits(1, 37).format is CardFormat.BITS

from __future__ import annotations

import secrets

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from consentry.access.hardware.card_keys import DiversifiedKeys, SimulatedCard, proved_card
from consentry.access.hardware.ports import CardFormat, DeviceError

UID = bytes.fromhex("04782E21801D80")
KEYS = DiversifiedKeys(bytes.fromhex("00112233445566778899AABBCCDDEEFF"), bytes.fromhex("3042F5"), b"NXP Abu")
"""The inputs of the example in AN10922, section 2.2.1."""


def test_the_example_of_an10922_gives_its_key() -> None:
    assert KEYS.key_of(UID).hex().upper() == "A8DD63A3B89D54B37CA802473FDA9175"


@pytest.mark.parametrize("size", [6, 13, 20, 21])
def test_keys_agree_with_the_application_notes_steps_written_out(size: int) -> None:
    keys = DiversifiedKeys(secrets.token_bytes(16), secrets.token_bytes(3), secrets.token_bytes(size))
    assert keys.key_of(UID) == written_out(keys.master, UID + keys.application + keys.system)


@pytest.mark.parametrize("size", [5, 22])
def test_too_little_or_too_much_to_diversify_by_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="together have"):
        DiversifiedKeys(bytes(16), bytes(3), bytes(size)).key_of(UID)


def test_a_card_with_its_own_key_is_proved() -> None:
    heard = proved_card(SimulatedCard(UID, KEYS.key_of(UID)), KEYS)
    assert (heard.data, heard.format) == (UID, CardFormat.DESFIRE)


@pytest.mark.parametrize("uid", [UID, bytes.fromhex("04782E21801D81")])
def test_a_card_with_a_copied_uid_is_not(uid: bytes) -> None:
    other = KEYS.key_of(bytes.fromhex("04000000000001"))
    with pytest.raises(DeviceError, match="did not prove"):
        proved_card(SimulatedCard(uid, other), KEYS)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 32])
def test_a_card_that_answers_anything_else_is_not(length: int) -> None:
    class Liar(SimulatedCard):
        def respond(self, token: bytes) -> bytes:
            del token
            return bytes(length)

    class Mumbler(SimulatedCard):
        def challenge(self, key_number: int) -> bytes:
            del key_number
            return bytes(length)

    for card in (Liar, Mumbler):
        with pytest.raises(DeviceError, match="did not prove"):
            proved_card(card(UID, KEYS.key_of(UID)), KEYS)


def test_what_a_card_once_answered_proves_nothing_the_next_time() -> None:
    class Recorded(SimulatedCard):
        answers: tuple[bytes, bytes] | None = None

        def challenge(self, key_number: int) -> bytes:
            return self.answers[0] if self.answers else super().challenge(key_number)

        def respond(self, token: bytes) -> bytes:
            if self.answers:
                return self.answers[1]
            first = self._first
            self.answers = first, super().respond(token)
            return self.answers[1]

    card = Recorded(UID, KEYS.key_of(UID))
    proved_card(card, KEYS)
    with pytest.raises(DeviceError, match="did not prove"):
        proved_card(card, KEYS)


def written_out(master: bytes, said: bytes) -> bytes:
    """AN10922, section 2.2, step by step, of AES in ECB alone."""

    def encrypted(block: bytes) -> bytes:
        encryptor = Cipher(AES(master), ECB()).encryptor()  # noqa: S305 - single blocks, as the note has it
        return encryptor.update(block) + encryptor.finalize()

    def doubled(block: bytes) -> bytes:
        value = int.from_bytes(block, "big") << 1
        return ((value ^ 0x87 if value >> 128 else value) & (1 << 128) - 1).to_bytes(16, "big")

    first = doubled(encrypted(bytes(16)))
    message = b"\x01" + said
    mask = first if len(message) == 32 else doubled(first)
    padded = message if len(message) == 32 else (message + b"\x80").ljust(32, b"\0")
    last = bytes(left ^ right for left, right in zip(padded[16:], mask, strict=True))
    return encrypted(bytes(left ^ right for left, right in zip(encrypted(padded[:16]), last, strict=True)))

from __future__ import annotations

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from consentry.staff import passwords

REAL = passwords._HASHER  # noqa: SLF001 - before the tests' fixture puts a cheap one in its place
REAL_NOBODY = passwords._NOBODY  # noqa: SLF001 - as above


def test_hashes_outside_tests_have_the_second_recommended_parameters_of_rfc_9106(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", REAL)
    for hashed in (passwords.hash_password("seven words in a row"), REAL_NOBODY):
        used = extract_parameters(hashed)
        assert (used.type, used.version, used.time_cost, used.memory_cost, used.parallelism) == (Type.ID, 19, 3, 65536, 4)
        assert used.salt_len >= 16
        assert used.hash_len >= 32


def test_a_password_verifies_against_its_own_hash_alone() -> None:
    hashed = passwords.hash_password("seven words in a row")
    assert passwords.verify_password(hashed, "seven words in a row")
    assert not passwords.verify_password(hashed, "seven words in a raw")
    assert passwords.hash_password("seven words in a row") != hashed


@pytest.mark.parametrize("hashed", [None, "", "plain text", "$argon2id$v=19$m=8,t=1,p=1$broken"])
def test_where_there_is_no_hash_no_password_is_right(hashed: str | None) -> None:
    assert not passwords.verify_password(hashed, "nobody")
    assert not passwords.verify_password(hashed, "")


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert not passwords.is_outdated(passwords.hash_password("seven words in a row"))
    assert passwords.is_outdated(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1).hash("seven words in a row"))

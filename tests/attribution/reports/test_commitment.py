"""``commitments.json`` holds vectors for every implementation: this one, and the script of the agent's page."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.attribution.commitment import Ground, commitment, is_opened
from consentry.platform.errors import InputError
from tests.attribution.reports.office import PHONE

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

VECTORS: list[dict[str, str]] = json.loads(Path(__file__).with_name("commitments.json").read_text(encoding="utf-8"))
GROUND = Ground("https://hall.lan:8443", "garden", "agency", "5f" * 32)
SALT = bytes(range(32))


def made(vector: dict[str, str]) -> bytes:
    ground = Ground(vector["origin"], vector["project"], vector["agency"], vector["nonce"])
    return commitment(ground, bytes.fromhex(vector["salt"]), vector["phone"])


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["commitment"][:8] for vector in VECTORS])
def test_a_commitment_is_the_one_of_the_vector(vector: dict[str, str]) -> None:
    assert made(vector).hex() == vector["commitment"]


def test_the_vector_is_what_another_program_computes() -> None:
    """OpenSSL hashes bytes that are laid out here by hand."""
    program = shutil.which("openssl")
    assert program, "the tests of backups need openssl as well"
    vector = VECTORS[0]
    texts = [vector[name].encode() for name in ("origin", "project", "agency", "nonce")]
    parts = [*texts, bytes.fromhex(vector["salt"]), vector["phone"].encode()]
    laid_out = b"".join(b"\0\0" + bytes([len(part) // 256, len(part) % 256]) + part for part in parts)
    told = subprocess.run([program, "dgst", "-sha256", "-r"], input=laid_out, capture_output=True, check=True)
    assert told.stdout.split()[0].decode() == vector["commitment"]


@st.composite
def six_parts(draw: DrawFn) -> tuple[Ground, bytes, str]:
    texts = draw(st.tuples(*(st.text(max_size=4) for _ in range(4))))
    return Ground(*texts), draw(st.binary(min_size=32, max_size=32)), draw(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))


@given(six_parts(), six_parts())
def test_other_parts_make_another_commitment(one: tuple[Ground, bytes, str], other: tuple[Ground, bytes, str]) -> None:
    assert (commitment(*one) == commitment(*other)) == (one == other)
    assert is_opened(commitment(*one), *one)
    assert is_opened(commitment(*one), *other) == (one == other)


@given(st.text(min_size=1, max_size=3), st.text(max_size=3), st.text(max_size=3))
def test_moving_a_letter_from_one_part_to_the_next_makes_another(first: str, second: str, third: str) -> None:
    moved = commitment(Ground(first[:-1], first[-1] + second, third, ""), SALT, PHONE)
    assert moved != commitment(Ground(first, second, third, ""), SALT, PHONE)


@pytest.mark.parametrize(
    ("salt", "phone", "code"),
    [
        (b"", PHONE, "commitment.salt"),
        (SALT[:31], PHONE, "commitment.salt"),
        (SALT + b"\0", PHONE, "commitment.salt"),
        (SALT, "13812345678", "commitment.phone"),
        (SALT, PHONE + "\n", "commitment.phone"),
        (SALT, "+0613812345678", "commitment.phone"),
        (SALT, "+86１3812345678", "commitment.phone"),  # noqa: RUF001 - a digit of another script is the point
        (SALT, "", "commitment.phone"),
    ],
)
def test_what_no_page_commits_to_is_refused(salt: bytes, phone: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        commitment(GROUND, salt, phone)
    assert refused.value.code == code

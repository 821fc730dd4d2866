"""The scanner for residue finds each form, in files and in memory, at any offset, and nothing where there is nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.recognition.transform import KeyedTransform
from tests.recognition.vault.residue import AT_ONCE, WINDOW, Residue, template_forms
from tests.recognition.vault.vectors import strangers

if TYPE_CHECKING:
    from pathlib import Path

DIMENSION = 128
KEY = np.random.default_rng(5).bytes(32)
FORMS = template_forms(strangers(np.random.default_rng(3), 1, DIMENSION)[0], KeyedTransform(bytes(32), DIMENSION)) | {"key": KEY}
NOISE = np.random.default_rng(4).bytes(100_003)

HOLDER = """
import sys
held = bytearray(bytes.fromhex(sys.stdin.readline().strip()))
for index in range(len(held)):
    held[index] ^= 0x5A
print("ready", flush=True)
sys.stdin.readline()
"""
"""A process that holds what it reads, which arrives disguised: what is found was made in its memory."""


def test_every_form_that_the_law_names_is_looked_for() -> None:
    kinds = {f"{name} {kind}" for name in ("plain", "rotated", "kept") for kind in ("<f2", "<f4", "<f8", "signs, big", "signs, little", "signs, gallery")}
    assert set(FORMS) == kinds | {"key"}
    assert len(FORMS["rotated signs, big"]) == DIMENSION // 8


@pytest.mark.parametrize("form", FORMS)
def test_a_single_window_of_each_form_is_found_at_every_offset_of_a_word(form: str) -> None:
    residue = Residue(FORMS)
    places = {0, len(FORMS[form]) - WINDOW, (len(FORMS[form]) - WINDOW) // 2 + 1 if len(FORMS[form]) > WINDOW else 0}
    for place in places:
        window = FORMS[form][place : place + WINDOW]
        for shift in range(8):
            content = NOISE[: 1000 + shift] + window + NOISE[2000:3000]
            found = [finding for finding in residue.in_bytes(content) if finding.form == form]
            assert [(finding.offset, finding.length) for finding in found] == [(1000 + shift, WINDOW)]


def test_fifteen_bytes_are_not_reported_and_noise_is_not() -> None:
    residue = Residue(FORMS)
    assert residue.in_bytes(NOISE) == []
    assert residue.in_bytes(bytes(100_000)) == []
    for form in FORMS.values():
        assert residue.in_bytes(NOISE[:100] + form[: WINDOW - 1] + bytes([form[WINDOW - 1] ^ 1]) + NOISE[100:200]) == []


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_found_in_a_file_and_in_the_memory_of_a_process(form: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "records.db-wal"
    path.write_bytes(NOISE + FORMS[form] + NOISE)
    residue = Residue({form: FORMS[form]})
    found = residue.in_folder(tmp_path)
    assert [(finding.place, finding.offset, finding.length) for finding in found] == [(str(path), len(NOISE), len(FORMS[form]))]
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(bytes(byte ^ 0x5A for byte in FORMS[form]).hex() + "\n")
        process.stdin.flush()
        assert process.stdout.readline() == "ready\n"
        in_memory = residue.in_process(process.pid)
        process.communicate("\n")
    assert any(finding.length == len(FORMS[form]) for finding in in_memory)


def test_nothing_is_found_in_a_process_that_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write("00\n")
        process.stdin.flush()
        process.stdout.readline()
        found = Residue(FORMS).in_process(process.pid)
        process.communicate("\n")
    assert found == []


def test_what_lies_across_two_parts_of_a_large_file_is_found_once(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(AT_ONCE - 7) + KEY[:WINDOW] + bytes(100))
    assert [(finding.offset, finding.length) for finding in Residue({"key": KEY}).in_file(path)] == [(AT_ONCE - 7, WINDOW)]


def test_a_window_that_is_a_name_of_a_file_is_found(tmp_path: Path) -> None:
    name = KEY.hex()
    (tmp_path / name).touch()
    assert Residue({"key in hex": name.encode()}).in_folder(tmp_path)


def test_a_form_that_is_found_anywhere_is_refused() -> None:
    for form in (bytes(64), b"short", bytes(40) + KEY):
        with pytest.raises(ValueError, match="chance"):
            Residue({"form": form})


def test_two_numbers_of_few_bits_in_a_template_are_left_out_and_the_others_are_found() -> None:
    numbers = np.random.default_rng(6).normal(size=DIMENSION)
    numbers[40:42] = 0.5
    form = numbers.astype("<f8").tobytes()
    residue = Residue({"form": form})
    poor = form[40 * 8 : 42 * 8]
    assert residue.in_bytes(NOISE[:1000] + poor + NOISE[2000:3000]) == []
    assert [finding.length for finding in residue.in_bytes(NOISE[:1000] + form[39 * 8 : 43 * 8] + NOISE[2000:3000])] == [32]

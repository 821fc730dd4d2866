"""A calibration gives thresholds within its data, certifies by its figures alone, and cannot be altered once it is signed."""

from __future__ import annotations

import json
from dataclasses import replace
from math import log10
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from consentry.consent.model import Purpose
from consentry.platform.errors import InputError, ProofError
from consentry.recognition.calibration import (
    Calibration,
    Dataset,
    ErrorRate,
    Gate,
    OperatingPoint,
    Signer,
    calibration_text,
    parse_calibration,
    rate_name,
    signed,
    verify,
)

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = {3: KEY.public_key().public_bytes_raw()}
POINTS = (OperatingPoint(1e-2, 0.2, 0.011), OperatingPoint(1e-3, 0.3, 0.0012), OperatingPoint(1e-4, 0.4, 0.00013))
GOOD = Calibration(
    family="mobilefacenet",
    detector="yunet",
    model_sha256="b7",
    dataset=Dataset("lfw", "cd", 3000),
    impostors=7_000_000,
    genuines=9_000,
    points=POINTS,
    fnmr_at_fmr={"1e-3": ErrorRate(0.02, 0.015, 0.025), "1e-4": ErrorRate(0.05, 0.04, 0.06), "1e-5": None},
)


def with_rates(at_1e3: float | None, at_1e4: float | None) -> Calibration:
    rates = {name: None if rate is None else ErrorRate(rate, 0.0, 1.0) for name, rate in (("1e-3", at_1e3), ("1e-4", at_1e4))}
    return replace(GOOD, fnmr_at_fmr=rates)


def altered(**fields: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps({**json.loads(calibration_text(GOOD)), **fields})


@pytest.mark.parametrize(("fmr", "threshold"), [(0.5, 0.2), (1e-2, 0.2), (1e-3, 0.3), (1e-4, 0.4), (10**-2.5, 0.25), (10**-3.25, 0.325)])
def test_a_threshold_lies_on_the_line_through_the_measured_ones_over_the_logarithm_of_the_rate(fmr: float, threshold: float) -> None:
    assert GOOD.threshold(fmr) == pytest.approx(threshold)


@pytest.mark.parametrize("fmr", [9.9e-5, 1e-9, 0.0, -1.0, 1.0, float("nan")])
def test_no_threshold_is_made_up_beyond_the_data(fmr: float) -> None:
    with pytest.raises(InputError, match="lowest measured is 1e-4") as refused:
        GOOD.threshold(fmr)
    assert refused.value.code == "calibration.beyond-data"


def test_without_points_there_is_no_threshold() -> None:
    with pytest.raises(InputError, match="lowest measured is none"):
        replace(GOOD, points=()).threshold(1e-2)


@given(st.floats(-4, -0.1), st.floats(-4, -0.1))
def test_a_stricter_rate_never_has_a_lower_threshold(one: float, two: float) -> None:
    strict, loose = sorted((max(10**one, 1e-4), max(10**two, 1e-4)))
    assert GOOD.threshold(strict) >= GOOD.threshold(loose)
    assert POINTS[0].threshold <= GOOD.threshold(strict) <= POINTS[-1].threshold
    assert log10(strict) <= log10(loose)


@pytest.mark.parametrize(
    ("at_1e3", "at_1e4", "granted"),
    [(0.02, 0.05, True), (0.0, 0.0, True), (0.0201, 0.05, False), (0.02, 0.0501, False), (None, 0.01, False), (0.01, None, False)],
)
def test_a_door_takes_only_what_meets_the_gate(at_1e3: float | None, at_1e4: float | None, granted: bool) -> None:
    certification = with_rates(at_1e3, at_1e4).certified_for(Purpose.DOOR_ACCESS)
    assert certification.granted is granted
    assert bool(certification.reasons) is not granted


def test_a_setting_tightens_the_gate_and_never_loosens_it() -> None:
    assert not GOOD.certified_for(Purpose.DOOR_ACCESS, Gate(0.01, 0.05)).granted
    assert not with_rates(0.03, 0.06).certified_for(Purpose.DOOR_ACCESS, Gate(0.5, 0.5)).granted


def test_other_purposes_have_no_gate() -> None:
    bad = with_rates(0.9, None)
    assert all(bad.certified_for(purpose).granted for purpose in Purpose if purpose is not Purpose.DOOR_ACCESS)


def test_a_file_says_again_what_was_written() -> None:
    signed_one = signed(GOOD, KEY, epoch=3, by=Signer.SITE)
    assert parse_calibration(calibration_text(GOOD)) == GOOD
    assert parse_calibration(calibration_text(signed_one)) == signed_one


def test_a_file_cannot_certify_itself() -> None:
    bad = calibration_text(with_rates(0.5, 0.5))
    with pytest.raises(InputError, match="says something else"):
        parse_calibration(bad.replace('"door_access": false', '"door_access": true'))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{",
        "[" * 100_000,
        calibration_text(GOOD)[:-5],
        calibration_text(GOOD) + " " * 300_000,
        calibration_text(GOOD).replace('"family"', '"version": 1, "family"', 1),
        altered(version=2),
        altered(more=1),
        altered(impostors=-1),
        altered(impostors=True),
        altered(impostors=1.5),
        altered(family=""),
        altered(family=None),
        altered(signed_by="me"),
        altered(signature="???"),
        altered(epoch="1"),
        altered(thresholds=[{"fmr": "0.001", "threshold": 0.3, "fmr_upper": 0.1}]),
        altered(thresholds=[{"fmr": "1e-3", "threshold": 0.3, "fmr_upper": 1.1}]),
        altered(thresholds=[{"fmr": "0e0", "threshold": 0.3, "fmr_upper": 1}]),
        altered(thresholds=[{"fmr": "1e-3", "threshold": float("nan"), "fmr_upper": 0.1}]),
        altered(thresholds=[{"fmr": "1e-4", "threshold": 0.3, "fmr_upper": 0.1}, {"fmr": "1e-3", "threshold": 0.4, "fmr_upper": 0.1}]),
        altered(thresholds=[{"fmr": "1e-3", "threshold": 0.4, "fmr_upper": 0.1}, {"fmr": "1e-4", "threshold": 0.3, "fmr_upper": 0.1}]),
        altered(fnmr_at_fmr={"1e-3": {"fnmr": 0.1, "interval": [0.1]}}),
    ],
)
def test_what_is_no_calibration_is_refused_in_words(text: str) -> None:
    with pytest.raises(InputError) as refused:
        parse_calibration(text)
    assert refused.value.code == "calibration.file"


def test_a_signature_of_the_site_is_accepted() -> None:
    verify(parse_calibration(calibration_text(signed(GOOD, KEY, epoch=3, by=Signer.SITE))), PUBLIC)


@pytest.mark.parametrize(
    ("calibration", "code"),
    [
        (GOOD, "calibration.unsigned"),
        (signed(GOOD, KEY, epoch=3, by=Signer.TEST_ONLY), "calibration.test-only"),
        (signed(GOOD, KEY, epoch=4, by=Signer.SITE), "calibration.epoch"),
        (signed(GOOD, Ed25519PrivateKey.generate(), epoch=3, by=Signer.SITE), "calibration.signature"),
        (replace(signed(GOOD, KEY, epoch=3, by=Signer.TEST_ONLY), signed_by=Signer.SITE), "calibration.signature"),
        (replace(signed(GOOD, KEY, epoch=3, by=Signer.SITE), impostors=1), "calibration.signature"),
        (replace(signed(GOOD, KEY, epoch=3, by=Signer.SITE), points=POINTS[:1]), "calibration.signature"),
        (replace(signed(GOOD, KEY, epoch=3, by=Signer.SITE), signature=b"short"), "calibration.signature"),
    ],
)
def test_an_unsigned_altered_or_foreign_calibration_is_refused(calibration: Calibration, code: str) -> None:
    with pytest.raises(ProofError) as refused:
        verify(calibration, PUBLIC)
    assert refused.value.code == code


def test_a_test_only_calibration_is_accepted_where_it_is_asked_for_by_name() -> None:
    verify(signed(GOOD, KEY, epoch=3, by=Signer.TEST_ONLY), PUBLIC, accepted=(Signer.TEST_ONLY,))


@pytest.mark.parametrize(("rate", "name"), [(1e-4, "1e-4"), (5e-3, "5e-3"), (0.1, "1e-1"), (1.5e-5, "1.5e-5"), (1.0, "1e0")])
def test_rates_have_one_name(rate: float, name: str) -> None:
    assert rate_name(rate) == name

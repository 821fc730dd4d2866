"""The calibration file: which threshold gives which false match rate, on which data, and whether a door may trust the model.

JSON, described in ``docs/verification.md``. ``consentry evaluate verification --calibration OUT`` makes one; ``consentry recognition
calibrate`` signs it for a site, and the vault takes signed ones only. Whether a door is certified is always decided here anew from the
figures, never read from the file.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from math import isfinite, log10
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consentry.consent.model import Purpose
from consentry.platform.errors import InputError, ProofError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "DOOR_GATE",
    "KEY_PURPOSE",
    "Calibration",
    "Certification",
    "Dataset",
    "ErrorRate",
    "Gate",
    "OperatingPoint",
    "Signer",
    "calibration_text",
    "parse_calibration",
    "rate_name",
    "signed",
    "verify",
]

KEY_PURPOSE = "calibration"
"""Purpose of the site's key that signs calibrations."""
_VERSION = 1
_CONTEXT = b"consentry calibration v1\n"
_LONGEST = 262_144
_MOST_POINTS = 1000


class Signer(StrEnum):
    """What a signature was made for: a site's work, or a test, which nothing outside of tests accepts."""

    SITE = "site"
    TEST_ONLY = "test-only"


@dataclass(frozen=True, slots=True)
class Dataset:
    """What was measured on: its name, the SHA-256 (hex) of its list of pairs and pictures, and how many pairs the list names."""

    name: str
    digest: str
    pairs: int


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """A measured rate and its 95 % interval."""

    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """At ``threshold`` (cosine) a share ``fmr`` of impostors matched; ``fmr_upper``: upper end of its 95 % interval."""

    fmr: float
    threshold: float
    fmr_upper: float


@dataclass(frozen=True, slots=True)
class Gate:
    """The false non-match rates that a door allows at two false match rates."""

    at_1e3: float
    at_1e4: float

    def stricter(self, other: Gate) -> Gate:
        """Return the gate that both gates together make: settings tighten a gate and never loosen it."""
        return Gate(min(self.at_1e3, other.at_1e3), min(self.at_1e4, other.at_1e4))


DOOR_GATE = Gate(at_1e3=0.02, at_1e4=0.05)
"""FNMR of at most 2 % at an FMR of 1e-3 (GA/T 1093) and of at most 5 % at 1e-4."""


@dataclass(frozen=True, slots=True)
class Certification:
    """Whether a purpose may use the model; ``reasons`` say why not."""

    granted: bool
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a calibration file says.

    ``points``: falling false match rate, rising threshold. ``fnmr_at_fmr``: by name of the false match rate (``1e-4``); None where the
    data are too few to tell. ``epoch`` and ``signature`` (64 bytes) are None until it is signed.
    """

    family: str
    detector: str
    model_sha256: str
    dataset: Dataset
    impostors: int
    genuines: int
    points: tuple[OperatingPoint, ...]
    fnmr_at_fmr: Mapping[str, ErrorRate | None]
    signed_by: Signer | None = None
    epoch: int | None = None
    signature: bytes | None = None

    def threshold(self, fmr: float) -> float:
        """Return the score (cosine) from which on a comparison matches at a false match rate of ``fmr``; never a looser one.

        Between two measured points it is interpolated in the logarithm of the rate. Above the highest measured rate the threshold of that
        rate holds, which is stricter than asked for.

        Raises:
            InputError: ``calibration.beyond-data`` below the lowest rate that was measured, or where ``fmr`` is no rate.
        """
        if not self.points or not self.points[-1].fmr <= fmr < 1:
            lowest = rate_name(self.points[-1].fmr) if self.points else "none"
            mend = "Calibrate on more faces, or ask for a higher rate."
            raise InputError("calibration.beyond-data", f"false match rate {fmr:.2g}", f"the lowest measured is {lowest}", mend)
        above = next((point for point in reversed(self.points) if point.fmr >= fmr), self.points[0])
        below = next((point for point in self.points if point.fmr <= fmr), self.points[-1])
        if below.fmr >= above.fmr:
            return above.threshold
        share = (log10(above.fmr) - log10(fmr)) / (log10(above.fmr) - log10(below.fmr))
        return above.threshold + share * (below.threshold - above.threshold)

    def certified_for(self, purpose: Purpose, gate: Gate = DOOR_GATE) -> Certification:
        """Return whether ``purpose`` may use the model. Only doors have a gate; ``gate`` may tighten it."""
        if purpose is not Purpose.DOOR_ACCESS:
            return Certification(granted=True)
        effective = DOOR_GATE.stricter(gate)
        checks = (("1e-3", effective.at_1e3), ("1e-4", effective.at_1e4))
        reasons = tuple(reason for name, most in checks if (reason := self._miss(name, most)))
        return Certification(not reasons, reasons)

    def _miss(self, name: str, most: float) -> str | None:
        found = self.fnmr_at_fmr.get(name)
        if found is None:
            return f"the false non-match rate at a false match rate of {name} was not measured"
        if found.rate > most:
            return f"{found.rate:.2%} of genuine pairs fail at a false match rate of {name}; a door allows {most:.2%}"
        return None


def rate_name(rate: float) -> str:
    """Return a rate as it is written in files and outcomes: ``1e-4``, ``5e-3``, ``1.5e-5``."""
    mantissa, exponent = f"{rate:.6e}".split("e")
    return f"{float(mantissa):g}e{int(exponent)}"


def parse_calibration(text: str) -> Calibration:
    """Return what a calibration file says; its signature is not looked at, see :func:`verify`.

    Raises:
        InputError: ``calibration.file`` for anything that is not exactly a calibration.
    """
    try:
        return _calibration(json.loads(_of_sound_length(text), object_pairs_hook=_without_repeats))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        problem = f"it is no calibration ({type(error).__name__}: {error})"
        raise InputError("calibration.file", "calibration", problem, "Make one with: consentry evaluate verification --calibration OUT.") from error


def calibration_text(calibration: Calibration) -> str:
    """Return the file of a calibration."""
    return json.dumps(_document(calibration), indent=1, ensure_ascii=False) + "\n"


def signed(calibration: Calibration, key: Ed25519PrivateKey, *, epoch: int, by: Signer) -> Calibration:
    """Return the calibration signed with the site's key of ``KEY_PURPOSE`` in ``epoch``."""
    unsigned = replace(calibration, signed_by=by, epoch=epoch, signature=None)
    return replace(unsigned, signature=key.sign(_signed_bytes(unsigned)))


def verify(calibration: Calibration, public_keys: Mapping[int, bytes], accepted: Collection[Signer] = (Signer.SITE,)) -> None:
    """Refuse a calibration that none of the site's keys signed; ``public_keys``: 32 bytes by epoch.

    Raises:
        ProofError: ``calibration.unsigned``, ``calibration.test-only``, ``calibration.epoch`` or ``calibration.signature``.
    """
    mend = "Sign it for this site with: consentry recognition calibrate FILE."
    if calibration.signature is None or calibration.signed_by is None or calibration.epoch is None:
        raise ProofError("calibration.unsigned", "calibration", "it is not signed", mend)
    if calibration.signed_by not in accepted:
        raise ProofError("calibration.test-only", "calibration", f"it was signed as {calibration.signed_by}", mend)
    public = public_keys.get(calibration.epoch)
    if public is None:
        raise ProofError("calibration.epoch", "calibration", f"there is no key of epoch {calibration.epoch}", mend)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(calibration.signature, _signed_bytes(calibration))
    except InvalidSignature as error:
        raise ProofError("calibration.signature", "calibration", "it was altered, or signed by another site", mend) from error


def _signed_bytes(calibration: Calibration) -> bytes:
    document = _document(replace(calibration, signature=None))
    return _CONTEXT + json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def _document(calibration: Calibration) -> dict[str, Any]:
    door = calibration.certified_for(Purpose.DOOR_ACCESS)
    return {
        "version": _VERSION,
        "family": calibration.family,
        "detector": calibration.detector,
        "model_sha256": calibration.model_sha256,
        "dataset": {"name": calibration.dataset.name, "digest": calibration.dataset.digest, "pairs": calibration.dataset.pairs},
        "impostors": calibration.impostors,
        "genuines": calibration.genuines,
        "thresholds": [{"fmr": rate_name(point.fmr), "threshold": point.threshold, "fmr_upper": point.fmr_upper} for point in calibration.points],
        "fnmr_at_fmr": {
            name: None if rate is None else {"fnmr": rate.rate, "interval": [rate.low, rate.high]} for name, rate in calibration.fnmr_at_fmr.items()
        },
        "certified": {"door_access": door.granted, "reasons": list(door.reasons)},
        "signed_by": calibration.signed_by,
        "epoch": calibration.epoch,
        "signature": None if calibration.signature is None else base64.b64encode(calibration.signature).decode(),
    }


def _calibration(document: dict[str, Any]) -> Calibration:
    if document["version"] != _VERSION:
        raise ValueError("it is of another version")
    found = _read(document)
    # Whatever was not read, or was read as something else, shows in what would be written.
    if document != _document(found):
        raise ValueError("a field is unknown, or says something else than it should")
    return found


def _read(document: dict[str, Any]) -> Calibration:
    signature, signer = document["signature"], document["signed_by"]
    return Calibration(
        family=_name(document["family"]),
        detector=_name(document["detector"]),
        model_sha256=_name(document["model_sha256"]),
        dataset=Dataset(_name(document["dataset"]["name"]), _name(document["dataset"]["digest"]), _number(document["dataset"]["pairs"])),
        impostors=_number(document["impostors"]),
        genuines=_number(document["genuines"]),
        points=_points(document["thresholds"]),
        fnmr_at_fmr={_rate_label(name): _error_rate(rate) for name, rate in document["fnmr_at_fmr"].items()},
        signed_by=None if signer is None else Signer(signer),
        epoch=None if document["epoch"] is None else _number(document["epoch"]),
        signature=None if signature is None else base64.b64decode(signature, validate=True),
    )


def _points(rows: list[dict[str, Any]]) -> tuple[OperatingPoint, ...]:
    points = tuple(OperatingPoint(_share(float(_rate_label(row["fmr"]))), _score(row["threshold"]), _share(row["fmr_upper"])) for row in rows)
    ordered = all(one.fmr > two.fmr and one.threshold <= two.threshold for one, two in pairwise(points))
    if not ordered or len(points) > _MOST_POINTS or any(point.fmr == 0 for point in points):
        raise ValueError("the thresholds are out of order")
    return points


def _error_rate(row: dict[str, Any] | None) -> ErrorRate | None:
    if row is None:
        return None
    low, high = row["interval"]
    return ErrorRate(_share(row["fnmr"]), _share(low), _share(high))


def _of_sound_length(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} characters")
    return text


def _rate_label(text: str) -> str:
    if rate_name(float(text)) != text:
        raise ValueError(f"not the name of a rate: {text!r}")
    return text


def _name(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a name is missing")
    return value


def _number(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError(f"not a count: {value!r}")
    return value


def _share(value: object) -> float:
    share = _score(value)
    if not 0 <= share <= 1:
        raise ValueError(f"not a share: {value!r}")
    return share


def _score(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise TypeError(f"not a number: {value!r}")
    return float(value)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise ValueError("a field is given twice")
    return document

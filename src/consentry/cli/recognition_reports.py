"""What an evaluation of recognition says: as a document for machines, and as a calibration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from consentry.recognition.calibration import Calibration, Dataset, ErrorRate, OperatingPoint, rate_name
from consentry.vision.faces.operating_points import calibrated_rates
from consentry.vision.faces.verification import REPORTED_RATES
from consentry.vision.manifest import entry

if TYPE_CHECKING:
    from consentry.vision.faces.all_pairs import FacePrints
    from consentry.vision.faces.identification import IdentificationPoint
    from consentry.vision.faces.intervals import Interval
    from consentry.vision.faces.operating_points import OperatingPoint as MeasuredPoint
    from consentry.vision.faces.pairs import PairList
    from consentry.vision.faces.verification import Verification

__all__ = ["calibration_of", "identification_document", "verification_document"]

_DIGITS = 6


def verification_document(found: Verification) -> dict[str, Any]:
    """Return what was measured, as documented in ``docs/verification.md``; a rate that the data cannot tell is None, and ``refused`` says why."""
    points = {rate_name(rate): found.point(rate) for rate in REPORTED_RATES}
    return {
        "pairs": found.pairs,
        "failed_to_acquire": found.failed,
        "accuracy": _rounded(found.accuracy),
        "auc": _rounded(found.auc),
        "fnmr_at_fmr": {name: None if point is None else _rounded(point.fnmr) for name, point in points.items()},
        "thresholds": {name: None if point is None else _rounded(point.threshold) for name, point in points.items()},
        "intervals": {
            "accuracy": _ends(found.accuracy_interval),
            "auc": _ends(found.auc_interval),
            "fnmr_at_fmr": {name: None if point is None else _ends(point.fnmr_interval) for name, point in points.items()},
            "fmr": {name: None if point is None else _ends(point.fmr_interval) for name, point in points.items()},
        },
        "refused": {rate_name(rate): reason for rate, reason in found.refused},
        "impostor_pairs": found.compared.impostors,
        "genuine_pairs": len(found.compared.genuine),
    }


def identification_document(points: tuple[IdentificationPoint, ...], prints: FacePrints) -> dict[str, Any]:
    """Return what was measured, one row for each gallery size and FPIR."""
    rows = [
        {
            "gallery": point.gallery,
            "fpir": point.fpir,
            "fnir": _rounded(point.fnir),
            "interval": _ends(point.interval),
            "threshold": _rounded(point.threshold),
            "mated": point.mated,
            "non_mated": point.non_mated,
            "refused": point.refused,
        }
        for point in points
    ]
    return {"pictures": len(prints.acquired), "failed_to_acquire": int((~prints.acquired).sum()), "points": rows}


def calibration_of(found: Verification, listed: PairList, dataset: str, detector: str, embedder: str) -> Calibration:
    """Return the unsigned calibration: only rates at which the data hold 30 false matches or more become thresholds."""
    rates = set(calibrated_rates(found.compared.impostors))
    weights = entry(embedder).weights
    return Calibration(
        family=embedder,
        detector=detector,
        model_sha256=weights.sha256 if weights else embedder,
        dataset=Dataset(dataset, listed.digest, found.pairs),
        impostors=found.compared.impostors,
        genuines=len(found.compared.genuine),
        points=tuple(_operating_point(point) for point in found.points if point.fmr in rates),
        fnmr_at_fmr={rate_name(rate): _error_rate(found.point(rate) if rate in rates else None) for rate in REPORTED_RATES},
    )


def _operating_point(point: MeasuredPoint) -> OperatingPoint:
    upper = point.fmr_interval.high if point.fmr_interval else 1.0
    return OperatingPoint(point.fmr, round(point.threshold, _DIGITS), round(upper, 2 * _DIGITS))


def _error_rate(point: MeasuredPoint | None) -> ErrorRate | None:
    if point is None or point.fnmr_interval is None:
        return None
    return ErrorRate(round(point.fnmr, _DIGITS), round(point.fnmr_interval.low, _DIGITS), round(point.fnmr_interval.high, _DIGITS))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)


def _ends(interval: Interval | None) -> list[float] | None:
    return None if interval is None else [round(interval.low, 2 * _DIGITS), round(interval.high, 2 * _DIGITS)]

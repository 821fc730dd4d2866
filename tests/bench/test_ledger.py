"""The benchmark of the log measures both sides on the same entries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bench.ledger
from bench.material import Material

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_both_sides_append_and_prove_the_same_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.ledger, "SHORT", 2500)
    monkeypatch.setattr(bench.ledger, "PROOFS", 20)
    report = bench.ledger.measure(Material(tmp_path, tmp_path, short=True))
    assert [(row[0], row[1]) for row in report.rows] == [("Consentry", 2500), ("pymerkle, cold", 2500), ("pymerkle, warm", 2500)]
    assert all(isinstance(row[2], float) and row[2] > 0 for row in report.rows)

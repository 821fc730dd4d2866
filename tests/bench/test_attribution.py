"""The benchmark of visit attribution fills a site whose contracts the rules can judge, and asks for every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import bench.attribution
from bench.attribution import Size
from bench.material import Material

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_every_contract_is_judged_and_every_screen_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.attribution, "SHORT", Size(reports=90, visits=60, deals=30))
    monkeypatch.setattr(bench.attribution, "TIMES", 1)
    report = bench.attribution.measure(Material(tmp_path, tmp_path, short=True))
    assert report.rows[0][0] == "all 30 contracts judged"
    assert sum(report.details["kinds"].values()) == 30
    assert {"channel", "natural"} <= set(report.details["kinds"])

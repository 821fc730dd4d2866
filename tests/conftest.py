"""Fixtures that several folders of tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("CONSENTRY_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real clips and models for measuring, or skip where there is none."""
    if not SHARED.is_dir():
        pytest.skip(f"reason: the measuring data is not at {SHARED} (set CONSENTRY_SHARED)")
    return SHARED

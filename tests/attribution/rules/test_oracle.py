"""The judge against an oracle that was written from the specification alone. ``make oracle`` runs it on a hundred thousand histories."""

from __future__ import annotations

import pytest

from consentry.attribution.model import Flag, RuleId, VerdictKind
from tests.attribution.rules.oracle import compare


@pytest.mark.timeout(900)
def test_judge_and_oracle_agree_and_every_verdict_and_flag_comes_up() -> None:
    seen = compare(4000)
    rare = {name: seen[name] for name in (*VerdictKind, *Flag, RuleId.R9) if seen[name] < 20}
    assert not rare

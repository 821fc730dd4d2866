"""None of 2,000 forged, replayed, expired or misplaced passes, cards and PINs opens a door; ``make forge`` tries 100,000."""

from __future__ import annotations

import pytest

from consentry.access import passes
from tests.access.proofs.campaign import campaign
from tests.access.proofs.forgery import KINDS, pin


def test_none_of_2000_tries_opens_and_every_kind_was_tried() -> None:
    refused = campaign(2_000)
    assert sum(refused.values()) == 2_000
    assert {name for name, _ in refused} == {kind.__name__ for kind in (*KINDS, pin)}


@pytest.mark.parametrize("check", ["_check_issued", "_check_signed_by", "_check_dates", "_check_step"])
def test_the_tries_find_a_check_that_is_missing(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passes, check, lambda *_: None)
    with pytest.raises(AssertionError, match="opens"):
        campaign(300)

"""How long each way takes, from what the doors told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.service.parity import parity_report
from consentry.platform.errors import InputError
from tests.access.events.lodge import GUARD, NINE

if TYPE_CHECKING:
    from tests.access.events.lodge import Controller, Lodge

DAY = timedelta(days=1)


@pytest.mark.parametrize(("card_ms", "holds"), [(2900, True), (3010, False)])
def test_the_medians_of_the_span_are_compared_with_the_face(lodge: Lodge, main: Controller, card_ms: int, holds: bool) -> None:
    for took in (200, 1000, 9000):
        main.grant("li", reader=ReaderKind.FACE, took_ms=took)
    for took in (card_ms, card_ms - 300, card_ms + 700):
        main.grant("wang", took_ms=took)
    main.grant("zhao", reader=ReaderKind.PIN, took_ms=1500)
    main.grant("zhao", reader=ReaderKind.PIN)
    main.happen(AccessEvent.DENIED_PASSBACK, reader=ReaderKind.PIN, took_ms=90_000)
    main.grant("early", reader=ReaderKind.PIN, took_ms=90_000, at=NINE - DAY)
    main.send()
    report = parity_report(lodge.site, GUARD, NINE, NINE + DAY)
    assert {one.way: (one.many, one.median_s) for one in report.ways} == {
        ReaderKind.FACE: (3, 1.0),
        ReaderKind.CARD: (3, card_ms / 1000),
        ReaderKind.PIN: (1, 1.5),
    }
    assert (report.slowest, report.holds) == (ReaderKind.CARD, holds)


def test_without_a_face_there_is_nothing_to_compare(lodge: Lodge, main: Controller) -> None:
    main.grant("wang", took_ms=900)
    main.send()
    assert parity_report(lodge.site, GUARD, NINE, NINE + DAY).holds is None
    with pytest.raises(InputError):
        parity_report(lodge.site, GUARD, NINE, NINE)

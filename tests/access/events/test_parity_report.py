"""How long each way takes, from what the doors told."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from consentry.access.model import AccessEvent, ReaderKind
from consentry.access.service.parity import follow, parity_report
from consentry.alarms import service as alarms
from consentry.alarms.model import AlarmKind
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


def passages(main: Controller, many: int, *, pin_ms: int, face_ms: int = 5000, **facts: Any) -> None:  # noqa: ANN401 - fields of an event
    """Let so many people in by number and as many by face, of whom all took as long."""
    for number in range(many):
        main.grant(f"p{number}", reader=ReaderKind.PIN, took_ms=pin_ms, **facts)
        main.grant(f"f{number}", reader=ReaderKind.FACE, took_ms=face_ms, **facts)


def looked(lodge: Lodge, main: Controller) -> list[str]:
    """Send what happened, let the job look, and return the doors of which staff are told."""
    while main.oldest <= len(main.log):
        main.oldest = main.send(events=tuple(main.log[main.oldest - 1 :][:500])).acknowledged + 1
        lodge.pass_by(seconds=2)
    follow(lodge.site)
    return [alarm.subject for alarm in alarms.live(lodge.site) if alarm.kind is AlarmKind.DOOR_PARITY]


@pytest.mark.parametrize(("many", "pin_ms", "told"), [(30, 7100, ["front"]), (30, 7000, []), (29, 60_000, [])])
def test_a_door_at_which_people_without_a_face_wait_longer_is_an_alarm_once_enough_did(
    lodge: Lodge, main: Controller, many: int, pin_ms: int, told: list[str]
) -> None:
    passages(main, many, pin_ms=pin_ms)
    passages(main, 1, pin_ms=60_000, at=NINE - 8 * DAY)
    assert looked(lodge, main) == told
    details = [alarm.detail for alarm in alarms.live(lodge.site) if alarm.kind is AlarmKind.DOOR_PARITY]
    assert details == ["medians of 7 days: face 5.0 s, pin 7.1 s"] * len(told)


def test_the_alarm_stays_while_nothing_tells_otherwise_and_ends_when_people_wait_no_longer(lodge: Lodge, main: Controller) -> None:
    passages(main, 30, pin_ms=9000)
    assert looked(lodge, main) == ["front"]
    lodge.pass_by(days=8)
    passages(main, 5, pin_ms=6000)
    assert looked(lodge, main) == ["front"], "five people tell nothing"
    passages(main, 30, pin_ms=6000)
    assert looked(lodge, main) == []


def test_where_nobody_shows_a_face_any_more_nobody_waits_longer(lodge: Lodge, main: Controller) -> None:
    passages(main, 30, pin_ms=9000)
    assert looked(lodge, main) == ["front"]
    lodge.pass_by(days=8)
    main.grant("li", reader=ReaderKind.PIN, took_ms=9000)
    assert looked(lodge, main) == []


def test_a_door_that_searches_among_faces_is_to_compare_one_to_one(lodge: Lodge, main: Controller) -> None:
    text = lodge.site.store.text.replace('id = "front"\n', 'id = "front"\nface_one_to_n = true\n')
    lodge.site.store.replace(text, expected=lodge.site.store.digest)
    passages(main, 30, pin_ms=9000)
    looked(lodge, main)
    (detail,) = [alarm.detail for alarm in alarms.live(lodge.site) if alarm.kind is AlarmKind.DOOR_PARITY]
    assert "let it compare one to one" in detail

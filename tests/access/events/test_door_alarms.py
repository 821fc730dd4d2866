"""What doors tell becomes an alarm once, whatever crashes between; duress is never shown to whoever could look over a shoulder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.access.happenings import EventFilter
from consentry.access.model import AccessEvent, DoorEvent, ReaderKind
from consentry.access.service import door_alarms, events
from consentry.alarms import service as alarms
from consentry.alarms.model import Severity
from tests.access.events.lodge import FIRST, GUARD, standing

if TYPE_CHECKING:
    from tests.access.events.lodge import Controller, Lodge


@pytest.mark.parametrize(
    ("kind", "alarm"),
    [
        (DoorEvent.FORCED_OPEN, "door-forced"),
        (DoorEvent.OPEN_TOO_LONG, "door-held-open"),
        (DoorEvent.TAMPER, "door-tamper"),
        (DoorEvent.DOOR_FAULT, "door-fault"),
        (AccessEvent.DURESS, "duress"),
    ],
)
def test_what_is_wrong_at_a_door_is_an_alarm(lodge: Lodge, main: Controller, kind: DoorEvent | AccessEvent, alarm: str) -> None:
    main.happen(kind, "front")
    main.send()
    assert lodge.alarms() == {(alarm, "front")}


def test_a_door_that_was_shut_again_in_the_same_report_is_no_alarm_any_more(lodge: Lodge, main: Controller) -> None:
    main.happen(DoorEvent.OPEN_TOO_LONG, "front")
    main.happen(DoorEvent.FORCED_OPEN, "hall")
    main.happen(DoorEvent.CLOSED, "front")
    main.happen(DoorEvent.CLOSED, "hall")
    main.send()
    assert lodge.alarms() == {("door-forced", "hall")}


def test_a_full_log_is_an_alarm_until_the_server_has_all_of_it(lodge: Lodge, main: Controller) -> None:
    main.happen(DoorEvent.LOG_NEARLY_FULL, None)
    main.grant("li")
    main.send(events=tuple(main.log[:1]))
    assert ("door-log-full", "main") in lodge.alarms()
    lodge.pass_by(seconds=2)
    main.send()
    assert ("door-log-full", "main") not in lodge.alarms()


def test_duress_is_critical_and_told_to_nobody_who_does_not_see_alarms(lodge: Lodge, main: Controller) -> None:
    main.grant("li", reader=ReaderKind.PIN, reports=(AccessEvent.DURESS,))
    main.send()
    raised = alarms.live(lodge.site)
    assert [(one.kind.value, one.subject, one.severity) for one in raised] == [("duress", "front", Severity.CRITICAL)]
    assert "li" not in raised[0].detail
    assert events.events(lodge.site, FIRST)[0].reports == (AccessEvent.DURESS,)
    for shown in (events.events(lodge.site, GUARD)[0], events.events_of(lodge.site, ["li"])[0]):
        assert (shown.kind, shown.reports) == (AccessEvent.GRANTED, ())


def test_no_filter_of_events_tells_duress_to_whoever_does_not_see_alarms(lodge: Lodge, main: Controller) -> None:
    main.happen(AccessEvent.DURESS, "front", person="li")
    main.send()
    wanted = EventFilter(kinds=(AccessEvent.DURESS,))
    assert len(events.events(lodge.site, FIRST, wanted)) == 1
    assert events.events(lodge.site, GUARD, wanted) == []
    assert [one.kind for one in events.events(lodge.site, GUARD)] == [AccessEvent.GRANTED]
    assert len(events.events(lodge.site, GUARD, EventFilter(kinds=(AccessEvent.GRANTED,)))) == 1


def test_an_alarm_that_a_crash_left_over_is_raised_by_the_job_once(lodge: Lodge, main: Controller, monkeypatch: pytest.MonkeyPatch) -> None:
    main.happen(AccessEvent.DURESS, "front")
    with monkeypatch.context() as crash:
        crash.setattr("consentry.access.service.syncing.tell_events", _crash)
        with pytest.raises(KeyboardInterrupt):
            main.send()
    assert lodge.alarms() == set()
    door_alarms.watch(lodge.site)
    door_alarms.watch(lodge.site)
    main.send()
    (raised,) = alarms.live(lodge.site)
    assert (raised.kind.value, raised.times) == ("duress", 1)
    alarms.acknowledge(lodge.site, FIRST, raised.id, "police told")
    door_alarms.watch(lodge.site)
    assert lodge.alarms() == set()


def _crash(_: object) -> None:
    raise KeyboardInterrupt


def test_a_controller_that_is_not_heard_of_is_an_alarm_until_it_is(lodge: Lodge, main: Controller) -> None:
    main.send()
    lodge.pass_by(seconds=31)
    door_alarms.watch(lodge.site)
    assert lodge.alarms() == {("controller-away", "main")}
    lodge.pass_by(seconds=1)
    main.send()
    assert lodge.alarms() == set()


def test_a_reader_that_does_not_work_is_an_alarm_until_it_does(lodge: Lodge, main: Controller) -> None:
    main.send(doors={"front": standing("card", broken=("pin",))})
    door_alarms.watch(lodge.site)
    assert lodge.alarms() == {("reader-fault", "front:pin")}
    lodge.pass_by(seconds=1)
    main.send()
    door_alarms.watch(lodge.site)
    assert lodge.alarms() == set()

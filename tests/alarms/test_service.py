from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from consentry.alarms import records, service
from consentry.alarms.model import AlarmKind, AlarmState, Channel, Sighting, Step
from consentry.platform.actors import Actor, ActorKind, Permission, permission_of
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError
from tests.cameras.sites import OPERATOR, SETTINGS, acts, pass_by, site_on

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.alarms.model import Alarm
    from consentry.platform.database import Database
    from consentry.platform.site import Site

TOLD = """
[alarms]
escalate_after = "30 minutes"
[alarms.email]
host = "mail.lan"
from = "site@shop.example"
to = ["owner@shop.example"]
[alarms.webhook]
url = "https://hook.lan/alarms"
"""


def see(site: Site, *, present: bool = True, kind: AlarmKind = AlarmKind.CAMERA_STOPPED, subject: str = "door") -> Alarm | None:
    return service.observe(site, Sighting(kind, subject, present, site.clock.now(), "stalled"))


def see_alarm(site: Site, kind: AlarmKind = AlarmKind.CAMERA_STOPPED, subject: str = "door") -> Alarm:
    alarm = see(site, kind=kind, subject=subject)
    assert alarm is not None
    return alarm


def entered(site: Site) -> list[str]:
    return [act.action for act in acts(site) if act.action.startswith("alarm.")]


@pytest.fixture
def told(database: Database, tmp_path: Path) -> Site:
    """Return a site that tells of alarms by mail and by webhook."""
    return site_on(database, tmp_path, SETTINGS + TOLD)


def test_every_function_for_staff_names_its_permission() -> None:
    looking = ("list_alarms", "open_count", "alarm", "deliveries")
    assert {permission_of(getattr(service, name)) for name in looking} == {Permission.VIEW_ALARMS}
    assert {permission_of(function) for function in (service.acknowledge, service.escalate, service.close)} == {Permission.HANDLE_ALARMS}


def test_whoever_may_only_look_cannot_acknowledge(site: Site) -> None:
    alarm = see_alarm(site)
    viewer = Actor(ActorKind.STAFF, "s1", frozenset({Permission.VIEW_ALARMS}))
    with pytest.raises(DeniedError):
        service.acknowledge(site, viewer, alarm.id, "")
    assert service.alarm(site, viewer, alarm.id) == alarm


def test_one_thing_is_one_alarm_until_it_is_over(site: Site) -> None:
    first = see_alarm(site)
    pass_by(site, seconds=30)
    again = see_alarm(site)
    other = see_alarm(site, subject="aisle")
    assert (again.id, again.times) == (first.id, 2)
    assert other.id != first.id
    assert service.open_count(site, OPERATOR) == 2
    for _ in range(6):
        pass_by(site, seconds=30)
        see(site, present=False)
    assert service.alarm(site, OPERATOR, first.id).state is AlarmState.CLOSED
    pass_by(site, seconds=30)
    assert see_alarm(site).id != first.id
    assert entered(site) == ["alarm.raised", "alarm.raised", "alarm.closed", "alarm.raised"]


def test_nothing_wrong_writes_nothing(site: Site) -> None:
    assert see(site, present=False) is None
    assert service.list_alarms(site, OPERATOR) == []
    assert entered(site) == []


def test_the_database_itself_refuses_two_open_alarms_of_one_thing(site: Site) -> None:
    alarm = see_alarm(site)
    with pytest.raises(ConflictError), site.database.transaction() as session:
        records.save_alarm(session, replace(alarm, id="another"))


def test_acknowledging_is_in_the_ledger_by_the_one_who_did_it_without_the_note(site: Site) -> None:
    alarm = see_alarm(site)
    pass_by(site, minutes=1)
    known = service.acknowledge(site, OPERATOR, alarm.id, " calling Mr Wang ")
    assert (known.state, known.acknowledged_by, known.note) == (AlarmState.ACKNOWLEDGED, OPERATOR.label, "calling Mr Wang")
    act = acts(site)[-1]
    assert (act.actor, act.action, act.object) == (OPERATOR.label, "alarm.acknowledged", f"alarm:{alarm.id}")
    assert "Wang" not in str(act)
    assert service.open_count(site, OPERATOR) == 0


@pytest.mark.parametrize("note", ["x" * 501, "two\nlines", "nul\0"])
def test_a_note_is_one_short_line(site: Site, note: str) -> None:
    alarm = see_alarm(site)
    with pytest.raises(InputError) as refused:
        service.acknowledge(site, OPERATOR, alarm.id, note)
    assert refused.value.code == "alarm.note"


@pytest.mark.parametrize("name", ["00000000-0000-7000-8000-000000000000", "x", "nul\0"])
def test_an_unknown_alarm_is_not_found(site: Site, name: str) -> None:
    for function in (service.alarm, service.deliveries, service.escalate, service.close):
        with pytest.raises(NotFoundError):
            function(site, OPERATOR, name)


def test_what_was_done_cannot_be_done_again(site: Site) -> None:
    alarm = see_alarm(site)
    service.acknowledge(site, OPERATOR, alarm.id, "")
    with pytest.raises(ConflictError):
        service.acknowledge(site, OPERATOR, alarm.id, "")
    service.escalate(site, OPERATOR, alarm.id)
    with pytest.raises(ConflictError):
        service.escalate(site, OPERATOR, alarm.id)
    service.close(site, OPERATOR, alarm.id)
    for function in (service.escalate, service.close):
        with pytest.raises(ConflictError):
            function(site, OPERATOR, alarm.id)
    assert entered(site) == ["alarm.raised", "alarm.acknowledged", "alarm.escalated", "alarm.closed"]


def test_an_alarm_that_nobody_acknowledges_is_escalated_once(told: Site) -> None:
    alarm, known = see_alarm(told), see_alarm(told, subject="aisle")
    service.acknowledge(told, OPERATOR, known.id, "")
    pass_by(told, minutes=29)
    service.escalate_overdue(told)
    assert service.alarm(told, OPERATOR, alarm.id).state is AlarmState.OPEN
    for _ in range(2):
        pass_by(told, minutes=1)
        service.escalate_overdue(told)
    assert service.alarm(told, OPERATOR, alarm.id).state is AlarmState.ESCALATED
    assert service.alarm(told, OPERATOR, known.id).state is AlarmState.ACKNOWLEDGED
    assert entered(told).count("alarm.escalated") == 1


def test_each_step_goes_out_by_each_way_that_is_set_up(told: Site) -> None:
    alarm = see_alarm(told)
    service.acknowledge(told, OPERATOR, alarm.id, "")
    service.close(told, OPERATOR, alarm.id)
    steps = sorted((delivery.step, delivery.channel) for delivery in service.deliveries(told, OPERATOR, alarm.id))
    assert steps == sorted((step, channel) for step in (Step.RAISED, Step.CLOSED) for channel in Channel)


def test_without_a_way_nothing_is_put_out(site: Site) -> None:
    assert service.deliveries(site, OPERATOR, see_alarm(site).id) == []


def test_lists_go_on_after_the_last_one_that_was_seen(site: Site) -> None:
    names = []
    for number in range(5):
        names.append(see_alarm(site, subject=f"job-{number}", kind=AlarmKind.JOB_LATE).id)
        pass_by(site, seconds=1)
    first = service.list_alarms(site, OPERATOR, limit=2)
    rest = service.list_alarms(site, OPERATOR, after=first[-1].id, limit=10)
    assert [alarm.id for alarm in (*first, *rest)] == names[::-1]
    service.close(site, OPERATOR, names[0])
    assert [alarm.id for alarm in service.list_alarms(site, OPERATOR, states={AlarmState.CLOSED})] == names[:1]
    assert service.list_alarms(site, OPERATOR, kinds={AlarmKind.DISK_LOW}) == []
    with pytest.raises(InputError):
        service.list_alarms(site, OPERATOR, after="x\0")


def test_alarms_that_are_over_are_forgotten_after_their_retention_and_live_ones_are_not(told: Site) -> None:
    over, there = see_alarm(told), see_alarm(told, subject="aisle")
    service.close(told, OPERATOR, over.id)
    pass_by(told, days=364)
    assert service.forget_old(told) == 0
    pass_by(told, days=2)
    assert service.forget_old(told) == 1
    assert [alarm.id for alarm in service.list_alarms(told, OPERATOR)] == [there.id]

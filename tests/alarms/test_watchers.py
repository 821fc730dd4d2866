from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest
from sqlalchemy import delete

from consentry.alarms import service
from consentry.alarms.model import AlarmKind, AlarmState
from consentry.alarms.watchers import DOWN_AFTER_S, HANDLERS, Watch, check_ledger
from consentry.cameras import service as cameras
from consentry.cameras.intake import Intake
from consentry.cameras.stills import Stills
from consentry.ledger.model import Act
from consentry.ledger.records import EntryRow
from consentry.ledger.service import record
from consentry.platform.errors import RecordsError
from consentry.platform.events import deliver
from consentry.platform.records import OutboxRow
from tests.alarms.receivers import certificate
from tests.cameras.sites import MINUTE, NOON, OPERATOR, SETTINGS, from_camera, health, minute, pass_by, process, site_on, started

if TYPE_CHECKING:
    from pathlib import Path

    from consentry.alarms.model import Alarm
    from consentry.platform.database import Database
    from consentry.platform.site import Site

GIB = 1 << 30


class Room(NamedTuple):
    total: int
    used: int
    free: int


class Stage:
    """A site under watch, whose two clocks and disk a test moves."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.lags: dict[str, float] = {}
        self._steady = 1000.0
        self._watch = Watch(lambda: self.lags, lambda: self._steady)

    def look(self, *, after: float = 0.0, wall: float | None = None) -> None:
        """Look after so many seconds by the steady clock, ``wall`` by the other one."""
        self._steady += after
        pass_by(self.site, seconds=after if wall is None else wall)
        self._watch.look(self.site)

    def alarms(self, kind: AlarmKind) -> list[Alarm]:
        return service.list_alarms(self.site, OPERATOR, kinds={kind})


@pytest.fixture
def stage(site: Site, monkeypatch: pytest.MonkeyPatch) -> Stage:
    have_room(monkeypatch, 50 * GIB)
    return Stage(site)


def have_room(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Room(100 * GIB, 100 * GIB - free, free))


def live_at(site: Site, *messages: dict[str, object]) -> None:
    Intake(site, Stills()).take(from_camera(*messages))


def test_a_disk_that_fills_up_is_one_alarm_that_closes_when_there_is_room(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.look()
    assert stage.alarms(AlarmKind.DISK_LOW) == []
    for free in (GIB // 2, GIB, GIB // 2):
        have_room(monkeypatch, free)
        stage.look(after=30)
    (alarm,) = stage.alarms(AlarmKind.DISK_LOW)
    assert (alarm.state, alarm.times, alarm.detail) == (AlarmState.OPEN, 3, "512 MiB free")
    have_room(monkeypatch, 2 * GIB)
    for _ in range(11):
        stage.look(after=30)
    assert stage.alarms(AlarmKind.DISK_LOW)[0].state is AlarmState.CLOSED


@pytest.mark.parametrize(("wall", "detail"), [(3630, "by +3600 s"), (-3570, "by -3600 s")])
def test_a_clock_that_is_set_is_an_alarm(stage: Stage, wall: float, detail: str) -> None:
    stage.look()
    stage.look(after=30)
    assert stage.alarms(AlarmKind.CLOCK_JUMP) == []
    stage.look(after=30, wall=wall)
    assert [alarm.detail for alarm in stage.alarms(AlarmKind.CLOCK_JUMP)] == [detail]


def test_a_camera_that_is_not_live_for_a_minute_is_an_alarm_until_it_is_live_again(stage: Stage) -> None:
    live_at(stage.site, health("r1", NOON))
    stage.look()
    live_at(stage.site, health("r1", NOON, "stalled"))
    stage.look(after=1)
    stage.look(after=DOWN_AFTER_S - 1)
    assert stage.alarms(AlarmKind.CAMERA_STOPPED) == []
    stage.look(after=1)
    (alarm,) = stage.alarms(AlarmKind.CAMERA_STOPPED)
    assert (alarm.subject, alarm.detail) == ("door", "stalled")
    for _ in range(5):
        live_at(stage.site, health("r1", stage.site.clock.now()))
        stage.look(after=30)
    assert stage.alarms(AlarmKind.CAMERA_STOPPED)[0].state is AlarmState.CLOSED


def test_a_short_stall_and_a_camera_that_may_not_start_are_no_alarms(stage: Stage) -> None:
    for state in ("stalled", "live") * 5:
        live_at(stage.site, health("r1", stage.site.clock.now(), state))
        stage.look(after=30)
    assert stage.alarms(AlarmKind.CAMERA_STOPPED) == []


def test_the_alarm_of_a_camera_that_was_taken_out_closes(stage: Stage) -> None:
    stage.look()
    stage.look(after=61)
    assert [alarm.subject for alarm in stage.alarms(AlarmKind.CAMERA_STOPPED)] == ["door"]
    stage.site.store.path.write_text(SETTINGS.split("# The camera above")[0], encoding="utf-8")
    stage.site.store.reload()
    for _ in range(5):
        stage.look(after=30)
    assert stage.alarms(AlarmKind.CAMERA_STOPPED)[0].state is AlarmState.CLOSED


def test_a_job_that_is_late_is_an_alarm_of_its_own(stage: Stage) -> None:
    stage.lags = {"retention": 301.0, "checkpoint": 299.0}
    stage.look()
    assert [(alarm.subject, alarm.detail) for alarm in stage.alarms(AlarmKind.JOB_LATE)] == [("retention", "301 s late")]


def test_an_event_that_was_given_up_is_an_alarm(stage: Stage) -> None:
    with stage.site.database.transaction() as session:
        session.add(OutboxRow(name="CameraGap", payload={}, published=NOON, due=NOON, dead=True))
    stage.look()
    assert [alarm.subject for alarm in stage.alarms(AlarmKind.JOB_LATE)] == ["events"]


@pytest.mark.parametrize(("late", "alarms"), [(timedelta(hours=24), 0), (timedelta(hours=25), 1)])
def test_records_a_day_past_their_retention_are_an_alarm(stage: Stage, monkeypatch: pytest.MonkeyPatch, late: timedelta, alarms: int) -> None:
    monkeypatch.setattr("consentry.statistics.service.expiry_lag", lambda _: late)
    stage.look()
    assert len(stage.alarms(AlarmKind.RETENTION_OVERDUE)) == alarms


def test_a_certificate_that_ends_soon_is_an_alarm(sqlite_database: Database, tmp_path: Path) -> None:
    tls = '[web.tls]\nmode = "files"\n[web.tls.files]\ncertificate = "receiver.pem"\nkey = "receiver.pem"\n'
    certificate(tmp_path)
    stage = Stage(site_on(sqlite_database, tmp_path, SETTINGS + tls))
    left = datetime.now(UTC) + timedelta(days=1) - stage.site.clock.now()
    stage.look(wall=(left - timedelta(days=15)).total_seconds())
    assert stage.alarms(AlarmKind.CERTIFICATE_EXPIRING) == []
    stage.look(wall=timedelta(days=2).total_seconds())
    assert [alarm.detail for alarm in stage.alarms(AlarmKind.CERTIFICATE_EXPIRING)] == ["12 days left"]


def test_a_week_without_a_backup_is_an_alarm_until_there_is_one(stage: Stage) -> None:
    live_at(stage.site, started("r1", NOON))
    stage.look(after=7 * 86400)
    assert stage.alarms(AlarmKind.BACKUP_OLD) == []
    stage.look(after=86400)
    assert [alarm.detail for alarm in stage.alarms(AlarmKind.BACKUP_OLD)] == ["none for 8 days"]
    with stage.site.database.transaction() as session:
        record(session, Act(OPERATOR.label, "records.backed-up", "records", "recovery"), stage.site.clock.now())
    stage.look(after=30)
    assert stage.alarms(AlarmKind.BACKUP_OLD)[0].state is AlarmState.CLOSED


def test_what_cannot_be_looked_at_keeps_nothing_else_from_being_seen(stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def gone(_: object) -> Room:
        raise FileNotFoundError

    def unavailable(_: object) -> timedelta:
        raise RecordsError("records.unavailable", "main.db", "locked", "Wait.")

    monkeypatch.setattr(shutil, "disk_usage", gone)
    monkeypatch.setattr("consentry.statistics.service.expiry_lag", unavailable)
    stage.lags = {"retention": 1000.0}
    stage.look()
    assert len(stage.alarms(AlarmKind.JOB_LATE)) == 1
    assert "not looked at: _look_at_disk" in caplog.text
    assert "not looked at: _look_at_retention" in caplog.text


def test_a_gap_of_a_camera_is_an_alarm_and_more_gaps_join_it(stage: Stage) -> None:
    live_at(stage.site, started("r1", NOON), minute("r1", NOON), minute("r1", NOON + 3 * MINUTE))
    deliver(stage.site, HANDLERS)
    pass_by(stage.site, minutes=10)
    live_at(stage.site, minute("r1", NOON + 6 * MINUTE))
    deliver(stage.site, HANDLERS)
    (alarm,) = stage.alarms(AlarmKind.CAMERA_GAP)
    assert (alarm.subject, alarm.times) == ("door", 2)
    assert alarm.detail == "2026-03-01T12:04:00+00:00 to 2026-03-01T12:06:00+00:00: figures-lost"


@pytest.mark.parametrize(
    ("status", "away", "alarms"),
    [(0, timedelta(seconds=20), 0), (0, timedelta(seconds=DOWN_AFTER_S), 1), (-9, timedelta(seconds=20), 1)],
    ids=["started anew", "stopped for long", "killed"],
)
def test_a_camera_that_is_started_anew_leaves_a_gap_and_no_alarm(stage: Stage, status: int, away: timedelta, alarms: int) -> None:
    stopped = NOON + 3 * MINUTE
    live_at(stage.site, started("r1", NOON), *(minute("r1", NOON + number * MINUTE) for number in range(3)))
    live_at(stage.site, process("camera:door", "ended", stopped, status), started("r2", stopped + away))
    deliver(stage.site, HANDLERS)
    assert len(stage.alarms(AlarmKind.CAMERA_GAP)) == alarms
    (gap,) = cameras.gaps(stage.site, OPERATOR, "door", limit=9)
    assert (gap.start, gap.end) == (stopped, stopped + away)


def test_a_ledger_that_fails_its_audit_is_a_critical_alarm(stage: Stage) -> None:
    live_at(stage.site, started("r1", NOON))
    check_ledger(stage.site)
    assert stage.alarms(AlarmKind.LEDGER_AUDIT_FAILED) == []
    with stage.site.database.transaction() as session:
        session.execute(delete(EntryRow).where(EntryRow.number == 1))
    check_ledger(stage.site)
    (alarm,) = stage.alarms(AlarmKind.LEDGER_AUDIT_FAILED)
    assert (alarm.severity, alarm.detail) == ("critical", "the first entry that cannot be trusted is 1")


def test_looking_again_and_again_at_a_site_that_is_well_writes_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    live_at(stage.site, health("r1", NOON))
    stage.look()
    monkeypatch.setattr(stage.site.database, "transaction", None)
    stage.look(after=30)
    assert service.live(stage.site) == []

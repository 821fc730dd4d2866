from __future__ import annotations

import logging
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from consentry.cameras import records
from consentry.cameras.gaps import watch_silence
from consentry.cameras.intake import Intake
from consentry.cameras.model import CameraState, GapCause
from consentry.cameras.rules import gaps
from consentry.cameras.stills import Stills
from consentry.platform.database import Database
from consentry.platform.errors import RecordsError
from consentry.platform.records import OutboxRow
from consentry.statistics.records import HeatHour, LineMinute, WatchedMinute
from tests.cameras.sites import MINUTE, NOON, acts, from_camera, gap, health, hour, minute, pass_by, process, site_on, started
from tests.databases import create

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from consentry.cameras.model import CameraGap, CameraHealth
    from consentry.platform.processes.messages import Delivery
    from consentry.platform.site import Site


def take(site: Site, *messages: dict[str, Any]) -> list[int]:
    return Intake(site, Stills()).take(from_camera(*messages))


def gaps_of(site: Site, camera: str = "door") -> list[CameraGap]:
    with site.database.reading() as session:
        return records.list_gaps(session, camera, (None, None), 100)[::-1]


def health_of(site: Site, camera: str = "door") -> CameraHealth:
    with site.database.reading() as session:
        return records.health_of(session, camera)


def counted(site: Site) -> list[tuple[int, int]]:
    """Return minute after noon and people in, of each minute with a crossing."""
    with site.database.reading() as session:
        rows = session.execute(select(LineMinute.minute, LineMinute.entered).where(~LineMinute.estimated).order_by(LineMinute.minute)).all()
    return [(number - int(NOON.timestamp()) // 60, entered) for number, entered in rows]


def test_a_batch_is_written_and_every_message_acknowledged(site: Site) -> None:
    assert take(site, started("r1", NOON), minute("r1", NOON, 3), minute("r1", NOON + MINUTE, 4), hour("r1", NOON), health("r1", NOON)) == [1, 2, 3, 4, 5]
    assert counted(site) == [(0, 3), (1, 4)]
    heard = health_of(site)
    assert (heard.state, heard.fps, heard.last_minute, heard.run) == (CameraState.LIVE, 9.5, NOON + MINUTE, "r1")
    with site.database.reading() as session:
        assert session.scalar(select(HeatHour)) is not None
        run = records.newest_run(session, "door")
    assert run is not None
    assert (run.width, run.height, run.detector) == (640, 480, "hog")


def test_a_batch_that_comes_again_changes_nothing(site: Site) -> None:
    messages = [started("r1", NOON), minute("r1", NOON, 3), gap("r1", NOON, NOON + timedelta(seconds=20)), process("camera:door", "ended", NOON + MINUTE, -9)]
    take(site, *messages)
    before = (counted(site), gaps_of(site), health_of(site), acts(site))
    take(site, *messages)
    assert (counted(site), gaps_of(site), health_of(site), acts(site)) == before


def test_what_is_malformed_or_unknown_is_logged_and_acknowledged(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    deliveries = from_camera({**minute("r1", NOON, 3), "coverage": 7}, minute("r1", NOON + MINUTE, 4))
    stranger = replace(deliveries[1], seq=9, camera="garden")
    with caplog.at_level(logging.WARNING):
        assert Intake(site, Stills()).take([*deliveries, stranger]) == [1, 2, 9]
    assert counted(site) == [(1, 4)]
    assert "message 1 of door was left out: malformed: number" in caplog.text
    assert "unknown camera garden" in caplog.text


def test_one_message_that_cannot_be_written_keeps_no_other_from_being_written(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    # The ledger refuses what looks like a telephone number, so this run's start cannot be entered.
    poison = {**started("r2", NOON), "detector": "13812345678"}
    assert take(site, minute("r1", NOON, 3), poison, minute("r1", NOON + MINUTE, 4)) == [1, 2, 3]
    assert counted(site) == [(0, 3), (1, 4)]
    assert acts(site, "camera.started") == []
    assert "a message was left out" in caplog.text


def test_nothing_is_acknowledged_while_the_database_cannot_be_used(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise RecordsError("records.unavailable", "main.db", "database is locked", "Wait.")

    monkeypatch.setattr("consentry.cameras.intake.record_minute", unavailable)
    with pytest.raises(RecordsError):
        take(sqlite_site, minute("r1", NOON, 3))


def test_a_run_that_starts_is_in_the_ledger_with_the_hash_of_the_settings(site: Site) -> None:
    take(site, started("r1", NOON))
    (act,) = acts(site, "camera.started")
    assert (act.object, act.actor) == ("camera:door", "system:cameras")
    assert act.details == {"run": "r1", "detector": "hog", "settings": site.store.digest}


def test_a_killed_camera_is_in_the_ledger_with_its_stop_and_its_gap(site: Site) -> None:
    killed, again = NOON + timedelta(seconds=90), NOON + timedelta(seconds=93)
    take(site, started("r1", NOON), minute("r1", NOON, 3), process("camera:door", "ended", killed, -9))
    take(site, started("r2", again), minute("r2", NOON + MINUTE, 1, coverage=0.45))
    (found,) = gaps_of(site)
    assert (found.start, found.end, found.cause, found.detail) == (NOON + MINUTE, again, GapCause.PROCESS_ENDED, "signal 9")
    (stopped,) = acts(site, "camera.stopped")
    assert stopped.details == {"exit": -9, "at": killed.isoformat(), "settings": site.store.digest}
    (entry,) = acts(site, "camera.gap")
    assert entry.reason == "process-ended"
    assert entry.details == {"gap": found.id, "start": (NOON + MINUTE).isoformat(), "end": again.isoformat()}


def test_a_gap_is_told_to_later_slices(site: Site) -> None:
    take(site, started("r1", NOON), minute("r1", NOON), started("r2", NOON + 5 * MINUTE))
    with site.database.reading() as session:
        payloads = [row.payload for row in session.scalars(select(OutboxRow).where(OutboxRow.name == "CameraGap"))]
    (found,) = gaps_of(site)
    assert [(payload["gap"], payload["camera"], payload["cause"]) for payload in payloads] == [(found.id, "door", "service-down")]


def test_a_camera_that_falls_silent_gets_an_open_gap_that_ends_when_it_counts_again(site: Site) -> None:
    take(site, started("r1", NOON), minute("r1", NOON))
    pass_by(site, seconds=200)
    watch_silence(site)
    assert gaps_of(site) == []
    pass_by(site, seconds=20)
    watch_silence(site)
    watch_silence(site)
    (opened,) = gaps_of(site)
    assert (opened.start, opened.end, opened.cause) == (NOON + MINUTE, None, GapCause.SILENT)
    assert len(acts(site, "camera.gap")) == 1
    take(site, minute("r1", NOON + 6 * MINUTE), gap("r1", NOON + 1.5 * MINUTE, NOON + 6.5 * MINUTE))
    (ended,) = gaps_of(site)
    assert (ended.id, ended.start, ended.end, ended.cause, ended.detail) == (
        opened.id,
        NOON + MINUTE,
        NOON + 6.5 * MINUTE,
        GapCause.NO_PICTURE,
        "no frames",
    )
    assert [act.reason for act in acts(site, "camera.gap-ended")] == ["no-picture"]


def test_figures_that_arrive_late_fill_the_gap_and_the_ledger_keeps_both(site: Site) -> None:
    take(site, started("r1", NOON), minute("r1", NOON), minute("r1", NOON + 3 * MINUTE))
    assert [found.cause for found in gaps_of(site)] == [GapCause.FIGURES_LOST]
    take(site, minute("r1", NOON + MINUTE), minute("r1", NOON + 2 * MINUTE))
    assert gaps_of(site) == []
    assert [act.action for act in acts(site) if "gap" in act.action] == ["camera.gap", "camera.gap-filled"]


def test_a_start_that_arrives_after_its_first_minute_cuts_that_minute(site: Site) -> None:
    first, second = NOON + timedelta(seconds=245), NOON + timedelta(seconds=258)
    take(site, started("r1", NOON), minute("r1", NOON), started("r2", first), minute("r3", NOON + 4 * MINUTE))
    take(site, started("r3", second))
    assert [(found.start, found.end) for found in gaps_of(site)] == [(NOON + MINUTE, first), (first, second)]


def test_text_of_a_camera_never_reaches_the_ledger(site: Site) -> None:
    take(site, started("r1", NOON), minute("r1", NOON), gap("r1", NOON, NOON + timedelta(seconds=30), "call 13812345678"))
    assert [found.detail for found in gaps_of(site)] == ["call 13812345678"]
    assert all("13812345678" not in str(act) for act in acts(site))


@pytest.mark.parametrize("name", ["web", "vault"])
def test_a_process_that_was_started_anew_is_in_the_ledger_once(site: Site, name: str) -> None:
    messages = [process(name, "ended", NOON, -9), process(name, "restarting", NOON), process(name, "started", NOON + MINUTE)]
    take(site, *messages, *messages)
    found = [(act.action, act.object, act.details["exit"]) for act in acts(site) if act.object == f"process:{name}"]
    assert found == [("process.ended", f"process:{name}", -9), ("process.restarted", f"process:{name}", None)]


def test_health_follows_the_newest_word_and_remembers_since_when(site: Site) -> None:
    pass_by(site, minutes=5)
    take(site, health("r1", NOON), health("r1", NOON + MINUTE), health("r1", NOON + 2 * MINUTE, "stalled", "no frames"), health("r1", NOON + MINUTE))
    heard = health_of(site)
    assert (heard.state, heard.since, heard.heard) == (CameraState.STALLED, NOON + 2 * MINUTE, NOON + 2 * MINUTE)
    take(site, process("camera:door", "ended", NOON + 3 * MINUTE, 0))
    assert health_of(site).state is CameraState.STOPPED
    take(site, process("camera:door", "started", NOON + 4 * MINUTE))
    assert health_of(site).state is CameraState.STARTING


def test_settings_that_somebody_edited_are_read_anew_and_entered_by_their_hash(site: Site) -> None:
    path = site.store.path
    path.write_text(path.read_text(encoding="utf-8").replace('name = "Aisle"', 'name = "Long aisle"'), encoding="utf-8")
    take(site, {"type": "settings", "at": NOON.timestamp()}, {"type": "settings", "at": NOON.timestamp()})
    assert site.settings.cameras[1].name.en == "Long aisle"
    (act,) = acts(site, "settings.applied")
    assert act.details["sha256"] == site.store.digest
    assert "Long aisle" not in str(act)


def test_settings_with_a_problem_change_nothing(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    site.store.path.write_text("nonsense = 1", encoding="utf-8")
    assert take(site, {"type": "settings", "at": NOON.timestamp()}) == [1]
    assert len(site.settings.cameras) == 2
    assert "the settings were not read anew" in caplog.text


# --- any order, any repetition -----------------------------------------------------------------------------------------------------------


def story(chance: Random) -> list[dict[str, Any]]:
    """Return what a camera says over half an hour in which its process is killed, loses its picture, and is stopped."""
    messages: list[dict[str, Any]] = []
    at, number = NOON, 0
    while at < NOON + 25 * MINUTE:
        number += 1
        at = _one_run(messages, f"r{number}", at, chance) + timedelta(seconds=chance.randrange(2, 200))
    return messages


def _one_run(messages: list[dict[str, Any]], run: str, begin: datetime, chance: Random) -> datetime:
    end = begin + timedelta(seconds=chance.randrange(20, 600))
    messages.append(started(run, begin))
    current = begin.replace(second=0)
    while current + MINUTE <= end:
        lost = chance.random()
        if lost < 0.15:
            messages.append(minute(run, current, state="missing", coverage=0.0))
        elif lost < 0.85:
            messages.append(minute(run, current, chance.randrange(4)))
        if chance.random() < 0.2:
            hole = max(begin, current + timedelta(seconds=chance.randrange(30)))
            messages.append(gap(run, hole, hole + timedelta(seconds=chance.randrange(5, 25))))
        messages.append(health(run, current, chance.choice(["live", "stalled"])))
        current += MINUTE
    if chance.random() < 0.7:
        messages.append(process("camera:door", "ended", end, chance.choice([0, -9, 1])))
    return end


def shuffled(deliveries: Sequence[Delivery], chance: Random) -> Iterator[list[Delivery]]:
    """Yield every message at least once, in any order, cut into batches anywhere."""
    again = [delivery for delivery in deliveries if chance.random() < 0.3]
    mixed = [*deliveries, *again]
    chance.shuffle(mixed)
    while mixed:
        size = chance.randrange(1, 12)
        yield mixed[:size]
        mixed = mixed[size:]


def everything(site: Site) -> dict[str, object]:
    """Return all rows that messages lead to. Since when a state holds is how it was heard, and figures that are estimated depend on neighbours."""
    with site.database.reading() as session:
        watched = sorted((row.minute, row.run, row.watched_ms) for row in session.scalars(select(WatchedMinute).where(WatchedMinute.run > 0)))
        whole = records.timeline(session, "door", NOON - timedelta(days=1))
    runs = sorted({run for _, run, _ in watched})
    found = [(gap.start, gap.end, gap.cause, gap.detail) for gap in gaps_of(site)]
    oracle = [(gap.start, gap.end, gap.cause, gap.detail) for gap in gaps(whole, site.clock.now())]
    assert found == oracle
    minutes = sorted((number, ms) for number, _, ms in watched)
    return {"figures": counted(site), "minutes": minutes, "runs": len(runs), "gaps": found, "health": replace(health_of(site), since=None)}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "main.db"
    database = Database(f"sqlite:///{path}")
    create(database)
    database.close()
    return path


@pytest.mark.timeout(900)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_any_interleaving_of_repeated_and_reordered_messages_leads_to_the_same_rows(template: Path, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a test's dice
    deliveries = from_camera(*story(chance))
    with TemporaryDirectory() as first, TemporaryDirectory() as second:
        orders = [[deliveries], list(shuffled(deliveries, chance))]
        results = [told(Path(folder), template, order) for folder, order in zip((first, second), orders, strict=True)]
    assert results[0] == results[1]


def told(folder: Path, template: Path, batches: list[list[Delivery]]) -> dict[str, object]:
    shutil.copyfile(template, folder / "main.db")
    database = Database(f"sqlite:///{folder / 'main.db'}")
    site = site_on(database, folder)
    pass_by(site, minutes=60)
    intake = Intake(site, Stills())
    for batch in batches:
        intake.take(batch)
    result = everything(site)
    database.close()
    return result

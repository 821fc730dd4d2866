"""While the site runs: a fault that leaves the face as the only way stops it and calls people; what recognition lacks stops the face and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from consentry.access.model import ReaderKind
from consentry.access.records.controllers import stopped_faces
from consentry.access.service import readiness
from consentry.access.service.controllers import SNAPSHOT_KEY
from consentry.access.service.snapshots import snapshot_for
from consentry.access.snapshot_text import read_snapshot
from consentry.consent.model import Purpose
from consentry.ledger.work import reading
from consentry.platform.errors import NotFoundError
from consentry.recognition.answers import IncidentKind, PurposeState, StationState
from tests.access.events.lodge import GUARD, NINE, Controller, standing

if TYPE_CHECKING:
    from tests.access.events.lodge import Lodge


@pytest.fixture
def recognising(monkeypatch: pytest.MonkeyPatch, lodge: Lodge) -> dict[str, StationState]:
    """Say that recognition runs, and return its stations, for a test to change."""
    station = lodge.site.settings.stations[0]
    found = {station.id: StationState(station.id, station.name, (Purpose.DOOR_ACCESS,), enrols=False, paired=NINE, stopped=None, stopped_at=None)}
    monkeypatch.setattr("consentry.recognition.service.purpose_state", lambda _, purpose: PurposeState(purpose, ()))
    monkeypatch.setattr("consentry.recognition.service.stations", lambda *_: tuple(found.values()))
    return found


def front(lodge: Lodge) -> dict[ReaderKind, str | None]:
    """Return the ways through the front door: None for one that works, otherwise why it does not."""
    return {way.reader: None if way.works else way.code for way in readiness.door_readiness(lodge.site, "front").ways}


def stopped(lodge: Lodge) -> frozenset[str]:
    with reading(lodge.site) as work:
        return stopped_faces(work.session)


@pytest.mark.usefixtures("recognising")
def test_every_way_works_where_all_is_well(lodge: Lodge, main: Controller) -> None:
    main.send()
    assert front(lodge) == dict.fromkeys((ReaderKind.CARD, ReaderKind.PIN, ReaderKind.QR, ReaderKind.FACE))


@pytest.mark.usefixtures("recognising")
def test_a_fault_that_leaves_the_face_alone_stops_it_and_calls_people_until_it_is_mended(lodge: Lodge, main: Controller) -> None:
    main.send()
    readiness.follow(lodge.site)
    assert (stopped(lodge), lodge.alarms()) == (frozenset(), set())
    number = main.snapshot = _number(main)
    main.send(doors={"front": standing(broken=("card", "pin", "qr"))})
    readiness.follow(lodge.site)
    assert front(lodge)[ReaderKind.FACE] == "door.face-alone"
    assert stopped(lodge) == {"front"}
    assert ("face-alone", "front") in lodge.alarms()
    assert _readers(main) == {ReaderKind.CARD, ReaderKind.PIN, ReaderKind.QR}
    main.snapshot = number
    lodge.pass_by(seconds=2)
    main.send()
    readiness.follow(lodge.site)
    assert (stopped(lodge), lodge.alarms()) == (frozenset(), set())
    assert ReaderKind.FACE in _readers(main)
    assert [len(lodge.acts(f"access.face-{what}")) for what in ("stopped", "resumed")] == [1, 1]


def test_without_recognition_the_face_is_out_of_service_and_the_others_go_on(lodge: Lodge, main: Controller) -> None:
    main.send()
    ways = front(lodge)
    assert ways.pop(ReaderKind.FACE) not in {None, "door.face-alone"}
    assert set(ways.values()) == {None}
    readiness.follow(lodge.site)
    assert stopped(lodge) == {"front"}
    assert ("face-alone", "front") not in lodge.alarms()


@pytest.mark.parametrize(
    ("change", "code"),
    [("unpaired", "station.unpaired"), ("stopped", "station.stopped"), ("gone", "station.none"), ("away", "controller.away"), ("reader", "reader.fault")],
)
def test_what_hinders_a_doors_own_station_stops_its_face(lodge: Lodge, main: Controller, recognising: dict[str, StationState], change: str, code: str) -> None:
    main.send()
    station = recognising.pop("front-eye")
    if change in {"unpaired", "stopped"}:
        stopped_by = IncidentKind.FORGED_OUTCOME if change == "stopped" else None
        paired = NINE if change == "stopped" else None
        recognising["front-eye"] = StationState(station.station, station.name, station.purposes, False, paired, stopped_by, None)  # noqa: FBT003 - it does not enrol
    elif change != "gone":
        recognising["front-eye"] = station
    if change == "away":
        lodge.pass_by(seconds=31)
    if change == "reader":
        main.send(doors={"front": standing("card", broken=("face",))})
    assert front(lodge)[ReaderKind.FACE] == code


def test_whoever_stands_before_a_door_may_know_its_ways_and_staff_those_of_all(lodge: Lodge) -> None:
    assert [ready.door for ready in readiness.readiness(lodge.site, GUARD)] == ["front", "hall", "out", "gate"]
    with pytest.raises(NotFoundError):
        readiness.door_readiness(lodge.site, "cellar")


def _number(device: Controller) -> int:
    return snapshot_for(device.site, device.id).number


def _readers(device: Controller) -> set[ReaderKind]:
    """Return what the newest snapshot says stands at the front door."""
    key = device.site.keys.signing_key(SNAPSHOT_KEY).public_key().public_bytes_raw()
    snapshot = read_snapshot(snapshot_for(device.site, device.id).text, key, site="lodge-1", controller=device.id)
    return {reader for door in snapshot.policy.doors if door.id == "front" for reader in door.readers}

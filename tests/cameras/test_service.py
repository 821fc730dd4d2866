from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from consentry.cameras import records, service
from consentry.cameras.intake import Intake
from consentry.cameras.model import AreaDraft, CameraState, LineDraft
from consentry.cameras.stills import Stills
from consentry.counting.model import Line, Point
from consentry.counting.rules import check_line
from consentry.platform.actors import Actor, ActorKind, Permission, permission_of
from consentry.platform.errors import ConflictError, DeniedError, InputError, NotFoundError, SettingsError, StaleError
from tests.cameras.sites import MINUTE, NOON, OPERATOR, acts, from_camera, health, minute, pass_by, started

if TYPE_CHECKING:
    from consentry.platform.site import Site

MAIN = LineDraft("main", {"zh": "Main door", "en": "Main door"}, (100, 400), (500, 400))
SHELF = AreaDraft("shelf", {"zh": "货架", "en": "Shelf"}, ((10, 10), (200, 10), (200, 200)))
OUTSIDE = LineDraft("far", {"zh": "far", "en": "far"}, (100, 400), (900, 400))
DOT = LineDraft("dot", {"zh": "dot", "en": "dot"}, (100, 400), (100, 400))
BORDER = LineDraft("edge", {"zh": "edge", "en": "edge"}, (5, 0), (5, 400))


class FakeConnection:
    """A supervisor that never answers; it remembers what it was asked."""

    def __init__(self) -> None:
        self.stills = Stills()
        self.asked: list[tuple[str, ...]] = []

    def ask_still(self, camera: str, _: str) -> None:
        self.asked.append(("still", camera))

    def ask_reload(self) -> None:
        self.asked.append(("reload",))

    def ask_restart(self, camera: str) -> None:
        self.asked.append(("restart", camera))


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> FakeConnection:
    connection = FakeConnection()
    monkeypatch.setattr(service, "connection_of", lambda _: connection)
    return connection


@pytest.fixture
def seen(site: Site) -> Site:
    """Return a site whose camera at the door has counted for a minute."""
    Intake(site, Stills()).take(from_camera(started("r1", NOON), minute("r1", NOON, 2), health("r1", NOON)))
    return site


def test_every_function_for_staff_names_its_permission() -> None:
    wanted = {
        "list_cameras": Permission.VIEW_CAMERAS,
        "camera": Permission.VIEW_CAMERAS,
        "health": Permission.VIEW_CAMERAS,
        "gaps": Permission.VIEW_CAMERAS,
        "geometry": Permission.VIEW_CAMERAS,
        "check_geometry": Permission.EDIT_CAMERAS,
        "save_geometry": Permission.EDIT_CAMERAS,
        "restart": Permission.EDIT_CAMERAS,
        "request_still": Permission.VIEW_STILL,
        "apply_settings": Permission.EDIT_SETTINGS,
    }
    assert {name: permission_of(getattr(service, name)) for name in wanted} == wanted


def test_a_camera_shows_its_settings_its_state_and_no_password(seen: Site) -> None:
    door, aisle = service.list_cameras(seen, OPERATOR)
    assert (door.id, door.name["zh"], door.missing, door.health.state, door.lines) == ("door", "大门", (), CameraState.LIVE, ("main",))
    assert door.source == "rtsp://viewer:***@camera.lan/1"
    assert door.sign is not None
    assert (door.sign.place, door.sign.photo) == ("On the door", "sign.jpg")
    assert aisle.health.state is CameraState.INCOMPLETE
    assert aisle.missing == ("zone_type", "basis", "retention", "sign")


def test_a_camera_whose_photograph_of_the_sign_is_gone_is_incomplete(seen: Site) -> None:
    seen.store.places.file("sign.jpg").unlink()
    assert service.camera(seen, OPERATOR, "door").missing == ("sign.photo",)


def test_a_camera_that_nobody_hears_of_is_silent(seen: Site) -> None:
    pass_by(seen, minutes=4)
    assert service.health(seen, OPERATOR, "door").state is CameraState.SILENT


@pytest.mark.parametrize("function", [service.camera, service.health, service.gaps, service.geometry])
def test_an_unknown_camera_is_not_found(site: Site, function: object) -> None:
    assert callable(function)
    with pytest.raises(NotFoundError) as refused:
        function(site, OPERATOR, "garden")
    assert refused.value.code == "camera.unknown"


def test_gaps_are_listed_newest_first_and_by_time(seen: Site) -> None:
    Intake(seen, Stills()).take(from_camera(*(minute("r1", NOON + step * MINUTE) for step in (2, 4, 5, 8))))
    starts = [found.start for found in service.gaps(seen, OPERATOR, "door")]
    assert starts == [NOON + 6 * MINUTE, NOON + 3 * MINUTE, NOON + MINUTE]
    assert [found.start for found in service.gaps(seen, OPERATOR, "door", start=NOON + 4 * MINUTE)] == starts[:1]
    assert [found.start for found in service.gaps(seen, OPERATOR, "door", end=NOON + 3 * MINUTE)] == starts[2:]
    assert [found.start for found in service.gaps(seen, OPERATOR, "door", limit=2)] == starts[:2]


# --- lines and areas ---------------------------------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_once_with_its_element_and_place(seen: Site) -> None:
    flat = AreaDraft("flat", SHELF.name, ((0, 0), (10, 0), (20, 0)))
    found = service.check_geometry(seen, OPERATOR, "door", [MAIN, OUTSIDE, DOT, BORDER, MAIN], [SHELF, flat])
    assert [(fault.kind, fault.element, fault.index, fault.code) for fault in found] == [
        ("line", "far", 1, "line.outside"),
        ("line", "dot", 2, "line.ends-coincide"),
        ("line", "edge", 3, "line.on-border"),
        ("line", "main", 4, "line.same-name"),
        ("area", "flat", 1, "area.no-area"),
    ]
    assert all(fault.problem and fault.mend for fault in found)


def test_lines_cannot_be_drawn_before_the_size_of_the_picture_is_known(site: Site) -> None:
    with pytest.raises(ConflictError) as refused:
        service.check_geometry(site, OPERATOR, "door", [MAIN], [])
    assert refused.value.code == "camera.no-picture"


def test_saved_lines_are_in_force_in_the_file_with_its_comments_in_the_ledger_and_at_the_supervisor(seen: Site, supervisor: FakeConnection) -> None:
    before = service.geometry(seen, OPERATOR, "door")
    moved = LineDraft("main", MAIN.name, (100, 400), (550, 420), staff_only=True)
    after = service.save_geometry(seen, OPERATOR, "door", [moved], [SHELF], etag=before.etag)
    assert (after.lines, after.areas, after.width, after.height) == ((moved,), (SHELF,), 640, 480)
    assert after.etag != before.etag
    text = seen.store.path.read_text(encoding="utf-8")
    assert "# Measured with a tape on the floor." in text
    assert "from = [100, 400] # left post" in text
    (act,) = acts(seen, "settings.applied")
    assert act.actor == OPERATOR.label
    assert act.details["sha256"] == seen.store.digest
    assert supervisor.asked == [("reload",)]


def test_saving_what_was_drawn_on_an_older_state_is_refused(seen: Site, supervisor: FakeConnection) -> None:
    before = service.geometry(seen, OPERATOR, "door")
    service.save_geometry(seen, OPERATOR, "door", [], [SHELF], etag=before.etag)
    with pytest.raises(StaleError) as refused:
        service.save_geometry(seen, OPERATOR, "door", [MAIN], [], etag=before.etag)
    assert refused.value.code == "geometry.stale"
    assert supervisor.asked == [("reload",)]


def test_saving_what_cannot_count_changes_nothing(seen: Site, supervisor: FakeConnection) -> None:
    text = seen.store.path.read_bytes()
    with pytest.raises(service.GeometryFaultsError) as refused:
        service.save_geometry(seen, OPERATOR, "door", [OUTSIDE, DOT], [], etag=service.geometry(seen, OPERATOR, "door").etag)
    assert [fault.element for fault in refused.value.faults] == ["far", "dot"]
    assert seen.store.path.read_bytes() == text
    assert supervisor.asked == []


def test_a_name_that_settings_refuse_is_refused(seen: Site, supervisor: FakeConnection) -> None:
    bad = LineDraft("Not A Slug", MAIN.name, (100, 400), (500, 400))
    with pytest.raises(SettingsError):
        service.save_geometry(seen, OPERATOR, "door", [bad], [], etag=service.geometry(seen, OPERATOR, "door").etag)
    assert supervisor.asked == []


def test_the_editor_refuses_by_the_rules_of_counting(seen: Site) -> None:
    faults = service.check_geometry(seen, OPERATOR, "door", [OUTSIDE], [])
    with pytest.raises(InputError) as refused:
        check_line(Line("far", Point(*OUTSIDE.start), Point(*OUTSIDE.end)), 640, 480)
    assert (faults[0].code, faults[0].problem) == (refused.value.code, refused.value.problem)


# --- stills and restarts ---------------------------------------------------------------------------------------------------------------------


def test_a_still_needs_its_permission_and_a_reason(seen: Site, supervisor: FakeConnection) -> None:
    viewer = Actor(ActorKind.STAFF, "s1", frozenset({Permission.VIEW_CAMERAS}))
    with pytest.raises(DeniedError):
        service.request_still(seen, viewer, "door", "drawing a line")
    for reason in ("", "  ", "x" * 301):
        with pytest.raises(InputError) as refused:
            service.request_still(seen, OPERATOR, "door", reason)
        assert refused.value.code == "camera.no-reason"
    assert supervisor.asked == []
    assert acts(seen, "camera.still") == []


def test_a_look_that_shows_nothing_is_in_the_ledger_all_the_same(seen: Site, supervisor: FakeConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "STILL_WITHIN_S", 0.01)
    with pytest.raises(ConflictError) as refused:
        service.request_still(seen, OPERATOR, "door", "drawing a line")
    assert refused.value.code == "camera.no-still"
    assert len(supervisor.stills) == 0
    (act,) = acts(seen, "camera.still")
    assert (act.actor, act.object, act.reason) == (OPERATOR.label, "camera:door", "drawing a line")


def test_a_restart_is_asked_for_and_in_the_ledger(seen: Site, supervisor: FakeConnection) -> None:
    service.restart(seen, OPERATOR, "door", "picture frozen")
    assert supervisor.asked == [("restart", "door")]
    assert [act.reason for act in acts(seen, "camera.restart")] == ["picture frozen"]


def test_without_a_supervisor_there_is_neither_still_nor_restart(site: Site) -> None:
    for function in (service.request_still, service.restart):
        with pytest.raises(ConflictError) as refused:
            function(site, OPERATOR, "door", "why not")
        assert refused.value.code == "cameras.no-supervisor"


def test_settings_edited_while_nothing_ran_are_entered_at_the_next_start_once(site: Site) -> None:
    service.note_settings(site)
    service.note_settings(site)
    assert [act.details["sha256"] for act in acts(site, "settings.applied")] == [site.store.digest]


def test_forgetting_finds_nothing_where_no_camera_ever_reported(site: Site) -> None:
    service.forget_old(site)
    assert service.gaps(site, OPERATOR, "door") == []


def test_what_is_past_its_retention_is_forgotten_and_silence_still_known(seen: Site) -> None:
    Intake(seen, Stills()).take(from_camera(*(minute("r1", NOON + step * MINUTE) for step in (2, 4))))
    pass_by(seen, days=91)
    service.forget_old(seen)
    assert service.gaps(seen, OPERATOR, "door") == []
    service.watch_silence(seen)
    (opened,) = service.gaps(seen, OPERATOR, "door")
    assert (opened.start, opened.end) == (NOON + 5 * MINUTE, None)
    with seen.database.reading() as session:
        assert records.fold_begin(session, "door", seen.clock.now()) == NOON + 5 * MINUTE
    assert seen.clock.now() - NOON > timedelta(days=90)

"""What changed between two versions, and what each change takes."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.settings.changes import Change, diff
from consentry.platform.settings.editing import with_value
from consentry.platform.settings.fields import Effect, entries
from consentry.platform.settings.model import Settings
from consentry.platform.settings.reading import read_settings
from tests.platform.settings.texts import DOOR, LEAST

LIVE, CAMERA, RESTART = Effect.LIVE, Effect.CAMERA_RESTART, Effect.RESTART
BEFORE = LEAST + DOOR


def changes(after: str, before: str = BEFORE) -> list[Change]:
    return diff(read_settings(before, "old"), read_settings(after, "new"))


@pytest.mark.parametrize(
    ("path", "value", "effect"),
    [
        ("site.occupancy_reset", "05:00", LIVE),
        ("site.contact", "desk", LIVE),
        ("site.id", "shop-2", RESTART),
        ("web.port", 9000, RESTART),
        ("web.names", ["a.lan"], RESTART),
        ("data.folder", "elsewhere", RESTART),
        ("keys.folder", "elsewhere", RESTART),
        ("database.url", "postgresql://u@h/d", RESTART),
        ("processes.one_user", True, RESTART),
        ("retention.heat", "30 days", LIVE),
        ("alarms.escalate_after", "1 hour", LIVE),
        ("camera.door.source", "webcam:1", CAMERA),
        ("camera.door.zone_type", "lobby", CAMERA),
        ("camera.door.region", [0.0, 0.0, 9.0, 9.0], CAMERA),
        ("camera.door.detector", "hog", CAMERA),
        ("camera.door.sign.place", "right", CAMERA),
        ("camera.door.retention", "30 days", LIVE),
        ("camera.door.publish", False, LIVE),
        ("camera.door.line.main.to", [9.0, 9.0], CAMERA),
        ("camera.door.line.main.staff_only", True, LIVE),
        ("camera.door.line.main.entrance", False, LIVE),
    ],
)
def test_a_changed_value_is_one_change_with_its_effect(path: str, value: object, effect: Effect) -> None:
    (found,) = changes(with_value(BEFORE, path, value))
    assert (found.path, found.new, found.effect) == (path, value, effect)
    (back,) = changes(BEFORE, with_value(BEFORE, path, value))
    assert (back.path, back.old, back.new) == (path, value, found.old)


@pytest.mark.parametrize(
    ("added", "path", "effect", "sensitive"),
    [
        ('\n[[camera]]\nid = "gate"\nname = "Gate"\n', "camera.gate", CAMERA, True),
        ('\n[[camera.line]]\nid = "side"\nname = "S"\nfrom = [1, 1]\nto = [2, 2]\n', "camera.door.line.side", CAMERA, False),
        ('\n[[camera.area]]\nid = "shelf"\nname = "S"\ncorners = [[1, 1], [2, 2], [3, 1]]\n', "camera.door.area.shelf", CAMERA, False),
        ('\n[alarms.webhook]\nurl = "https://h.example/x"\n', "alarms.webhook", LIVE, True),
        ('\n[web.tls.files]\ncertificate = "c"\nkey = "k"\n', "web.tls.files", RESTART, False),
        ('\n[site.hours]\nmonday = ["09:00-18:00"]\n', "site.hours", LIVE, False),
    ],
)
def test_a_part_that_came_or_went_is_one_change(added: str, path: str, effect: Effect, sensitive: bool) -> None:
    (came,) = changes(BEFORE + added)
    assert (came.path, came.old, came.effect, came.sensitive) == (path, None, effect, sensitive)
    (went,) = changes(BEFORE, BEFORE + added)
    assert (went.path, went.old, went.new) == (path, came.new, None)


@pytest.mark.parametrize(
    "after", [BEFORE, f"# a comment\n{BEFORE}", BEFORE.replace('name = "Shop"', 'name = { zh = "Shop", en = "Shop" }'), BEFORE + "[web]\nport = 8000\n"]
)
def test_a_text_that_says_the_same_changes_nothing(after: str) -> None:
    assert changes(after) == []


def test_cameras_are_told_apart_by_their_ids_wherever_they_stand() -> None:
    gate = DOOR.replace('"door"', '"gate"')
    assert changes(LEAST + gate + DOOR, LEAST + DOOR + gate) == []


def test_what_may_tell_an_address_says_so_and_no_change_shows_its_values() -> None:
    (source,) = changes(with_value(BEFORE, "camera.door.source", "rtsp://u:{secret}@192.0.2.1/x"))
    assert source.sensitive
    assert "192.0.2.1" not in repr(source)


def plain(path: str) -> bool:
    return "[]" not in path and path.count(".") == 1


DURATIONS = [entry.path for entry in entries(Settings) if plain(entry.path) and entry.path.startswith("retention.")]


@given(st.dictionaries(st.sampled_from(DURATIONS), st.integers(1, 2)), st.integers(1, 65535))
def test_applying_the_changes_to_the_old_text_gives_the_new_settings(days: dict[str, int], port: int) -> None:
    text = with_value(BEFORE, "web.port", port)
    for path in days:
        text = with_value(text, path, {"retention.ledger_bodies": "2000 days", "retention.idempotency": "2 hours"}.get(path, "2 days"))
    replayed = BEFORE
    for change in changes(text):
        replayed = with_value(replayed, change.path, change.new)
    assert read_settings(replayed, "a") == read_settings(text, "b")


def test_every_key_of_the_model_is_described_once() -> None:
    found = list(entries(Settings))
    assert len({entry.path for entry in found}) == len(found)
    for entry in found:
        assert entry.description.endswith("."), entry.path
        assert entry.kind, entry.path


@pytest.mark.parametrize(
    ("path", "default", "required"),
    [
        ("retention.figures", "730 days", False),
        ("site.occupancy_reset", "04:00", False),
        ("site.languages", ["zh-CN", "en"], False),
        ("site.id", None, True),
        ("camera[].source", None, False),
        ("camera[].line[].from", None, True),
        ("camera[].line[].entrance", True, False),
        ("web.tls.mode", "off", False),
    ],
)
def test_a_key_knows_its_default_as_it_stands_in_the_file(path: str, default: object, required: bool) -> None:
    entry = next(entry for entry in entries(Settings) if entry.path == path)
    assert (entry.default, entry.required) == (default, required)


def test_a_choice_lists_its_values_and_words_have_both_languages() -> None:
    kinds: dict[str, Any] = {entry.path: entry.kind for entry in entries(Settings)}
    assert "lift-lobby" in kinds["camera[].zone_type"]["enum"]
    assert set(kinds["site.name"]["properties"]) == {"zh", "en"}


def test_shown_settings_read_back_as_they_were() -> None:
    settings = read_settings(BEFORE, "a")
    shown = settings.model_dump(mode="json", by_alias=True)
    assert Settings.model_validate(shown) == settings
    assert settings.retention.figures == timedelta(days=730)
    assert tomllib.loads(BEFORE)["camera"][0]["retention"] == shown["camera"][0]["retention"]

"""Edits keep every comment and every key that they do not name, and the text says exactly what was asked for."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import NotFoundError
from consentry.platform.settings.editing import with_members, with_value, without
from consentry.platform.settings.fields import entries
from consentry.platform.settings.model import Settings
from consentry.platform.settings.reading import read_settings
from tests.platform.settings.texts import DOOR, LEAST, everything

SECOND = DOOR.replace('"door"', '"gate"').replace("measured", "guessed")
LINES = st.lists(
    st.builds(
        lambda name, x, y: {"id": name, "name": name, "from": [x, y], "to": [x + 1.5, y]},
        st.sampled_from(["main", "side", "a", "b", "c"]),
        st.integers(0, 4000),
        st.integers(0, 4000),
    ),
    unique_by=lambda line: line["id"],
    max_size=4,
)
INDEX = {"door": 0, "gate": 1, "main": 0, "shelf": 0}


def comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.lstrip().startswith("#")]


def at(document: Any, path: str) -> Any:  # noqa: ANN401 - whatever stands in a TOML document
    for part in path.split("."):
        document = document[INDEX[part]] if isinstance(document, list) else document[part]
    return document


@given(LINES, st.sampled_from(["door", "gate"]))
def test_the_lines_of_one_camera_are_replaced_and_nothing_else(lines: list[dict[str, Any]], camera: str) -> None:
    text = f"# top\n{LEAST}{DOOR}# between\n{SECOND}"
    edited = with_members(text, f"camera.{camera}.line", lines)
    before, after = tomllib.loads(text), tomllib.loads(edited)
    changed = after["camera"][INDEX[camera]].pop("line", [])
    assert sorted(changed, key=lambda line: line["id"]) == sorted(lines, key=lambda line: line["id"])
    before["camera"][INDEX[camera]].pop("line")
    assert after == before
    assert comments(edited).count("# top") == 1
    read_settings(edited, "site.toml")


@given(st.lists(LINES, min_size=1, max_size=4))
def test_edits_follow_one_another(steps: list[list[dict[str, Any]]]) -> None:
    text = LEAST + DOOR + SECOND
    for lines in steps:
        text = with_members(text, "camera.door.line", lines)
    found = tomllib.loads(text)["camera"]
    assert sorted(found[0].get("line", []), key=str) == sorted(steps[-1], key=str)
    assert found[1] == tomllib.loads(LEAST + DOOR + SECOND)["camera"][1]


def test_a_line_that_stays_keeps_its_place_its_comment_and_what_did_not_change() -> None:
    moved = {"id": "main", "name": "Doorway", "from": [10, 20], "to": [999, 20]}
    edited = with_members(LEAST + DOOR, "camera.door.line", [moved, {"id": "side", "name": "Side", "from": [1, 2], "to": [3, 4]}])
    assert edited.startswith((LEAST + DOOR).replace("to = [300, 20]", "to = [999, 20]"))
    assert 'name = "Doorway"  # measured on site' in edited


def test_lines_written_inside_one_another_become_tables() -> None:
    inline = DOOR[: DOOR.index("[[camera.line]]")].replace("[camera.sign]", 'line = [{ id = "x", name = "X", from = [1, 2], to = [3, 4] }]\n[camera.sign]')
    edited = with_members(LEAST + inline, "camera.door.line", [{"id": "y", "name": "Y", "from": [5, 6], "to": [7, 8]}])
    assert [line.id for line in read_settings(edited, "site.toml").cameras[0].lines] == ["y"]


@pytest.mark.parametrize("path", {entry.path.rpartition(".")[0]: entry.path for entry in entries(Settings) if "[]" not in entry.path}.values())
def test_a_key_of_every_table_can_be_set_and_taken_out_leaving_all_comments(path: str) -> None:
    text = everything()
    value = at(tomllib.loads(text), path)
    gone = without(text, path)
    assert comments(gone) == comments(text)
    with pytest.raises(KeyError):
        at(tomllib.loads(gone), path)
    assert tomllib.loads(with_value(gone, path, value)) == tomllib.loads(text)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("web.port", 9000),
        ("camera.door.region", [0, 0, 10, 10]),
        ("camera.door.line.main.from", [7, 8]),
        ("camera.door.sign.text", {"zh": "甲", "en": "A"}),
        ("camera.door.area.shelf.corners", [[0, 0], [1, 0], [1, 1]]),
        ("site.hours.sunday", ["10:00-12:00"]),
    ],
)
def test_a_value_is_set_deep_inside(path: str, value: object) -> None:
    text = everything()
    edited = with_value(text, path, value)
    assert at(tomllib.loads(edited), path) == value
    assert comments(edited) == comments(text)
    assert with_value(edited, path, value) == edited


def test_a_comment_behind_a_value_stays() -> None:
    edited = with_value("[web]\nport = 8000 # behind the proxy\n", "web.port", 9000)
    assert edited == "[web]\nport = 9000 # behind the proxy\n"


def test_tables_on_the_way_are_made() -> None:
    assert tomllib.loads(with_value(LEAST, "web.tls.mode", "off"))["web"] == {"tls": {"mode": "off"}}


def test_a_camera_is_added_and_taken_out() -> None:
    added = with_members(LEAST + DOOR, "camera", [tomllib.loads(DOOR)["camera"][0], {"id": "new", "name": "New", "source": None}])
    assert [camera.id for camera in read_settings(added, "site.toml").cameras] == ["door", "new"]
    assert [camera.id for camera in read_settings(without(added, "camera.door"), "site.toml").cameras] == ["new"]
    assert "camera" not in tomllib.loads(with_members(added, "camera", []))


@pytest.mark.parametrize("path", ["camera.gone.region", "camera.door.line.gone.from", "camera.gone"])
def test_a_camera_or_line_that_is_not_there_is_named(path: str) -> None:
    with pytest.raises(NotFoundError, match=path) as caught:
        without(LEAST + DOOR, path)
    assert caught.value.code == "settings.no-such-part"
    if path.count(".") > 1:
        with pytest.raises(NotFoundError, match=path):
            with_value(LEAST + DOOR, path, 1)


def test_a_key_that_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(NotFoundError):
        without(LEAST, "web.port")

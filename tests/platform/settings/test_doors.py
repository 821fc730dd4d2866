"""What a settings file may say of doors: never a face reader alone, never another way that is slower."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.settings.doors import DoorReader
from consentry.platform.settings.problems import InvalidSettingsError, Problem
from consentry.platform.settings.reading import read_settings
from tests.platform.settings.texts import LEAST

READERS = st.lists(st.sampled_from(DoorReader), min_size=1, unique=True)
STATION = """
[[purpose]]
id = "door_access"
retention = "90 days"
validity = "90 days"
alternatives = ["card"]
[[purpose]]
id = "greeting"
retention = "90 days"
validity = "90 days"
alternatives = ["desk"]
[[station]]
id = "gate"
name = "Gate"
purposes = ["door_access"]
[[station]]
id = "hall"
name = "Hall"
purposes = ["greeting"]
"""


def problems(text: str) -> list[Problem]:
    try:
        read_settings(LEAST + STATION + text, "site.toml")
    except InvalidSettingsError as error:
        return list(error.problems)
    return []


def door(*readers: str, more: str = "") -> str:
    return f"[[door]]\nid = 'gate'\nreaders = {[str(reader) for reader in readers]}\n{more}\n"


def test_a_door_needs_no_more_than_an_id_and_readers() -> None:
    (found,) = read_settings(LEAST + door("card", "face"), "site.toml").doors
    assert (found.readers, found.leads_from, found.leads_into, found.unlock_s) == ((DoorReader.CARD, DoorReader.FACE), "outside", "inside", 5.0)


@given(READERS)
def test_a_face_reader_never_stands_alone(readers: list[DoorReader]) -> None:
    alone = readers == [DoorReader.FACE]
    assert [problem.code for problem in problems(door(*readers))] == (["settings.door-face-alone"] if alone else [])


@pytest.mark.parametrize(
    "text", ["[[door]]\nreaders = ['face']\n", door("face", more="colour = 'red'"), door("face", "face"), door("face", more="unlock_s = 'long'")]
)
def test_a_face_reader_alone_is_told_of_whatever_else_is_wrong(text: str) -> None:
    assert "settings.door-face-alone" in {problem.code for problem in problems(text)}
    assert "settings.door-face-alone" in {problem.code for problem in problems("[web]\nport = 'none'\n" + text)}


@pytest.mark.parametrize("value", ["true", "'5'", "nan", "inf"])
def test_seconds_are_finite_numbers_and_nothing_that_looks_like_one(value: str) -> None:
    for more in (f"unlock_s = {value}", f"wait = {{qr = {value}}}"):
        assert [problem.problem.partition(",")[0] for problem in problems(door("card", "qr", more=more))] == ["it is not a number"]


def test_the_refusal_names_the_rule_and_what_to_add() -> None:
    (found,) = problems(door("face"))
    assert found.key == "door[0].readers"
    assert "R61" in found.mend
    assert "card" in found.mend


@given(READERS, st.dictionaries(st.sampled_from(DoorReader), st.integers(0, 20)))
def test_no_other_way_waits_longer_than_the_face(readers: list[DoorReader], waits: dict[DoorReader, int]) -> None:
    text = door(*readers, *([DoorReader.CARD] if readers == [DoorReader.FACE] else []), more="".join(f"wait.{way} = {s}\n" for way, s in waits.items()))
    others = {*readers, *([DoorReader.CARD] if readers == [DoorReader.FACE] else [])} - {DoorReader.FACE}
    slower = [way for way in others if waits.get(way, 0) > waits.get(DoorReader.FACE, 0)] if DoorReader.FACE in readers else []
    assert sorted(problem.code for problem in problems(text)) == ["settings.door-slower"] * len(slower)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("leads_into = 'outside'", "settings.door-areas"),
        ("station = 'cellar'", "settings.unknown-station"),
        ("station = 'hall'", "settings.door-purpose"),
        ("unlock_s = 0", "settings.out-of-range"),
        ("colour = 'red'", "settings.unknown-key"),
    ],
)
def test_what_a_door_cannot_be(more: str, code: str) -> None:
    assert [problem.code for problem in problems(door("card", "face", more=more))] == [code]


def test_a_station_needs_a_face_reader_at_its_door() -> None:
    assert [problem.code for problem in problems(door("card", more="station = 'gate'"))] == ["settings.door-no-face"]
    assert problems(door("card", "face", more="station = 'gate'")) == []


@pytest.mark.parametrize(
    ("readers", "code"), [([], "settings.out-of-range"), (["card", "card"], "settings.reader-twice"), (["card", "iris"], "settings.choice")]
)
def test_readers_are_of_the_list_and_once_each(readers: list[str], code: str) -> None:
    assert [problem.code for problem in problems(door(*readers))][:1] == [code]


def test_two_doors_have_two_ids() -> None:
    assert [problem.code for problem in problems(door("card") + door("pin"))] == ["settings.same-id"]


def between(name: str, leads_from: str, leads_into: str, more: str = "") -> str:
    return f"[[door]]\nid = '{name}'\nreaders = ['card']\nleads_from = '{leads_from}'\nleads_into = '{leads_into}'\n{more}\n"


WAY_IN = between("in", "outside", "hall") + between("lift", "hall", "floors")
WAYS_OUT = [
    (between("out", "hall", "outside"), "out"),
    (between("down", "floors", "hall"), "down"),
    (between("stairs", "floors", "yard") + between("yard", "yard", "outside"), "yard"),
]


@pytest.mark.parametrize(("out", "named"), WAYS_OUT)
def test_a_reader_on_the_way_out_never_stands_alone(out: str, named: str) -> None:
    text = WAY_IN + out
    found = [problem for problem in problems(text) if problem.code == "settings.door-no-exit"]
    assert found, "whoever has nothing to show could not leave"
    assert "wire" in found[0].mend.casefold()
    mended = text.replace(f"id = '{named}'", f"id = '{named}'\nfree_exit = 'button'")
    assert len([problem for problem in problems(mended) if problem.code == "settings.door-no-exit"]) == len(found) - 1


@pytest.mark.parametrize("beside", ["button", "sensor", "handle"])
def test_a_reader_on_the_way_out_beside_which_something_else_opens_is_right(beside: str) -> None:
    assert problems(WAY_IN + between("out", "hall", "outside", f"free_exit = '{beside}'")) == []


@pytest.mark.parametrize("more", ["", between("beside", "hall", "shop"), between("next", "shop", "hall") + between("shop", "outside", "shop")])
def test_a_reader_on_the_way_in_or_between_two_areas_as_far_in_needs_none(more: str) -> None:
    assert problems(WAY_IN + more) == []

"""The plan of lines and areas while it is edited; what a browser sends is not believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.cameras.model import AreaDraft, Fault, Geometry, LineDraft
from consentry.console.plan import Plan
from consentry.platform.errors import InputError

NAMES = {"zh": "门", "en": "Door"}


def plan() -> Plan:
    line = LineDraft("door", NAMES, (10.0, 20.0), (200.0, 20.0))
    area = AreaDraft("shelf", NAMES, ((0.0, 0.0), (50.0, 0.0), (50.0, 50.0)))
    return Plan.of(Geometry((line,), (area,), 640, 360, "tag"))


def drawn(*shapes: list[list[object]]) -> str:
    return json.dumps([{"points": points} for points in shapes])


def test_moved_points_are_taken_over_in_the_order_of_the_shapes() -> None:
    edited = plan()
    edited.move(drawn([[1, 2], [3, 4]], [[5, 6], [7, 8], [9, 9]]))
    assert (edited.lines[0].start, edited.lines[0].end) == ((1.0, 2.0), (3.0, 4.0))
    assert edited.areas[0].corners == ((5.0, 6.0), (7.0, 8.0), (9.0, 9.0))
    assert edited.lines[0].id == "door"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "[]",
        "{}",
        "nonsense",
        drawn([[1, 2]], [[5, 6], [7, 8], [9, 9]]),
        drawn([[1, 2], [3, 4], [5, 6]], [[5, 6], [7, 8], [9, 9]]),
        drawn([[1, 2], [3, "x"]], [[5, 6], [7, 8], [9, 9]]),
        drawn([[1, 2], [3]], [[5, 6], [7, 8], [9, 9]]),
        '[{"points": [[1, 2], [3, Infinity]]}, {"points": [[5, 6], [7, 8], [9, 9]]}]',
        '[{"corners": []}, {}]',
    ],
)
def test_a_plan_of_another_shape_is_refused_and_changes_nothing(sent: str) -> None:
    edited = plan()
    with pytest.raises(InputError) as refused:
        edited.move(sent)
    assert refused.value.code == "plan.malformed"
    assert edited.lines == plan().lines


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_plan(sent: str) -> None:
    with pytest.raises(InputError):
        plan().move(sent)


def test_a_turned_line_counts_the_other_way() -> None:
    edited = plan()
    edited.turn(0)
    assert (edited.lines[0].start, edited.lines[0].end) == ((200.0, 20.0), (10.0, 20.0))


def test_new_shapes_get_ids_of_their_own_and_lie_on_the_picture() -> None:
    edited = plan()
    for _ in range(3):
        edited.add_line(NAMES)
        edited.add_area(NAMES)
    ids = [line.id for line in edited.lines] + [area.id for area in edited.areas]
    assert len(set(ids)) == len(ids)
    assert all(0 <= x <= 640 and 0 <= y <= 360 for area in edited.areas for x, y in area.corners)


@pytest.mark.parametrize("text", ["", "-1", "7", "x", "1.0"])
def test_a_place_that_is_not_on_the_plan_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        plan().place("line", text)


def test_faults_point_at_the_shapes_as_the_browser_counts_them() -> None:
    edited = plan()
    edited.faults = [Fault("line", "door", 0, "line.too-short", "", ""), Fault("area", "shelf", 0, "area.no-area", "", "")]
    assert edited.wrong() == [0, 1]

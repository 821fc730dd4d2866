"""A worker's words about its camera are understood as one of a closed set of causes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from consentry import video
from consentry.cameras.model import CameraHealth, CameraState
from consentry.cameras.troubles import Trouble, trouble_of
from consentry.video.rules import Course, Ended, Patience, Tick, advance, begin
from consentry.video.rules import Event as SourceEvent

LIVE_SOURCES = ("decoding", "capture", "process", "loop", "files")


def after(*events: SourceEvent) -> Course:
    course = begin(0.0)
    for event in events:
        course, _ = advance(course, event, 0.5, Patience())
    return course


@pytest.mark.parametrize(
    ("state", "reason", "trouble"),
    [
        (CameraState.LIVE, "playing", None),
        (CameraState.LIVE, "pictures arrive", None),
        (CameraState.CONNECTING, "opened, not read yet", None),
        (CameraState.STARTING, "", None),
        (CameraState.INCOMPLETE, "sign, basis", None),
        (CameraState.WAITING, "it cannot be opened (connection refused); trying again in 1.5 s", Trouble.UNREACHABLE),
        (CameraState.FAILED, "the camera refuses the user name or password. Write the address as rtsp://user:password@camera/...", Trouble.REFUSED),
        (CameraState.WAITING, "invalid data found when processing input; trying again in 2.0 s", Trouble.OTHER),
    ],
)
def test_a_reason_is_told_by_its_cause(state: CameraState, reason: str, trouble: Trouble | None) -> None:
    assert trouble_of(CameraHealth(state, reason)) is trouble


@pytest.mark.parametrize(
    ("events", "trouble"),
    [
        ((), None),
        ((Tick(0.0),), None),
        ((Tick(0.0), Tick(1000.0)), Trouble.NO_PICTURE),
        ((Tick(0.0), Ended(1.0, "the stream ended")), Trouble.BROKEN_OFF),
        ((Tick(0.0), Ended(1.0, "the stream ended"), Tick(1000.0)), Trouble.BROKEN_OFF),
    ],
)
def test_a_live_source_is_understood_over_its_whole_course(events: tuple[SourceEvent, ...], trouble: Trouble | None) -> None:
    course = after(*events)
    assert trouble_of(CameraHealth(CameraState(course.state), course.reason)) is trouble


def test_everything_that_a_source_says_when_it_ends_has_a_cause() -> None:
    folder = Path(video.__file__).parent
    calls = [node for name in LIVE_SOURCES for node in ast.walk(ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    raised = [call.args[2] for call in calls if isinstance(call.func, ast.Name) and call.func.id == "SourceError"]
    literal = ["".join(part.value for part in ast.walk(problem) if isinstance(part, ast.Constant) and isinstance(part.value, str)) for problem in raised]
    said = [text for text in literal if text]
    assert len(said) > 10
    assert [text for text in said if trouble_of(CameraHealth(CameraState.FAILED, text)) is Trouble.OTHER] == []

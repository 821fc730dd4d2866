from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.cameras.boundary import CameraMessage, read, short_reason
from consentry.counting.messages import DWELL_BUCKETS, Message, parse
from consentry.platform.processes.messages import Delivery, ProcessChange, SettingsChanged
from tests.cameras.sites import NOON, gap, health, hour, minute, process, started

PIXELS = base64.b64encode(bytes(32 * 18 * 3)).decode()
STILL = {"type": "still", "run": "r1", "at": NOON.timestamp(), "request": "q1", "width": 32, "height": 18, "pixels": PIXELS}
AREA = {"id": "shelf", "visits": 2, "max_occupancy": 1}
DWELL = {"id": "shelf", "dwell": [0] * (len(DWELL_BUCKETS) + 1)}
GOOD: dict[str, dict[str, Any]] = {
    "started": started("r1", NOON),
    "minute": {**minute("r1", NOON, 3), "areas": [AREA]},
    "missing": minute("r1", NOON, state="missing", coverage=0.0),
    "hour": {**hour("r1", NOON), "areas": [DWELL]},
    "health": health("r1", NOON),
    "gap": gap("r1", NOON, NOON),
    "still": STILL,
}


def message(document: dict[str, Any], camera: str | None = "door") -> Delivery:
    return Delivery(1, camera, document)


@pytest.mark.parametrize("document", GOOD.values(), ids=GOOD.keys())
def test_a_proper_message_comes_in_as_it_was_sent(document: dict[str, Any]) -> None:
    assert read(message(document)) == CameraMessage("door", parse(document))


def test_the_supervisor_speaks_for_itself() -> None:
    assert read(message(process("camera:door", "ended", NOON, -9), None)) == ProcessChange("camera:door", "ended", NOON.timestamp(), -9)
    assert read(message({"type": "settings", "at": NOON.timestamp()}, None)) == SettingsChanged(NOON.timestamp())


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("minute", {"start": int(NOON.timestamp()) + 1}),
        ("minute", {"start": NOON.timestamp()}),
        ("minute", {"start": -60}),
        ("minute", {"state": "guessed"}),
        ("minute", {"coverage": 1.01}),
        ("minute", {"coverage": float("nan")}),
        ("minute", {"coverage": "1"}),
        ("minute", {"run": "../etc"}),
        ("minute", {"run": 7}),
        ("minute", {"lines": [{"id": "main", "in": -1, "out": 0, "groups_in": 0, "groups_out": 0}]}),
        ("minute", {"lines": [{"id": "main", "in": True, "out": 0, "groups_in": 0, "groups_out": 0}]}),
        ("minute", {"lines": [{"id": "main", "in": 1.5, "out": 0, "groups_in": 0, "groups_out": 0}]}),
        ("minute", {"lines": [{"id": "main", "in": 10**7, "out": 0, "groups_in": 0, "groups_out": 0}]}),
        ("minute", {"lines": [{"id": "Wang Xiaoming 13812345678", "in": 1, "out": 0, "groups_in": 0, "groups_out": 0}]}),
        ("minute", {"lines": [{"id": "main"}]}),
        ("minute", {"lines": None}),
        ("minute", {"areas": [AREA, AREA]}),
        ("minute", {"areas": [{**AREA, "visits": -1}]}),
        ("hour", {"start": int(NOON.timestamp()) + 60}),
        ("hour", {"areas": [{"id": "shelf", "dwell": [0, 1]}]}),
        ("hour", {"heat": {"rows": 2, "columns": 3, "seconds": [1]}}),
        ("hour", {"heat": {"rows": 2, "columns": 3, "seconds": [0, 0, 0, 0, 0, -1]}}),
        ("hour", {"heat": {"rows": 1000, "columns": 1000, "seconds": [0] * 10**6}}),
        ("started", {"at": "now"}),
        ("started", {"at": 10**12}),
        ("started", {"width": 0.5}),
        ("started", {"lines": ["a b"]}),
        ("started", {"detector": "x" * 200}),
        ("health", {"state": "dancing"}),
        ("health", {"state": "stopped"}),
        ("health", {"fps": float("inf")}),
        ("health", {"reason": 4}),
        ("gap", {"end": NOON.timestamp() - 1}),
        ("gap", {"reason": None}),
        ("still", {"width": 64, "height": 48, "pixels": base64.b64encode(bytes(64 * 48 * 3)).decode()}),
        ("still", {"pixels": PIXELS[:-4]}),
        ("still", {"pixels": "?"}),
        ("still", {"request": ""}),
    ],
)
def test_anything_else_is_refused(kind: str, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="malformed"):
        read(message({**GOOD[kind], **change}))


@pytest.mark.parametrize(
    "document",
    [
        process("camera:a b", "ended", NOON),
        process("shell", "ended", NOON),
        process("web", "dancing", NOON),
        process("web", "ended", NOON, 10**9),
        {"type": "process"},
        {"type": "minute"},
        {},
    ],
)
def test_a_message_of_the_supervisor_that_is_none_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="m"):
        read(message(document, None))


@pytest.mark.parametrize("camera", ["", "Door", "a/b", "x" * 41])
def test_a_camera_whose_name_settings_would_refuse_is_refused(camera: str) -> None:
    with pytest.raises(ValueError, match="camera"):
        read(message(GOOD["minute"], camera))


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_no_junk_in_any_field_breaks_the_door(kind: str, data: st.DataObject) -> None:
    document = dict(GOOD[kind])
    document[data.draw(st.sampled_from(sorted(document)))] = data.draw(junk)
    try:
        notice = read(message(document))
    except ValueError:
        return
    assert isinstance(notice, CameraMessage)
    assert isinstance(notice.message, Message)


def test_a_reason_is_kept_as_one_short_line() -> None:
    assert short_reason("a\nb\x00c" + "d" * 400) == "a b c" + "d" * 295

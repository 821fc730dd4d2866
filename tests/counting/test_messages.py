"""What a camera worker says survives the journey, and holds nothing but numbers per interval."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from consentry.counting.folds import LineCount, ZoneCount
from consentry.counting.messages import (
    DWELL_BUCKETS,
    AreaDwell,
    GapReport,
    HealthReport,
    HourReport,
    Message,
    MinuteReport,
    Started,
    Still,
    dwell_bucket,
    parse,
    to_line,
)

MESSAGES: list[Message] = [
    Started("r", 12.5, "hog", ("door",), ("till",), 640, 480),
    MinuteReport("r", 60, "counted", 1.0, (LineCount("door", 3, 2, 1, 2),), (ZoneCount("till", 4, 2),)),
    MinuteReport("r", 120, "missing", 0.0),
    HourReport("r", 3600, (AreaDwell("till", (0,) * 18),), 2, 3, (0, 1, 2, 3, 4, 5)),
    HealthReport("r", 61.0, "live", "pictures arrive", 9.9, 3, 1, 41.0, 187.0),
    Still("r", 61.0, "ask", 2, 1, "AAAAAAAA"),
    GapReport("r", 10.0, 17.5, "no frames"),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: str(message.type))
def test_a_message_is_one_line_and_reads_back_the_same(message: Message) -> None:
    line = to_line(message)
    assert line.count(b"\n") == 1
    assert parse(json.loads(line)) == message


def test_a_minute_is_written_as_the_web_process_expects_it() -> None:
    assert json.loads(to_line(MESSAGES[1])) == {
        "type": "minute",
        "run": "r",
        "start": 60,
        "state": "counted",
        "coverage": 1.0,
        "lines": [{"id": "door", "in": 3, "out": 2, "groups_in": 1, "groups_out": 2}],
        "areas": [{"id": "till", "visits": 4, "max_occupancy": 2}],
    }


@pytest.mark.parametrize("document", [{"type": "face"}, {"type": "gap", "run": "r"}, {}], ids=["unknown", "incomplete", "empty"])
def test_what_is_no_message_is_refused(document: dict[str, object]) -> None:
    with pytest.raises((KeyError, ValueError)):
        parse(document)


def test_every_dwell_falls_into_the_bucket_that_ends_above_it() -> None:
    for index, (low, high) in enumerate(pairwise((0, *DWELL_BUCKETS))):
        assert {dwell_bucket(low), dwell_bucket(high - 0.001)} == {index}
    assert dwell_bucket(DWELL_BUCKETS[-1]) == len(DWELL_BUCKETS)

"""Messages wait until they are acknowledged, in order, and never without bound."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.processes.outbox import Outbox


def minute(start: int) -> dict[str, Any]:
    return {"type": "minute", "run": "r", "start": start}


def test_messages_are_sent_once_in_order_until_the_web_process_is_new() -> None:
    outbox = Outbox()
    for start in (60, 120, 180):
        outbox.add("door", minute(start))
    assert [delivery.seq for delivery in outbox.next()] == [1, 2, 3]
    assert outbox.next() == []
    outbox.acknowledge(2)
    outbox.rewind()
    assert [delivery.message["start"] for delivery in outbox.next()] == [60, 180]


def test_what_is_acknowledged_is_forgotten_and_strange_numbers_mean_nothing() -> None:
    outbox = Outbox()
    outbox.add("door", minute(60))
    for seq in (1, 1, 99, -1):
        outbox.acknowledge(seq)
    assert len(outbox) == 0


def test_only_the_newest_health_and_the_newest_report_of_an_hour_wait() -> None:
    outbox = Outbox()
    for at in (1.0, 2.0):
        outbox.add("door", {"type": "health", "at": at})
        outbox.add("gate", {"type": "health", "at": at})
        outbox.add("door", {"type": "hour", "run": "r", "start": 3600, "at": at})
        outbox.add("door", {"type": "hour", "run": "s", "start": 3600, "at": at})
    waiting = [(delivery.camera, delivery.message["type"], delivery.message["at"]) for delivery in outbox.next()]
    assert waiting == [("door", "health", 2.0), ("gate", "health", 2.0), ("door", "hour", 2.0), ("door", "hour", 2.0)]


def test_a_camera_that_floods_loses_its_own_oldest_and_no_other_loses_any() -> None:
    outbox = Outbox(longest=3)
    outbox.add("quiet", minute(60))
    for number in range(1, 11):
        outbox.add("loud", minute(60 * number))
    waiting = [(delivery.camera, delivery.message["start"]) for delivery in outbox.next()]
    assert waiting == [("quiet", 60), ("loud", 480), ("loud", 540), ("loud", 600)]
    assert outbox.lost == 7


@given(st.integers(1, 2000), st.integers(1, 300))
def test_few_are_on_their_way_at_once_and_all_arrive(count: int, share: int) -> None:
    outbox, heard, on_their_way = Outbox(), list[int](), list[int]()
    for number in range(count):
        outbox.add("door", minute(60 * number))
    while len(outbox):
        sent = [delivery.seq for delivery in outbox.next()]
        heard, on_their_way = heard + sent, on_their_way + sent
        assert len(on_their_way) <= 256
        for seq in on_their_way[:share]:
            outbox.acknowledge(seq)
        on_their_way = on_their_way[share:]
    assert heard == list(range(1, count + 1))

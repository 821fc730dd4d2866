"""The newest-frame slot: bounded, never torn, never waiting."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from consentry.video.model import Frame, Size
from consentry.video.slot import Arrival, FrameSlot

SIZE = Size(640, 480)
WRITER = """
import itertools, sys
import numpy as np
from consentry.video.model import Frame, Size
from consentry.video.slot import Arrival, FrameSlot
slot = FrameSlot(int(sys.argv[1]), int(sys.argv[2]))
for number in itertools.count(1):
    slot.publish(Arrival(number, 0.0, Frame(np.full((480, 640, 3), number % 256, np.uint8), float(number), Size(640, 480))))
    if number == 1:
        print("ready", flush=True)
"""


def arrival(number: int, shape: tuple[int, int] = (48, 64)) -> Arrival:
    image = np.full((*shape, 3), number % 256, np.uint8)
    return Arrival(number, 100.0 + number, Frame(image, number / 10, Size(shape[1] * 2, shape[0] * 2)))


@pytest.fixture
def slot() -> FrameSlot:
    return FrameSlot.create(FrameSlot.capacity_for(64))


def test_an_empty_slot_gives_nothing(slot: FrameSlot) -> None:
    assert slot.take(0) is None


def test_the_newest_frame_comes_out_as_it_went_in(slot: FrameSlot) -> None:
    for number in (1, 2, 3):
        slot.publish(arrival(number, (48, 60 + number)))
    taken, put = slot.take(0), arrival(3, (48, 63))
    assert taken is not None
    assert (taken.number, taken.arrived, taken.frame.time, taken.frame.size) == (put.number, put.arrived, put.frame.time, put.frame.size)
    assert (taken.frame.image == put.frame.image).all()


def test_a_frame_is_given_once(slot: FrameSlot) -> None:
    slot.publish(arrival(1))
    assert slot.take(0) is not None
    assert slot.take(1) is None


def test_a_frame_taken_is_not_changed_by_later_ones(slot: FrameSlot) -> None:
    slot.publish(arrival(1))
    taken = slot.take(0)
    for number in (2, 3, 4):
        slot.publish(arrival(number))
    assert taken is not None
    assert (taken.frame.image == 1).all()


def test_a_picture_above_the_capacity_is_refused(slot: FrameSlot) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        slot.publish(arrival(1, (65, 64)))


def test_the_memory_is_bounded_and_used_only_when_written() -> None:
    slot = FrameSlot.create(FrameSlot.capacity_for(None))
    for number in range(1, 50):
        slot.publish(arrival(number, (480, 640)))
    used = os.fstat(slot.descriptor).st_blocks * 512
    slot.close()
    assert used < 2 * 480 * 640 * 3 + 4 * os.sysconf("SC_PAGESIZE")


def writing(slot: FrameSlot) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(slot.descriptor), str(slot.capacity)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, pass_fds=(slot.descriptor,), env=environment)
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    return writer


@pytest.mark.faults
def test_no_frame_is_torn_while_another_process_writes_as_fast_as_it_can_or_is_killed() -> None:
    slot = FrameSlot.create(SIZE.width * SIZE.height * 3)
    for _ in range(3):
        writer = writing(slot)
        last = seen = 0
        while seen < 50:
            taken = slot.take(last)
            if taken is not None:
                assert (taken.frame.image == taken.number % 256).all()
                last, seen = taken.number, seen + 1
        writer.kill()
        writer.communicate()
        left = slot.take(0)
        assert left is not None
        assert (left.frame.image == left.number % 256).all()


@pytest.mark.faults
def test_a_reader_does_not_wait_for_a_frozen_writer() -> None:
    slot = FrameSlot.create(SIZE.width * SIZE.height * 3)
    writer = writing(slot)
    for _ in range(20):
        writer.send_signal(signal.SIGSTOP)
        for _ in range(3):
            slot.take(0)  # would never return if it waited for a lock that the frozen writer holds
        writer.send_signal(signal.SIGCONT)
    writer.kill()
    writer.communicate()

"""Lines of JSON both ways, with bounds on what the other side can do."""

from __future__ import annotations

import socket

import pytest

from consentry.platform.processes.channel import LONGEST_LINE, Channel, ChannelError


def pair() -> tuple[Channel, socket.socket]:
    ours, theirs = socket.socketpair()
    return Channel(ours), theirs


def write_without_end(channel: Channel) -> None:
    for _ in range(100):
        channel.write({"text": "x" * 500_000})


def read_all(channel: Channel, theirs: socket.socket, line: bytes) -> None:
    while line:
        line = line[theirs.send(line) :]
        channel.read()


def test_objects_arrive_whole_however_they_are_cut() -> None:
    channel, theirs = pair()
    theirs.sendall(b'{"a": 1}\n{"b"')
    assert channel.read() == ([{"a": 1}], True)
    theirs.sendall(b": 2}\n")
    assert channel.read() == ([{"b": 2}], True)
    assert channel.read() == ([], True)
    theirs.close()
    assert channel.read() == ([], False)
    channel.close()


def test_what_the_other_side_does_not_take_now_waits_and_is_bounded() -> None:
    channel, theirs = pair()
    with pytest.raises(ChannelError, match="does not read"):
        write_without_end(channel)
    assert channel.wants_to_write
    channel.close()
    theirs.close()


def test_what_waits_is_written_when_the_other_side_reads() -> None:
    channel, theirs = pair()
    channel.write({"text": "x" * 2_000_000})
    received = 0
    while channel.wants_to_write:
        received += len(theirs.recv(1 << 20))
        channel.flush()
    theirs.setblocking(False)  # noqa: FBT003 - the standard library's signature
    assert received + len(theirs.recv(1 << 22)) == len('{"text":""}\n') + 2_000_000
    channel.close()
    theirs.close()


def test_writing_to_one_who_is_gone_is_no_error() -> None:
    channel, theirs = pair()
    theirs.close()
    channel.write({"a": 1})
    channel.write({"a": 2})
    assert not channel.wants_to_write
    channel.close()


@pytest.mark.parametrize("line", [b"not json\n", b"[1]\n", b"\xff\n", b"[" * 100_000 + b"\n", b"x" * (LONGEST_LINE + 1)], ids=range(5))
def test_what_is_no_object_or_too_long_is_refused(line: bytes) -> None:
    channel, theirs = pair()
    theirs.setblocking(False)  # noqa: FBT003 - the standard library's signature
    with pytest.raises(ChannelError):
        read_all(channel, theirs, line)
    channel.close()
    theirs.close()

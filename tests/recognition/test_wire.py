"""Frames: what is sent arrives, and whatever is no frame is refused within bounds."""

from __future__ import annotations

import socket
import struct
import threading
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.errors import InputError
from consentry.recognition import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
MESSAGES = st.dictionaries(TEXTS, st.one_of(st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1), TEXTS), max_size=5)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, two = socket.socketpair()
    with one, two:
        yield one, two


@given(message=MESSAGES, body=st.binary(max_size=300))
def test_what_was_encoded_is_decoded(message: dict[str, bool | int | str | None], body: bytes) -> None:
    assert wire.decode(wire.encode(message, body)) == (message, body)


@given(frame=st.binary(max_size=200))
def test_any_bytes_are_a_frame_or_refused(frame: bytes) -> None:
    try:
        message, body = wire.decode(frame)
    except InputError as error:
        refused = error.code
    else:
        assert wire.encode(message, body) == frame
        refused = "vault.message"
    assert refused == "vault.message"


@given(message=MESSAGES, body=st.binary(max_size=40), data=st.data())
def test_no_part_of_a_frame_is_a_frame(message: dict[str, bool | int | str | None], body: bytes, data: st.DataObject) -> None:
    frame = wire.encode(message, body)
    for other in (frame[: data.draw(st.integers(0, len(frame) - 1))], frame + b"\0"):
        with pytest.raises(InputError):
            wire.decode(other)


def test_frames_follow_each_other_on_a_connection(ends: tuple[socket.socket, socket.socket]) -> None:
    one, two = ends
    bodies = [b"", b"x" * 100_000]

    def send() -> None:
        for number, body in enumerate(bodies):
            wire.send(one, {"number": number}, body)

    sender = threading.Thread(target=send)
    sender.start()
    assert [wire.receive(two) for _ in bodies] == [({"number": number}, bytearray(body)) for number, body in enumerate(bodies)]
    sender.join()
    one.close()
    with pytest.raises(EOFError):
        wire.receive(two)


@pytest.mark.parametrize(
    "start",
    [
        struct.pack(">I", wire.LONGEST_HEADER + 1),
        struct.pack(">I", 2) + b"{}" + struct.pack(">I", wire.LONGEST_BODY + 1),
        struct.pack(">I", 2) + b"[]" + struct.pack(">I", 0),
        struct.pack(">I", 9) + b"{}",
        b"\0\0",
    ],
)
def test_what_is_no_frame_is_refused_before_it_is_waited_for(ends: tuple[socket.socket, socket.socket], start: bytes) -> None:
    one, two = ends
    one.sendall(start)
    one.shutdown(socket.SHUT_WR)
    with pytest.raises(InputError):
        wire.receive(two)


def test_what_is_too_long_is_not_sent() -> None:
    for message, body in (({"text": "x" * wire.LONGEST_HEADER}, b""), ({}, bytes(wire.LONGEST_BODY + 1))):
        with pytest.raises(InputError):
            wire.encode(message, body)


def test_a_frame_that_stops_half_way_is_given_up(ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "PATIENCE_S", 0.05)
    one, two = ends
    one.sendall(b"\0\0\0\x02{")
    with pytest.raises(TimeoutError):
        wire.receive(two)

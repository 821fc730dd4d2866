"""The few messages between a controller and a small device (an ESP or Arduino) that drives relays and Wiegand readers; docs/hardware.md describes them.

Each is one line of ASCII, fields parted by commas. The device speaks of its state every second, so that nothing that is lost stays lost:

    H,1,<inputs as 0 and 1: circuit open, closed>,<tampered 0 or 1>
    W,<reader>,<bits>,<hexadecimal>        a card or a key as Wiegand bits
    T,<reader>,<hexadecimal of UTF-8>      the text of a code
    A,<id>    N,<id>                       done, refused

The controller: ``R,<id>,<strike>,<milliseconds>`` releases, ``L,<id>,<strike>`` locks, ``S,<id>,<reader>,<answer>`` shows, ``Q,<id>`` asks for its state.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.access.hardware.board import Heard
from consentry.access.hardware.ports import Answer, ReadKind
from consentry.access.hardware.wiegand import SpoiledReadError, read_bits

if TYPE_CHECKING:
    from consentry.access.hardware.board import Board

__all__ = ["LONGEST_MESSAGE", "Answered", "Order", "framed", "read_order", "take_message", "unframed"]

LONGEST_MESSAGE = 1024
"""Characters; a code's text has at most about four hundred."""

_FRAME = re.compile(rb"\$([ -#%-)+-~]{1,1024})\*([0-9A-F]{2})")
_STATE = re.compile(r"H,1,([01]{0,32}),([01])")
_BITS = re.compile(r"W,(\d{1,2}),(\d{1,3}),([0-9A-F]{1,32})")
_TEXT = re.compile(r"T,(\d{1,2}),((?:[0-9A-F]{2}){1,500})")
_ANSWERED = re.compile(r"([AN]),(\d{1,9})")
_ORDER = re.compile(r"([RLSQ]),(\d{1,9})(?:,(\d{1,2})(?:,(\w{1,10}))?)?")


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of an order."""

    id: int
    done: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What the controller wants, as the device reads it: ``R``, ``L``, ``S`` or ``Q``."""

    what: str
    id: int
    number: int = 0
    milliseconds: int = 0
    answer: Answer | None = None


def framed(message: str) -> bytes:
    """Return a message as it goes over a serial line: ``$``, the message, ``*``, the exclusive or of its bytes in hexadecimal, a line feed (as NMEA 0183)."""
    body = message.encode("ascii")
    return b"$%b*%02X\n" % (body, _checksum(body))


def unframed(line: bytes) -> str | None:
    """Return the message of a line without its line feed, or None where noise changed it. What stands before the last ``$`` was another line, torn off."""
    match = _FRAME.fullmatch(line[line.rfind(b"$") :].rstrip(b"\r")) if b"$" in line else None
    return match[1].decode("ascii") if match and int(match[2], 16) == _checksum(match[1]) else None


def take_message(board: Board, message: str) -> Answered | None:
    """Put what a device said on its board; return the answer to an order. What is not understood, such as a wrong parity, changes nothing."""
    if state := _STATE.fullmatch(message):
        _take_state(board, state[1], tampered=state[2] == "1")
    elif bits := _BITS.fullmatch(message):
        _take_bits(board, int(bits[1]), int(bits[3], 16), int(bits[2]))
    elif text := _TEXT.fullmatch(message):
        board.hear(int(text[1]), Heard(ReadKind.QR, bytes.fromhex(text[2])))
    elif answered := _ANSWERED.fullmatch(message):
        return Answered(int(answered[2]), answered[1] == "A")
    return None


def read_order(message: str) -> Order | None:
    """Return an order as a device reads it, or None where it is none."""
    match = _ORDER.fullmatch(message)
    if match is None:
        return None
    what, number, last = match[1], int(match[3] or 0), match[4]
    if what == "R":
        return Order(what, int(match[2]), number, int(last)) if last and last.isdigit() else None
    if what == "S":
        return Order(what, int(match[2]), number, answer=Answer(last)) if last in set(Answer) else None
    return Order(what, int(match[2]), number) if last is None else None


def _take_state(board: Board, inputs: str, *, tampered: bool) -> None:
    board.recover()
    board.set_inputs({number: closed == "1" for number, closed in enumerate(inputs)})
    board.set_tampered(tampered=tampered)


def _take_bits(board: Board, reader: int, value: int, length: int) -> None:
    try:
        board.hear(reader, read_bits(value, length))
    except SpoiledReadError:
        return


def _checksum(body: bytes) -> int:
    total = 0
    for byte in body:
        total ^= byte
    return total

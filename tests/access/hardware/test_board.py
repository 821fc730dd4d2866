from __future__ import annotations

import pytest

from consentry.access.hardware.board import READS_HELD, Board, Heard, no_answer
from consentry.access.hardware.ports import DeviceError, ReadKind


@pytest.fixture
def board() -> Board:
    made = Board("reader")
    made.recover()
    return made


def key(number: int) -> Heard:
    return Heard(ReadKind.KEYS, bytes([number]))


def test_a_device_is_out_of_service_until_it_first_speaks() -> None:
    for ask in (Board("reader").check, Board("reader").tampered):
        with pytest.raises(DeviceError, match="reader: it does not answer"):
            ask()


def test_what_a_device_said_before_it_failed_is_not_believed_afterwards(board: Board) -> None:
    board.set_inputs({0: True})
    board.hear(0, key(1))
    board.fail(no_answer("reader"))
    board.hear(0, key(2))
    board.recover()
    assert board.take_reads(0) == ()
    with pytest.raises(DeviceError, match="input 0"):
        board.circuit(0)
    board.set_inputs({0: False})
    assert board.take_circuits(0) == {False}


def test_reads_that_nobody_took_give_way_to_later_ones(board: Board) -> None:
    for number in range(READS_HELD + 3):
        board.hear(0, key(number))
    board.hear(1, key(99))
    assert board.take_reads(0) == tuple(key(number) for number in range(3, READS_HELD + 3))
    assert board.take_reads(1) == (key(99),)


def test_a_circuit_that_went_and_came_back_between_two_questions_is_told_once(board: Board) -> None:
    board.set_inputs({0: False})
    assert board.take_circuits(0) == {False}
    for closed in (True, False):
        board.set_inputs({0: closed})
    assert board.take_circuits(0) == {True, False}
    assert board.take_circuits(0) == {False}

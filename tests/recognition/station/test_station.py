"""Questions to a station worker: one capture at a time, in time, with the right ticket, and nothing left behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.platform.clock import FixedClock
from consentry.recognition.messages import Enrol
from consentry.recognition.model import TicketKind
from consentry.recognition.station.model import Abort, Begin, CapturePhase, CaptureState, Frame, Refusal, StationOrder, parse_question
from consentry.recognition.station.station import Station
from tests.recognition.station.captures import ATTENDED, ENROL, NOW, TICKET, RememberingVault, ScriptedDetector, sight
from tests.vision.faces.scenes import detector, encoded, flat, portrait

if TYPE_CHECKING:
    from consentry.recognition.station.model import Question
    from consentry.vision.faces.model import FaceDetector

FRAME = encoded(np.full((240, 320, 3), 90, np.uint8))
BEGIN = Begin(TICKET)


class Bench:
    """A station on a bench: its clocks, what it sees, and its vault."""

    def __init__(self, seeing: FaceDetector | None = None) -> None:
        self.clock, self.second = FixedClock(NOW), 100.0
        self.eyes, self.vault = ScriptedDetector(), RememberingVault()
        self.station = Station("door", sight(seeing or self.eyes), self.vault, self.clock, lambda: self.second)

    def ask(self, question: Question, body: bytes = b"") -> CaptureState:
        self.body = bytearray(body)
        return self.station.answer(question.to_document(), self.body)

    def code(self, question: Question, body: bytes = b"") -> str:
        state = self.ask(question, body)
        assert state.state is CapturePhase.REFUSED
        assert state.refusal is not None
        return state.refusal.code


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_capture_begins_and_takes_frames(bench: Bench) -> None:
    assert bench.ask(BEGIN).state is CapturePhase.LOOKING
    assert bench.ask(Frame(TICKET.id), FRAME).hint == "no-face"
    assert not any(bench.body)


def test_frames_outside_a_begun_capture_are_not_even_decoded(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry.recognition.station.station.decoded", lambda _: pytest.fail("it was decoded"))
    assert bench.code(Frame(TICKET.id), FRAME) == "capture.unknown"
    bench.ask(BEGIN)
    assert bench.code(Frame("44" * 16), FRAME) == "capture.unknown"
    assert not any(bench.body)


@pytest.mark.parametrize(
    ("begin", "code"),
    [
        (Begin(replace(TICKET, station="window")), "station.ticket"),
        (Begin(replace(TICKET, expires=NOW)), "capture.timeout"),
        (Begin(ENROL), "station.message"),
        (Begin(replace(TICKET, kind=TicketKind.VERIFY)), "station.message"),
    ],
    ids=["another station's", "over", "to enrol without a grant", "to verify without a token"],
)
def test_a_ticket_that_does_not_fit_begins_nothing(bench: Bench, begin: Begin, code: str) -> None:
    assert bench.code(begin) == code
    assert bench.code(Frame(begin.ticket.id), FRAME) == "capture.unknown"


@pytest.mark.parametrize(("begin", "seconds"), [(Begin(TICKET), 10), (Begin(replace(TICKET, expires=NOW + timedelta(hours=1))), 10), (Begin(ENROL, "g"), 60)])
def test_a_capture_ends_with_its_ticket_and_never_later_than_its_kind_allows(bench: Bench, begin: Begin, seconds: int) -> None:
    bench.ask(begin)
    bench.second += seconds - 0.1
    assert bench.ask(Frame(begin.ticket.id), FRAME).state is CapturePhase.LOOKING
    bench.second += 0.2
    assert bench.code(Frame(begin.ticket.id), FRAME) == "capture.no-face"
    assert bench.code(Frame(begin.ticket.id), FRAME) == "capture.unknown"


def test_setting_the_clock_back_gives_no_more_time(bench: Bench) -> None:
    bench.ask(BEGIN)
    bench.clock.advance(timedelta(days=-1))
    bench.second += 11
    assert bench.code(Frame(TICKET.id), FRAME) == "capture.no-face"


def test_a_ticket_begins_one_capture_alone(bench: Bench) -> None:
    bench.ask(BEGIN)
    assert bench.code(Abort(TICKET.id)) == "capture.ended"
    assert bench.code(BEGIN) == "capture.timeout"


def test_a_new_capture_ends_the_one_under_way(bench: Bench) -> None:
    bench.ask(BEGIN)
    bench.ask(Begin(replace(TICKET, id="55" * 16)))
    assert bench.code(Frame(TICKET.id), FRAME) == "capture.unknown"


@pytest.mark.parametrize("found", [[(10.0, 10, 60, 60), (90.0, 90, 150, 150)]])
def test_a_second_face_ends_the_capture_counts_as_dropped_and_sends_nothing(bench: Bench, found: list[tuple[float, float, float, float]]) -> None:
    bench.ask(BEGIN)
    bench.eyes.found = found
    assert bench.code(Frame(TICKET.id), FRAME) == "capture.several-faces"
    assert bench.code(Frame(TICKET.id), FRAME) == "capture.unknown"
    assert bench.station.counts["dropped"] == 1
    assert bench.vault.questions == []


def test_a_frame_that_is_no_picture_is_refused_with_its_reason(bench: Bench) -> None:
    bench.ask(BEGIN)
    assert bench.code(Frame(TICKET.id), b"nothing of the kind") == "station.picture"
    assert bench.ask(Begin(replace(TICKET, id="66" * 16))).state is CapturePhase.LOOKING


def enrolled(bench: Bench) -> CaptureState:
    """Enrol a portrait, attended, at five frames a second."""
    frame = encoded(flat(portrait("astronaut")))
    state = bench.ask(Begin(ATTENDED, grant="Z3JhbnQ="))
    for _ in range(20):
        if state.state in {CapturePhase.DONE, CapturePhase.REFUSED}:
            break
        bench.second += 0.2
        state = bench.ask(Frame(ATTENDED.id), frame)
    return state


def test_a_complete_capture_goes_to_the_vault_with_its_ticket_and_comes_back_signed() -> None:
    bench = Bench(detector())
    state = enrolled(bench)
    assert (state.state, state.progress, state.outcome, state.signature, state.epoch) == (CapturePhase.DONE, 1.0, "{}", "c2lnbmF0dXJl", 1)
    (question,) = bench.vault.questions
    assert isinstance(question, Enrol)
    assert (question.ticket, question.grant, question.capture.attested) == (ATTENDED.id, "Z3JhbnQ=", True)
    assert 3 <= len(bench.vault.chips[0]) <= 5
    assert bench.vault.chips[0].any()
    assert not bench.vault.handed[0].any()
    assert bench.code(Frame(ATTENDED.id), FRAME) == "capture.unknown"


def test_what_the_vault_refuses_is_refused_with_its_code_and_forgotten() -> None:
    bench = Bench(detector())
    bench.vault.code = "vault.grant-revoked"
    state = enrolled(bench)
    assert state.refusal == Refusal("vault.grant-revoked", "it refused", "Ask the test")
    assert not bench.vault.handed[0].any()


json_values = st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=3) | st.just({"id": "a", "kind": ["enrol"]})


@given(st.dictionaries(st.sampled_from(["type", "ticket", "grant", "token", "x"]), st.sampled_from(["begin", "frame", "abort"]) | json_values))
def test_anything_that_is_no_question_is_refused_and_the_worker_lives_on(header: dict[str, Any]) -> None:
    bench = Bench()
    state = bench.station.answer(header, bytearray(b"x"))
    assert state.state is CapturePhase.REFUSED
    assert state.refusal is not None
    assert state.refusal.code in {"station.message", "capture.unknown"}
    assert bench.ask(BEGIN).state is CapturePhase.LOOKING


@pytest.mark.parametrize("question", [BEGIN, Begin(ENROL, "grant", None), Begin(ATTENDED, None, "token"), Frame("a"), Abort("b")])
def test_questions_are_read_as_they_were_written(question: Question) -> None:
    assert parse_question(question.to_document()) == question


@pytest.mark.parametrize(
    "state",
    [
        CaptureState(CapturePhase.LOOKING, 0.4, "sharpness"),
        CaptureState(CapturePhase.DONE, 1.0, None, "{}", "s", 3),
        CaptureState(CapturePhase.REFUSED, refusal=Refusal("a.b", "c", "d")),
    ],
)
def test_answers_and_orders_are_read_as_they_were_written(state: CaptureState) -> None:
    assert CaptureState.from_document(state.to_document()) == state
    order = StationOrder("door", "a.sock", "b.sock", (1, 2), (0.1, 0.0, 0.9, 1.0), "auto", "dlib", attested=True)
    assert StationOrder.from_line(order.to_line()) == order

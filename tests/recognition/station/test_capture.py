"""One capture from its frames: whom it lets through, whom it refuses, and what is left of it afterwards."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from consentry.consent.model import Purpose
from consentry.platform.errors import ConflictError
from consentry.recognition.model import TicketKind
from consentry.recognition.station.capture import CaptureSession
from consentry.recognition.station.model import CapturePhase
from consentry.vision.faces.align import CHIP_LAYOUTS, aligned
from consentry.vision.faces.challenge import Prompt
from consentry.vision.faces.liveness import PassiveNetwork
from consentry.vision.runtime import FakeNetwork
from tests.recognition.station.captures import ATTENDED, ENROL, FAMILY, TICKET, WHOLE, Obedient, ScriptedDetector, seen, sight
from tests.vision.faces.scenes import NAMES, detector, flat, portrait

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from consentry.recognition.model import StationTicket
    from consentry.vision.faces.model import ChipLayout

BLANK = np.zeros((480, 640, 3), np.uint8)
HERE, THERE = (200.0, 100.0, 400.0, 340.0), (500.0, 100.0, 620.0, 240.0)


def passive(logit: float) -> PassiveNetwork:
    """Return a passive check that answers the same for every frame: live for a ``logit`` above 0."""
    return PassiveNetwork(FakeNetwork(lambda _: (np.asarray([[logit, 0.0]], np.float32),)), 128)


def live_while(lives: Callable[[], bool]) -> PassiveNetwork:
    """Return a passive check that takes a frame for live while ``lives`` says so."""
    return PassiveNetwork(FakeNetwork(lambda _: (np.asarray([[9.0 if lives() else -9.0, 0.0]], np.float32),)), 128)


def still(name: str) -> Callable[[CapturePhase], NDArray[np.uint8]]:
    return lambda _: seen(name, 0, closed=False)


def run(session: CaptureSession, person: Callable[[CapturePhase], NDArray[np.uint8]], seconds: float = 8.0) -> CaptureSession:
    """Show the person at ten frames a second until the capture is complete or time is over."""
    for number in range(round(seconds * 10)):
        if session.complete:
            break
        session.see(number / 10, person(session.state.state))
    return session


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("ticket", [TICKET, replace(TICKET, kind=TicketKind.VERIFY), ENROL], ids=["identify", "verify", "enrol"])
def test_a_person_who_does_what_is_asked_completes_a_capture(ticket: StationTicket, name: str) -> None:
    session = run(CaptureSession(sight(detector()), ticket), Obedient(name))
    assert session.complete
    capture, chips = session.result()
    turns = {"turn-left", "turn-right"}
    assert capture.liveness
    assert all(capture.liveness.values())
    assert capture.liveness.keys() >= (turns | {"blink"} if ticket is ENROL else {"blink"})
    assert turns & capture.liveness.keys()
    assert min(capture.quality.values()) >= 50
    assert chips.shape == ((len(chips), 112, 112, 3))
    assert (3 <= len(chips) <= 5) if ticket is ENROL else len(chips) == 1


@pytest.mark.slow
@pytest.mark.parametrize("ticket", [TICKET, ENROL, replace(TICKET, attended=True, purpose=Purpose.DOOR_ACCESS)], ids=["identify", "enrol", "door"])
@pytest.mark.parametrize("live", [None, 3.0], ids=["no passive check", "passive check fooled"])
def test_a_still_picture_never_completes_unattended(ticket: StationTicket, live: float | None) -> None:
    session = run(CaptureSession(sight(detector(), None if live is None else passive(live)), ticket), still("officer"), 3.0)
    assert not session.complete
    assert session.timeout().code == "capture.liveness"


@pytest.mark.slow
def test_a_still_picture_completes_an_enrolment_that_staff_attends_and_says_what_it_saw() -> None:
    session = run(CaptureSession(sight(detector(), passive(-3.0)), ATTENDED), still("astronaut"))
    assert session.complete
    capture, chips = session.result()
    assert capture.liveness == {"passive": False}
    assert len(chips) >= 3


@pytest.mark.slow
def test_a_screen_that_does_what_is_asked_is_refused_by_the_passive_check() -> None:
    with pytest.raises(ConflictError) as refused:
        run(CaptureSession(sight(detector(), passive(-3.0)), TICKET), Obedient())
    assert refused.value.code == "capture.liveness"


@pytest.mark.slow
def test_a_portrait_held_up_after_a_living_face_did_the_rest_begins_anew() -> None:
    session = CaptureSession(sight(detector(), passive(3.0)), ENROL)
    person = Obedient("astronaut")
    for number in range(30):
        session.see(number / 10, person(session.state.state))
    assert session.state.progress > 0
    session.see(3.0, flat(portrait("officer")))
    assert session.state.progress == 0
    assert not session.complete


def kin(chips: NDArray[np.uint8]) -> set[str]:
    """Return whose portraits the shots are, each the one that it is most like."""
    fronts = {name: of_front(name) for name in NAMES}
    return {min(NAMES, key=lambda name: float(np.abs(chip - fronts[name]).mean())) for chip in chips.astype(np.float32)}


def of_front(name: str) -> NDArray[np.float32]:
    picture = seen(name, 0, closed=False)
    return aligned(picture, detector().detect(picture).landmarks[0], CHIP_LAYOUTS[FAMILY]).astype(np.float32)


class Taken:
    """A portrait that is held up and taken away after some frames, and then the one who held it, who does what is asked."""

    def __init__(self, frames: int) -> None:
        self.left, self.holder = frames, Obedient("astronaut")

    def __call__(self, phase: CapturePhase) -> NDArray[np.uint8]:
        self.left -= 1
        return seen("officer", 0, closed=False) if self.left >= 0 else self.holder(phase)


@pytest.mark.slow
@pytest.mark.parametrize("live", [None, 3.0], ids=["no passive check", "passive check fooled"])
@pytest.mark.parametrize("ticket", [TICKET, replace(TICKET, kind=TicketKind.VERIFY)], ids=["identify", "verify"])
def test_no_shot_of_a_portrait_shown_before_the_challenge_is_sent(ticket: StationTicket, live: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    # As if the exchange went unseen.
    monkeypatch.setattr("consentry.recognition.station.capture.stayed", lambda *_: True)
    session = run(CaptureSession(sight(detector(), None if live is None else passive(live)), ticket), Taken(5))
    assert session.complete
    assert kin(session.result()[1]) == {"astronaut"}


@pytest.mark.slow
def test_a_frame_that_looks_like_a_screen_gives_no_shot_however_live_the_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("consentry.recognition.station.capture.stayed", lambda *_: True)
    person = Taken(3)
    network = live_while(lambda: person.left < 0)
    session = run(CaptureSession(sight(detector(), network), ENROL), person)
    assert session.complete
    capture, chips = session.result()
    assert capture.liveness["passive"]
    assert kin(chips) == {"astronaut"}


@pytest.mark.slow
def test_the_passive_check_of_an_identification_judges_who_stands_there_after_the_challenge() -> None:
    asked: list[CapturePhase] = []

    def person(phase: CapturePhase, head: Obedient = Obedient()) -> NDArray[np.uint8]:  # noqa: B008  - one for this test
        asked.append(phase)
        return head(phase)

    # Live until the head has turned, a screen from then on.
    network = live_while(lambda: len(set(asked)) < 2 or asked[-1] is not CapturePhase.LOOKING)
    with pytest.raises(ConflictError) as refused:
        run(CaptureSession(sight(detector(), network), TICKET), person)
    assert refused.value.code == "capture.liveness"


@pytest.mark.slow
def test_what_is_asked_is_drawn_anew_whenever_a_capture_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([(Prompt.TURN_LEFT, Prompt.BLINK), (Prompt.BLINK, Prompt.TURN_LEFT), (Prompt.TURN_RIGHT, Prompt.BLINK)])
    monkeypatch.setattr("consentry.recognition.station.capture.prompts_for", lambda _: next(draws))
    session = CaptureSession(sight(detector()), TICKET)
    asked = []
    for name, first in (("astronaut", 0), ("officer", 5), ("astronaut", 10)):
        for number in range(first, first + 4):
            session.see(number / 10, seen(name, 0, closed=False))
        asked.append(session.state.state)
        if name == "officer":
            session.see(0.95, np.full((480, 640, 3), 90, np.uint8))
    assert asked == [CapturePhase.TURN_LEFT, CapturePhase.BLINK, CapturePhase.TURN_RIGHT]


@pytest.mark.parametrize(
    ("found", "zone", "code"),
    [
        ([HERE, THERE], WHOLE, "capture.several-faces"),
        ([HERE, (1.0, 1.0, 9.0, 9.0)], WHOLE, "capture.several-faces"),
        ([HERE, THERE], (0.2, 0.0, 0.7, 1.0), "capture.several-faces"),
        ([THERE], (0.2, 0.0, 0.7, 1.0), "capture.outside-zone"),
        ([HERE], (0.2, 0.6, 0.7, 1.0), "capture.outside-zone"),
    ],
    ids=["two in the zone", "a tiny one behind", "one in, one out", "beside the zone", "above the zone"],
)
def test_any_second_face_and_any_face_outside_the_zone_ends_the_capture(
    found: list[tuple[float, float, float, float]], zone: tuple[float, float, float, float], code: str
) -> None:
    session = CaptureSession(sight(ScriptedDetector(found), zone=zone), TICKET)
    with pytest.raises(ConflictError) as refused:
        session.see(0.0, BLANK)
    assert refused.value.code == code


def test_nobody_and_nothing_good_have_reasons_of_their_own() -> None:
    eyes = ScriptedDetector()
    session = CaptureSession(sight(eyes), TICKET)
    session.see(0.0, BLANK)
    assert session.state.hint == "no-face"
    assert session.timeout().code == "capture.no-face"
    eyes.found = [(10.0, 10.0, 40.0, 46.0)]
    session.see(0.1, BLANK)
    assert session.state.hint == "inter-eye-distance"
    assert session.timeout().code == "capture.quality"


def test_what_was_seen_is_overwritten_when_the_capture_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[NDArray[np.uint8]] = []

    def remembered(picture: NDArray[np.uint8], landmarks: NDArray[np.float32], layout: ChipLayout) -> NDArray[np.uint8]:
        kept.append(aligned(picture, landmarks, layout))
        return kept[-1]

    monkeypatch.setattr("consentry.recognition.station.capture.aligned", remembered)
    session = run(CaptureSession(sight(detector()), ATTENDED), still("astronaut"))
    assert any(chip.any() for chip in kept)
    session.close()
    assert not any(chip.any() for chip in kept)
    assert not session.complete

"""One capture: frames in, and in the end a few good shots of one living person, or a refusal. Nothing is kept when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.recognition.model import Capture, TicketKind
from consentry.recognition.station.model import CapturePhase, CaptureState
from consentry.recognition.station.policy import prompts_for, required
from consentry.recognition.station.shots import Shots
from consentry.recognition.station.sight import refused
from consentry.recognition.station.words import NO_FACE
from consentry.vision.faces.align import aligned
from consentry.vision.faces.challenge import is_frontal
from consentry.vision.faces.continuity import moment, stayed
from consentry.vision.faces.frontal import front_view
from consentry.vision.faces.liveness import PASSIVE, ActiveCheck, PassiveCheck
from consentry.vision.faces.quality import measure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from consentry.platform.errors import ConflictError
    from consentry.recognition.model import StationTicket
    from consentry.recognition.station.sight import Sight
    from consentry.vision.faces.continuity import Moment
    from consentry.vision.faces.model import Faces
    from consentry.vision.faces.quality import Quality

__all__ = ["CaptureSession"]


class CaptureSession:
    """Folds the frames of one ticket."""

    def __init__(self, sight: Sight, ticket: StationTicket) -> None:
        """Draw what will be asked of the person."""
        self._sight, self.ticket = sight, ticket
        self._wanted = required(ticket, passive=sight.passive is not None)
        self._must_live = self._wanted.turns > 0 or self._wanted.blink
        self._active = self._new_active()
        self._passive = self._new_passive()
        self._shots = Shots(ticket.kind)
        self._last: Moment | None = None
        self._hint: str | None = NO_FACE
        self._saw_face = self._saw_good = False

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for was seen."""
        challenge = self._active.challenge
        since = challenge.since if challenge.prompts else 0.0
        return challenge.passed and self._shots.enough(since) and (self._passive is None or self._passive.passed is not None)

    @property
    def state(self) -> CaptureState:
        """What the person is to do now, and how much of it is done."""
        challenge = self._active.challenge
        phase = CapturePhase(challenge.prompt) if challenge.prompt is not None else CapturePhase.LOOKING
        return CaptureState(phase, (challenge.done + challenge.passed) / (len(challenge.prompts) + 2), self._hint)

    def see(self, at: float, picture: NDArray[np.uint8]) -> None:
        """Look at one more frame (uint8 [H, W, 3], BGR) of the monotonic second ``at``.

        Raises:
            ConflictError: what ends the capture; see ``Sight.one_face``, and ``capture.liveness`` where the passive check fails.
        """
        faces = self._sight.one_face(picture)
        if not len(faces):
            self._begin_anew()
            self._hint = NO_FACE
            return
        self._saw_face = True
        landmarks = faces.landmarks[0]
        now = moment(at, faces.boxes[0], front_view(picture, landmarks))
        if self._last is not None and not stayed(self._last, now):
            self._begin_anew()
        self._remember(now)
        self._judge(at, picture, faces)
        if self._must_live and self._active.challenge.passed and self._passive is not None and self._passive.passed is False:
            raise refused("capture.liveness", "the picture looks like a screen or a print", "Stand before the camera yourself, or ask a member of staff")

    def result(self) -> tuple[Capture, NDArray[np.uint8]]:
        """Return what the vault is told, and the shots, uint8 [n, S, S, 3], RGB, to be overwritten by whoever asked. Only when complete."""
        liveness = {str(prompt): True for prompt in self._active.challenge.met}
        if self._passive is not None and self._passive.passed is not None:
            liveness[PASSIVE] = self._passive.passed
        capture = Capture(self._sight.detector.name, self._shots.quality(), liveness, self._sight.attested)
        return capture, self._shots.chips()

    def timeout(self) -> ConflictError:
        """Return why time ran out."""
        if not self._saw_face:
            return refused("capture.no-face", "no face was seen", "Stand before the camera and activate the station again")
        if not self._saw_good:
            return refused("capture.quality", f"no frame was good enough ({self._hint})", "Follow the hints, or take the other way")
        if not self._active.challenge.passed:
            return refused("capture.liveness", "what was asked for was not seen in time", "Try again, take the other way, or ask a member of staff")
        return refused("capture.timeout", "the time of the ticket is over", "Activate the station again")

    def close(self) -> None:
        """Overwrite and forget what was seen."""
        self._begin_anew()

    def _judge(self, at: float, picture: NDArray[np.uint8], faces: Faces) -> None:
        quality, challenge = measure(picture, faces), self._active.challenge
        landmarks = faces.landmarks[0]
        good = not quality.failing and is_frontal(challenge, landmarks)
        # How the face looks when nothing is asked of it must come from good frames; turned away or with closed eyes none is good.
        if good or challenge.reference is not None:
            self._active.see(at, picture, landmarks)
        self._hint = None if challenge.prompt is not None or not quality.failing else str(quality.failing[0])
        if good:
            self._saw_good = True
            # To be recognised is whoever did what was asked: nothing from before that counts, or a picture could be held up first.
            if challenge.passed or self.ticket.kind is TicketKind.ENROL:
                self._take(at, picture, faces, quality)

    def _take(self, at: float, picture: NDArray[np.uint8], faces: Faces, quality: Quality) -> None:
        """Offer a good frame as a shot; where a living person must be seen, only if this very frame looks like one."""
        is_live = self._passive is None or self._passive.see(picture, faces.boxes[0])
        if is_live or not self._must_live:
            self._shots.offer(at, aligned(picture, faces.landmarks[0], self._sight.layout), quality)

    def _begin_anew(self) -> None:
        """Forget what was seen, and draw anew what is asked: the next frames may show somebody else, who saw what was asked of the one before."""
        self._active = self._new_active()
        self._passive = self._new_passive()
        self._shots.wipe()
        self._remember(None)

    def _remember(self, now: Moment | None) -> None:
        """Keep the present frame's face for the next one, and overwrite the one before."""
        if self._last is not None:
            self._last.wipe()
        self._last = now

    def _new_active(self) -> ActiveCheck:
        return ActiveCheck(prompts_for(self._wanted))

    def _new_passive(self) -> PassiveCheck | None:
        return PassiveCheck(self._sight.passive) if self._sight.passive is not None else None

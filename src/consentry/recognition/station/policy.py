"""What proves that a living person stands there, for each kind of ticket. The policy is the table; the order of the prompts is drawn."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.consent.model import Purpose
from consentry.recognition.model import TicketKind
from consentry.vision.faces.challenge import Prompt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from consentry.recognition.model import StationTicket

__all__ = ["REQUIRED", "Required", "prompts_for", "required"]

_SIDES = (Prompt.TURN_LEFT, Prompt.TURN_RIGHT)


@dataclass(frozen=True, slots=True)
class Required:
    """``turns``: to how many sides the head must turn. ``blink``: whether the eyes must close.

    Unless a member of staff stands by, the passive check must pass in any case where its weights are present.
    """

    turns: int
    blink: bool


REQUIRED: Mapping[tuple[TicketKind, bool], Required] = {
    (TicketKind.ENROL, True): Required(turns=2, blink=True),
    (TicketKind.ENROL, False): Required(turns=2, blink=True),
    (TicketKind.VERIFY, True): Required(turns=1, blink=False),
    (TicketKind.VERIFY, False): Required(turns=1, blink=True),
    (TicketKind.IDENTIFY, True): Required(turns=1, blink=False),
    (TicketKind.IDENTIFY, False): Required(turns=1, blink=True),
}
"""By kind of ticket, and whether the passive check is there. Every row asks for depth: a photograph or a fake camera can pass the others."""

_ATTENDED = Required(turns=0, blink=False)


def required(ticket: StationTicket, *, passive: bool) -> Required:
    """Return what a capture must show. A member of staff who stands by replaces it to enrol, and otherwise everywhere but at doors."""
    at_door = ticket.purpose is Purpose.DOOR_ACCESS
    if ticket.attended and (ticket.kind is TicketKind.ENROL or not at_door):
        return _ATTENDED
    return REQUIRED[ticket.kind, passive]


def prompts_for(wanted: Required) -> tuple[Prompt, ...]:
    """Draw which sides and in which order, so that a film made beforehand fits one time in several."""
    draw = secrets.SystemRandom()
    prompts = [*draw.sample(_SIDES, wanted.turns), *([Prompt.BLINK] if wanted.blink else [])]
    return tuple(draw.sample(prompts, len(prompts)))

"""What the routes of the doors' policy read and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from consentry.access.register import PolicyDraft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.register import PolicyPreview
    from consentry.access.rules.compare import Change, DoorChange, DoorTerms, Stretch

__all__ = [
    "AppliedPolicyOut",
    "CurrentPolicyOut",
    "DoorTermsOut",
    "PolicyApplicationIn",
    "PolicyChangeOut",
    "PolicyDoorChangeOut",
    "PolicyIn",
    "PolicyPreviewOut",
    "StretchOut",
]

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class PolicyIn(BaseModel):
    """A draft: doors (first card, second person), schedules, holidays, rules, passback."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: dict[str, Any]

    def draft(self) -> PolicyDraft:
        """Return what the service reads."""
        return PolicyDraft(self.document)


class PolicyApplicationIn(PolicyIn):
    """A draft that is put in force."""

    expected_version: int = Field(ge=0, description="The version that it was compared with.")
    reason: str = Field(min_length=4, max_length=200, description="Why, without names of persons; the ledger keeps it.")


class CurrentPolicyOut(BaseModel):
    """What is in force; version 0 before the first."""

    version: int
    document: dict[str, Any] = Field(description="The draft that would change nothing.")


class StretchOut(BaseModel):
    """A part of a day of every week, or of one date; minutes after local midnight."""

    day: str | date
    start: int
    end: int

    @classmethod
    def of(cls, stretch: Stretch) -> StretchOut:
        """Return a stretch as it is shown."""
        day = _DAYS[stretch.day] if isinstance(stretch.day, int) else stretch.day
        return cls(day=day, start=stretch.span.start, end=stretch.span.end)


class PolicyChangeOut(BaseModel):
    """When somebody, by pseudonym, passes a door who did not before, and the other way round."""

    person: str
    door: str
    gained: tuple[StretchOut, ...]
    lost: tuple[StretchOut, ...]

    @classmethod
    def of(cls, change: Change) -> PolicyChangeOut:
        """Return a change as it is shown."""
        return cls(person=change.person, door=change.door, gained=_stretches(change.gained), lost=_stretches(change.lost))


class DoorTermsOut(BaseModel):
    """How a door deals with everybody: whose first card unlocks it, seconds for two people (0: one is enough), what becomes of who enters twice."""

    first_card_groups: tuple[str, ...]
    two_people_s: float
    passback: str
    passback_within_s: float | None

    @classmethod
    def of(cls, terms: DoorTerms) -> DoorTermsOut:
        """Return terms as they are shown."""
        mode = terms.passback
        within = mode.within.total_seconds() if mode.within is not None else None
        return cls(first_card_groups=terms.first_card_groups, two_people_s=terms.two_people_s, passback=mode.mode, passback_within_s=within)


class PolicyDoorChangeOut(BaseModel):
    """How a door would deal otherwise with everybody. ``unlocked``: when a first card unlocks it and did not before; ``locked``: the other way round."""

    door: str
    before: DoorTermsOut
    after: DoorTermsOut
    unlocked: tuple[StretchOut, ...]
    locked: tuple[StretchOut, ...]

    @classmethod
    def of(cls, change: DoorChange) -> PolicyDoorChangeOut:
        """Return a change as it is shown."""
        return cls(
            door=change.door,
            before=DoorTermsOut.of(change.before),
            after=DoorTermsOut.of(change.after),
            unlocked=_stretches(change.unlocked),
            locked=_stretches(change.locked),
        )


class PolicyPreviewOut(BaseModel):
    """What a draft would change, by person and by door; ``version`` is the one that it was compared with."""

    version: int
    sha256: str
    changes: list[PolicyChangeOut]
    doors: list[PolicyDoorChangeOut]

    @classmethod
    def of(cls, preview: PolicyPreview) -> PolicyPreviewOut:
        """Return a preview as it is shown."""
        return cls(
            version=preview.version,
            sha256=preview.sha256,
            changes=[PolicyChangeOut.of(one) for one in preview.changes],
            doors=[PolicyDoorChangeOut.of(one) for one in preview.doors],
        )


class AppliedPolicyOut(BaseModel):
    """A version that was applied; ``gains`` and ``loses``: how many people pass more, or less."""

    model_config = ConfigDict(from_attributes=True)

    version: int
    sha256: str
    document: dict[str, Any]
    reason: str
    applied: datetime
    applied_by: str
    entry: int
    gains: int
    loses: int


def _stretches(stretches: Sequence[Stretch]) -> tuple[StretchOut, ...]:
    return tuple(StretchOut.of(one) for one in stretches)

"""What the routes of the doors' policy read and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from consentry.access.register import PolicyDraft

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.register import PolicyPreview
    from consentry.access.rules.compare import Change, Stretch

__all__ = ["AppliedPolicyOut", "CurrentPolicyOut", "PolicyApplicationIn", "PolicyChangeOut", "PolicyIn", "PolicyPreviewOut", "StretchOut"]

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


class PolicyPreviewOut(BaseModel):
    """What a draft would change; ``version`` is the one that it was compared with."""

    version: int
    sha256: str
    changes: list[PolicyChangeOut]

    @classmethod
    def of(cls, preview: PolicyPreview) -> PolicyPreviewOut:
        """Return a preview as it is shown."""
        return cls(version=preview.version, sha256=preview.sha256, changes=[PolicyChangeOut.of(one) for one in preview.changes])


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

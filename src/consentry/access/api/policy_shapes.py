"""What the routes of the doors' policy read and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from consentry.access.register import PolicyDraft
from consentry.staff.rules import SHORTEST_REASON

if TYPE_CHECKING:
    from collections.abc import Sequence

    from consentry.access.register import KeptDraft, PolicyPreview
    from consentry.access.rules.compare import Change, DoorChange, DoorTerms, Stretch

__all__ = [
    "AppliedPolicyOut",
    "CurrentPolicyOut",
    "DoorTermsOut",
    "PolicyApplicationIn",
    "PolicyChangeOut",
    "PolicyDoorChangeOut",
    "PolicyDraftIn",
    "PolicyDraftNameIn",
    "PolicyDraftOut",
    "PolicyDraftPublicationIn",
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
    reason: str = Field(min_length=SHORTEST_REASON, max_length=200, description="Why, without names of persons; the ledger keeps it.")


class PolicyDraftIn(PolicyIn):
    """A draft that is kept in the place of the state that was seen."""

    seen: str | None = Field(default=None, max_length=36, description="`edit` of the state that was changed; null begins a draft where there is none.")


class PolicyDraftNameIn(BaseModel):
    """How a draft is called."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seen: str = Field(max_length=36, description="`edit` of the state that was seen.")
    name: str = Field(min_length=1, max_length=80)


class PolicyDraftPublicationIn(BaseModel):
    """The draft as it was seen and compared, to be put in force."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seen: str = Field(max_length=36, description="`edit` of the state that was compared.")
    expected_version: int = Field(ge=0, description="The version that it was compared with.")
    reason: str = Field(min_length=SHORTEST_REASON, max_length=200, description="Why, without names of persons; the ledger keeps it.")


class PolicyDraftOut(BaseModel):
    """The draft of the site. ``edit`` names this state of it; ``version``: the one in force when it was begun."""

    name: str
    document: dict[str, Any]
    edit: str
    version: int
    begun: datetime
    begun_by: str
    edited: datetime
    edited_by: str

    @classmethod
    def of(cls, kept: KeptDraft) -> PolicyDraftOut:
        """Return a draft as it is shown."""
        named = {name: getattr(kept, name) for name in cls.model_fields if name != "document"}
        return cls(document=dict(kept.draft.document), **named)


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

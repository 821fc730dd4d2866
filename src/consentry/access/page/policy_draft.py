"""The draft of a policy while somebody edits it on the page: it lives as long as the page is open, and is compared before it is applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.access.policy_text import draft_document
from consentry.access.register import PolicyDraft
from consentry.access.service.simulating import standing_policy

if TYPE_CHECKING:
    from consentry.access.model import Policy
    from consentry.access.register import PolicyPreview
    from consentry.console.screen import Screen

__all__ = ["Draft", "document_of", "draft_of", "drop_draft", "keep_draft", "kept_draft"]

DRAFT: Final = "policy-draft"


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy that is not in force, and what it would change where that was asked since its last edit."""

    policy: Policy
    preview: PolicyPreview | None = None


def kept_draft(screen: Screen) -> Draft | None:
    """Return the draft that the page holds, None where nothing was edited."""
    held: Draft | None = screen.kept.get(DRAFT)
    return held


async def draft_of(screen: Screen) -> Policy:
    """Return the policy that is edited: the draft, or what is in force."""
    held = kept_draft(screen)
    return held.policy if held else await screen.ask(standing_policy)


async def keep_draft(screen: Screen, policy: Policy, preview: PolicyPreview | None = None) -> None:
    """Hold a draft on the page and draw it."""
    screen.kept[DRAFT] = Draft(policy, preview)
    await screen.redraw()


async def drop_draft(screen: Screen) -> None:
    """Forget the draft and draw what is in force."""
    screen.kept.pop(DRAFT, None)
    await screen.redraw()


def document_of(policy: Policy) -> PolicyDraft:
    """Return the draft as the service takes it."""
    return PolicyDraft(draft_document(policy))

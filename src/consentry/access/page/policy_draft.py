"""The draft of the rules as a page holds it: the state that its reader sees, what that would change, and the word when somebody else changed it meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.access.policy_text import draft_document
from consentry.access.register import PolicyDraft
from consentry.access.service import policy_drafts
from consentry.access.service.policies import preview_policy
from consentry.access.service.simulating import standing_policy
from consentry.platform.actors import Permission
from consentry.platform.errors import ConflictError, ConsentryError

if TYPE_CHECKING:
    from consentry.access.model import Policy
    from consentry.access.register import KeptDraft, PolicyPreview
    from consentry.console.screen import Screen

__all__ = ["Draft", "apply_draft", "compare_draft", "draft_of", "drop_draft", "is_news", "keep_draft", "name_draft", "seen_draft"]

SEEN: Final = "policy-draft"
COMPARED: Final = "policy-draft-compared"


@dataclass(frozen=True, slots=True)
class Draft:
    """The draft as it is drawn: the policy that it makes, or why it makes none any more, and what it would change where that was asked of this state."""

    kept: KeptDraft
    policy: Policy | None
    trouble: ConsentryError | None
    preview: PolicyPreview | None


async def seen_draft(screen: Screen) -> Draft | None:
    """Return the draft of the site as it is now, which the page shows from now on; None where there is none, or for whoever may not edit it."""
    if not screen.may(Permission.MANAGE_DOORS):
        return None
    kept: KeptDraft | None = await screen.ask(policy_drafts.kept_draft)
    screen.kept[SEEN] = kept
    if kept is None:
        return None
    edit, preview = screen.kept.get(COMPARED, (None, None))
    try:
        policy = await screen.ask(policy_drafts.policy_of_draft, kept.draft)
    except ConsentryError as trouble:
        return Draft(kept, None, trouble, None)
    return Draft(kept, policy, None, preview if edit == kept.edit else None)


async def is_news(screen: Screen) -> bool:
    """Tell whether somebody changed, applied or began the draft since the page was drawn."""
    kept: KeptDraft | None = await screen.ask(policy_drafts.kept_draft)
    return _edit(kept) != _edit(screen.kept.get(SEEN))


async def draft_of(screen: Screen) -> Policy:
    """Return the policy that is edited: the draft that the reader sees, or what is in force."""
    seen: KeptDraft | None = screen.kept.get(SEEN)
    return await screen.ask(policy_drafts.policy_of_draft, seen.draft) if seen else await screen.ask(standing_policy)


async def keep_draft(screen: Screen, policy: Policy) -> None:
    """Keep a draft in the place of what the reader sees, and draw it.

    Raises:
        StaleError: ``policy-draft.changed``.
    """
    await screen.ask(policy_drafts.keep_draft, PolicyDraft(draft_document(policy)), _edit(screen.kept.get(SEEN)))
    await screen.redraw()


async def name_draft(screen: Screen, name: str) -> None:
    """Call the draft by a name, and draw it."""
    await screen.ask(policy_drafts.rename_draft, _edit(screen.kept.get(SEEN)) or "", name)
    await screen.redraw()


async def compare_draft(screen: Screen) -> None:
    """Find out what the draft would change, and draw it."""
    seen: KeptDraft | None = screen.kept.get(SEEN)
    if seen is not None:
        screen.kept[COMPARED] = (seen.edit, await screen.ask(preview_policy, seen.draft))
    await screen.redraw()


async def apply_draft(screen: Screen, reason: str) -> None:
    """Put the draft in force as it was compared, and draw what is in force.

    Raises:
        ConflictError: ``access.not-compared``.
        StaleError: ``policy-draft.changed``, ``policy.changed``.
    """
    seen = _edit(screen.kept.get(SEEN))
    edit, preview = screen.kept.get(COMPARED, (None, None))
    if seen is None or preview is None or edit != seen:
        raise ConflictError("access.not-compared", "draft", "it was not compared with what is in force", "Show first who gains or loses what.")
    await screen.ask(policy_drafts.apply_draft, seen, preview.version, reason)
    await screen.redraw()


async def drop_draft(screen: Screen) -> None:
    """Throw the draft away and draw what is in force."""
    await screen.ask(policy_drafts.discard_draft, _edit(screen.kept.get(SEEN)) or "")
    await screen.redraw()


def _edit(kept: KeptDraft | None) -> str | None:
    return kept.edit if kept else None

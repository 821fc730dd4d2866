"""Children in the console's pages of consent: a notice of their own, and ending what a child agreed to without a guardian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from consentry.consent import service
from consentry.consent.model import Audience
from consentry.consent.rules.guardians import CHILD_PURPOSES, child_terms
from consentry.console.dispatch import tell
from consentry.console.pages import act, at
from consentry.console.widgets import dialog, field, form, note, opener, segments
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from consentry.consent.model import Notice, NoticeTerms, Purpose
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["choose_audience", "end_under_age", "terms_to_begin_with", "under_age_dialog"]


def choose_audience(screen: Screen, purpose: Purpose, audience: Audience, everybody: Notice | None) -> None:
    """Let somebody choose whom the notice is for, where the settings let guardians decide and there is one for everybody."""
    if not screen.site.settings.recognition.guardians or purpose not in CHILD_PURPOSES or everybody is None:
        return
    views = [(at(f"/consent/publish?purpose={purpose}&audience={one}"), screen.term("audience", one)) for one in Audience]
    segments(screen.say("For whom"), views, at(f"/consent/publish?purpose={purpose}&audience={audience}"))
    if audience is Audience.CHILDREN:
        note(screen.say("A guardian reads this one. Its terms are those of the notice for everybody, and it holds half as long."), "", "warn")


def terms_to_begin_with(audience: Audience, before: Notice | None, everybody: Notice | None) -> NoticeTerms | None:
    """Return the terms that the next notice begins with; a notice for children has no others."""
    if audience is Audience.CHILDREN and everybody is not None:
        return child_terms(everybody.terms)
    return before.terms if before else None


def under_age_dialog(screen: Screen) -> None:
    """Add what ends the consents of a child for whom nobody agreed."""
    lead = screen.say("Every consent of the person ends now, and the face is erased. Say how you learnt it; nobody's age is guessed from a face.")
    with dialog(screen.say("A child, and no guardian agreed"), lead) as asked, form(screen, end_under_age, screen.say("End and erase"), look="danger"):
        field(screen.say("Consent"), "consent", screen.say("Its number, as on the receipt or in this list."), maxlength=36, required=True)
        field(screen.say("Reason"), "reason", screen.say("In words, without names."), maxlength=200, required=True)
    opener(screen.say("A child, and no guardian agreed…"), asked)


@act(Permission.HANDLE_REQUESTS)
async def end_under_age(screen: Screen, answers: Answers) -> None:
    """End the consents of a child for whom no guardian agreed."""
    await screen.ask(service.end_under_age, answers.need("consent"), answers.need("reason"))
    await screen.redraw()
    tell(screen, screen.say("Ended. What was kept of the person is being erased."))

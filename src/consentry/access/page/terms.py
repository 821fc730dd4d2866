"""What somebody may, as a form and in words: groups, days of validity, doors."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from consentry.access.page.parts import door_choices
from consentry.access.register import PersonTerms
from consentry.console.elements import tag, text
from consentry.console.reading import end_of_day, start_of_day
from consentry.console.widgets import field, note, tick

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from consentry.access.register import Group
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["door_ticks", "group_name", "group_ticks", "terms_of", "validity_fields", "validity_of", "validity_words"]

_SECOND = timedelta(seconds=1)


def group_name(screen: Screen, group: Group) -> str:
    """Return how a group is called."""
    return screen.own({"zh": group.zh, "en": group.en})


def group_ticks(screen: Screen, known: Sequence[Group], chosen: Sequence[str]) -> None:
    """Add a box for each group."""
    with tag("fieldset", "field"):
        text("legend", screen.say("Groups"))
        if not known:
            note(screen.say("There is no group yet."), screen.say("Rules name groups; without one, nobody passes a door."), "warn")
        for group in known:
            tick(group_name(screen, group), "group", group.id, ticked=group.id in chosen)


def door_ticks(screen: Screen, chosen: Sequence[str], hint: str) -> None:
    """Add a box for each door; ``hint`` says what it means that none is ticked."""
    with tag("fieldset", "field"):
        text("legend", screen.say("Which doors"))
        for choice in door_choices(screen):
            tick(choice.words, "door", choice.value, ticked=choice.value in chosen)
        text("div", hint, "hint")


def validity_fields(screen: Screen, start: datetime | None, until: datetime | None) -> None:
    """Add the first and the last day; ``until`` is the instant before which something holds."""
    with tag("div", "two"):
        field(screen.say("First day"), "from", screen.say("Empty: from now on."), value=_day(screen, start), type="date")
        last = until - _SECOND if until else None
        field(screen.say("Last day"), "until", screen.say("Empty: without end."), value=_day(screen, last), type="date")


def _day(screen: Screen, at: datetime | None) -> str:
    return at.astimezone(screen.speech.zone).date().isoformat() if at else ""


def validity_of(screen: Screen, answers: Answers) -> tuple[datetime | None, datetime | None]:
    """Return from when until before when something holds, as a form with :func:`validity_fields` sends it.

    Raises:
        InputError: ``form.day``.
    """
    start, last = answers.one("from").strip(), answers.one("until").strip()
    return (start_of_day(screen, start) if start else None, end_of_day(screen, last) + _SECOND if last else None)


def validity_words(screen: Screen, start: datetime | None, until: datetime | None) -> str:
    """Say from when to when something holds."""
    if start is None and until is None:
        return screen.say("without end")
    if until is None:
        return screen.say("from {time}", time=screen.speech.moment(start)) if start else ""
    if start is None:
        return screen.say("until {time}", time=screen.speech.moment(until))
    return f"{screen.speech.moment(start)} – {screen.speech.moment(until)}"


def terms_of(screen: Screen, answers: Answers, host: str | None = None) -> PersonTerms:
    """Return what a form says that somebody may."""
    start, until = validity_of(screen, answers)
    return PersonTerms(
        groups=answers.all("group"),
        valid_from=start,
        valid_until=until,
        host=host,
        doors=answers.all("door") or None,
        passback_exempt=bool(answers.one("passback-exempt")),
        longer_release=bool(answers.one("longer-release")),
    )

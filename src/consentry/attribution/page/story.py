"""What happened, in order: moments with their instant, their words and their entry of the ledger; and the events of a case in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from consentry.attribution import model
from consentry.attribution.visiting import EditField
from consentry.console.actors import short
from consentry.console.elements import tag, text
from consentry.console.pages import at as address
from consentry.console.widgets import badge, button_link
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from consentry.attribution.visiting import VisitEdit
    from consentry.console.screen import Screen

__all__ = ["Moment", "draw", "edit_words", "event_words", "moments_of", "value_words"]


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened: when, in words, a remark such as by whom, its entry in the ledger where it has one, and a tone as a badge has."""

    at: datetime
    words: str
    remark: str = ""
    entry: int | None = None
    tone: str = ""


def draw(screen: Screen, moments: Sequence[Moment]) -> None:
    """Add the moments as a list with a line through them, each with its time."""
    with tag("ol", "story"):
        for moment in moments:
            with tag("li", moment.tone):
                text("time", screen.speech.moment(moment.at), "quiet small figure")
                with tag("div", "grow"):
                    text("div", moment.words)
                    if moment.remark:
                        text("div", moment.remark, "quiet small")
                if moment.entry is not None:
                    _entry(screen, moment.entry)


def _entry(screen: Screen, index: int) -> None:
    words = screen.say("entry {index}", index=index)
    if screen.may(Permission.VIEW_LEDGER):
        button_link(words, address(f"/ledger/{index}"), look="plain")
    else:
        badge(words, "plain")


def edit_words(screen: Screen, edit: VisitEdit) -> str:
    """Say what somebody wanted to be another value."""
    before, after = value_words(screen, edit.field, edit.before), value_words(screen, edit.field, edit.after)
    return screen.say("{field}: {before} should be {after}; the first stands", field=screen.term("edit-field", edit.field), before=before, after=after)


def value_words(screen: Screen, field: EditField, value: object) -> str:
    """Write a value of a visit as people read it."""
    if value is None:
        return screen.say("none")
    if field is EditField.AT and isinstance(value, str):
        return screen.speech.moment(datetime.fromisoformat(value))
    return short(str(value))


def moments_of(screen: Screen, case: model.Case, names: Mapping[str, str]) -> list[Moment]:
    """Return the events of a case in order, with the contract of sale at its end; agencies' contracts and outages come first among equals."""
    found = [Moment(at, event_words(screen, event, names), tone=_tone(event)) for event in case.events if (at := _at(event)) is not None]
    found.append(
        Moment(
            case.signing.at, screen.say_count("The contract was signed by {count} buyer", "The contract was signed by {count} buyers", len(case.signing.buyers))
        )
    )
    return sorted(found, key=lambda moment: moment.at)


def event_words(screen: Screen, event: model.Event, names: Mapping[str, str]) -> str:
    """Say what an event of a case is, in one line."""
    match event:
        case model.Report():
            words = screen.say("{agency} reported client {client}", agency=names.get(event.agency, event.agency), client=short(event.client))
        case model.Refusal():
            words = screen.say("The developer refused report {report}", report=short(event.report))
        case model.Visit():
            words = _visit(screen, event)
        case model.Edit():
            words = screen.say("Somebody wanted a value of {event} to be another; the first stands", event=short(event.of))
        case model.Link():
            words = screen.say(
                "{a} and {b}: {kind}, grade {grade}", a=short(event.a), b=short(event.b), kind=screen.term("link-kind", event.kind), grade=event.grade
            )
        case model.AgencyContract():
            until = screen.speech.moment(event.until)
            words = screen.say("The agreement of {agency} begins; it lasts until {until}", agency=names.get(event.agency, event.agency), until=until)
        case model.Outage():
            words = screen.say("Nothing could be received until {until}", until=screen.speech.moment(event.until))
        case model.Statement():
            found = screen.say("found credible") if event.credible else screen.say("not found credible")
            words = screen.say("{person} states an earlier visit that nobody recorded; {found}", person=short(event.person), found=found)
        case _:
            words = screen.say("The contract was signed")
    return words


def _visit(screen: Screen, event: model.Visit) -> str:
    person = short(event.person)
    if event.report is None:
        return screen.say("{person} arrived without an agency", person=person)
    if event.bound:
        return screen.say("{person} arrived on report {report}, bound by code or by the visitor's word", person=person, report=short(event.report))
    return screen.say("{person} arrived and named report {report}, bound by nothing", person=person, report=short(event.report))


def _at(event: model.Event) -> datetime | None:
    return event.start if isinstance(event, model.AgencyContract | model.Outage) else event.at


def _tone(event: model.Event) -> str:
    return "warn" if isinstance(event, model.Refusal | model.Edit | model.Outage | model.Statement) else ""

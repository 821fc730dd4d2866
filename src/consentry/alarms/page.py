"""Alarms in the console: what is wrong and what to do, acknowledged, escalated or closed by a person; and what was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from consentry.alarms import service
from consentry.alarms.model import AlarmKind, AlarmState, Severity
from consentry.console.dispatch import tell
from consentry.console.elements import tag, text
from consentry.console.pages import act, at, console_page
from consentry.console.places import camera_name, door_name
from consentry.console.widgets import badge, button, button_link, card, dialog, fact, field, form, nothing, opener, page_head, segments
from consentry.platform.actors import Permission

if TYPE_CHECKING:
    from consentry.alarms.model import Alarm, Delivery
    from consentry.console.answers import Answers
    from consentry.console.screen import Screen

__all__ = ["SEVERITY_TONES", "alarm_title", "draw_alarm", "draw_alarms"]

SEVERITY_TONES: Final = {Severity.NOTICE: "", Severity.WARNING: "warn", Severity.CRITICAL: "bad"}
STATE_TONES: Final = {AlarmState.OPEN: "bad", AlarmState.ESCALATED: "bad", AlarmState.ACKNOWLEDGED: "warn", AlarmState.CLOSED: "good"}
LIVE: Final = frozenset(AlarmState) - {AlarmState.CLOSED}
OF_THE_VAULT: Final = frozenset({AlarmKind.VAULT_AWAY, AlarmKind.ERASURE_LATE})
"""A site has one vault: their words say what is meant."""
OF_DOORS: Final = frozenset(
    {
        AlarmKind.DOOR_FORCED,
        AlarmKind.DOOR_HELD_OPEN,
        AlarmKind.DOOR_TAMPER,
        AlarmKind.DOOR_FAULT,
        AlarmKind.DURESS,
        AlarmKind.READER_FAULT,
        AlarmKind.FACE_ALONE,
        AlarmKind.CONTROLLER_AWAY,
        AlarmKind.DOOR_CLOCK,
        AlarmKind.DOOR_POLICY_EXPIRED,
        AlarmKind.DOOR_LOG_FULL,
        AlarmKind.DOOR_EVENTS_LOST,
        AlarmKind.DOOR_LOG_BROKEN,
        AlarmKind.DOOR_PARITY,
    }
)
"""What is about a door or its controller."""
PAGE_LENGTH: Final = 40


def alarm_title(screen: Screen, alarm: Alarm) -> str:
    """Say what is wrong with what."""
    if alarm.kind in OF_THE_VAULT:
        return screen.term("alarm", alarm.kind)
    return screen.say("{what}: {subject}", what=screen.term("alarm", alarm.kind), subject=_subject(screen, alarm))


def _subject(screen: Screen, alarm: Alarm) -> str:
    if alarm.kind in {AlarmKind.CAMERA_STOPPED, AlarmKind.CAMERA_GAP}:
        return camera_name(screen, alarm.subject)
    return door_name(screen, alarm.subject) if alarm.kind in OF_DOORS else alarm.subject


@console_page("/alarms", access=Permission.VIEW_ALARMS, title="Alarms", personal=True)
async def draw_alarms(screen: Screen) -> None:
    """List the alarms that are live, or those that are over; all, or those of doors."""
    over, of_doors = screen.query.get("show") == "closed", screen.query.get("about") == "doors"
    states = {AlarmState.CLOSED} if over else LIVE
    kinds = OF_DOORS if of_doors else None
    found = await screen.ask(service.list_alarms, states=states, kinds=kinds, after=screen.query.get("after"), limit=PAGE_LENGTH)
    with page_head(screen.say("Alarms"), _delivery_lead(screen)):
        if screen.may(Permission.VIEW_SETTINGS):
            button_link(screen.say("Delivery"), at("/settings?part=alarms"), picture="settings")
    with tag("div", "stack"):
        _views(screen, over=over, of_doors=of_doors)
        if not found:
            _empty(screen, over=over)
        else:
            _list(screen, found)


def _views(screen: Screen, *, over: bool, of_doors: bool) -> None:
    with tag("div", "row apart"):
        views = [(screen.address(show=None, after=None), screen.say("Now")), (screen.address(show="closed", after=None), screen.say("History"))]
        segments(screen.say("Which alarms"), views, views[over][0])
        if screen.site.settings.doors:
            about = [(screen.address(about=None, after=None), screen.say("All")), (screen.address(about="doors", after=None), screen.say("Doors"))]
            segments(screen.say("About what"), about, about[of_doors][0])


def _delivery_lead(screen: Screen) -> str:
    said = screen.site.settings.alarms
    if said.email is None and said.webhook is None:
        return screen.say("Alarms are shown here only. Mail or a webhook can be set up in the settings.")
    return screen.say("Alarms that nobody acknowledges within {time} are sent again to everyone.", time=screen.speech.length(said.escalate_after))


def _empty(screen: Screen, *, over: bool) -> None:
    with card():
        if over:
            nothing(screen.say("No alarm has been closed yet"), screen.say("Alarms that are over are kept here for as long as the settings say."), "alarms")
        else:
            nothing(screen.say("All is well"), screen.say("Cameras, disk, clock, jobs and the ledger are watched. Alarms appear here by themselves."), "check")


def _list(screen: Screen, found: list[Alarm]) -> None:
    with card(classes="flush"), tag("ul", "rows"):
        for alarm in found:
            _row(screen, alarm)
    if len(found) == PAGE_LENGTH:
        with tag("div", "row"):
            button_link(screen.say("Older alarms"), screen.address(after=found[-1].id), picture="right")


def _row(screen: Screen, alarm: Alarm) -> None:
    with tag("li", "wrap"):
        with tag("div", "grow"):
            with tag("div", "row tight"):
                text("a", alarm_title(screen, alarm), "strong", {"href": at(f"/alarms/{alarm.id}")})
                badge(screen.term("severity", alarm.severity), SEVERITY_TONES[alarm.severity] or "plain")
            text("div", screen.term("alarm-mend", alarm.kind), "small")
            text("div", _when(screen, alarm), "quiet small figure")
        badge(screen.term("alarm-state", alarm.state), STATE_TONES[alarm.state])
        if screen.may(Permission.HANDLE_ALARMS):
            _actions(screen, alarm)


def _when(screen: Screen, alarm: Alarm) -> str:
    begun = screen.say("since {time}", time=screen.speech.moment(alarm.raised))
    times = screen.say_count("seen {count} time", "seen {count} times", alarm.times)
    quiet = screen.say("well again since {time}", time=screen.speech.moment(alarm.quiet_since)) if alarm.quiet_since else ""
    return " · ".join(filter(None, [begun, times, quiet]))


def _actions(screen: Screen, alarm: Alarm) -> None:
    title = alarm_title(screen, alarm)
    with tag("div", "row tight"):
        if alarm.state in {AlarmState.OPEN, AlarmState.ESCALATED}:
            with dialog(screen.say("Acknowledge"), title) as asked, form(screen, acknowledge, screen.say("I look after it"), {"alarm": alarm.id}):
                field(screen.say("Note"), "note", screen.say("What you will do. Name no person."), rows=3, maxlength=500)
            opener(screen.say("Acknowledge…"), asked, look="main-action", name=screen.say("Acknowledge: {title}", title=title))
        if alarm.state in {AlarmState.OPEN, AlarmState.ACKNOWLEDGED}:
            button(screen, screen.say("Escalate"), escalate, {"alarm": alarm.id}, name=screen.say("Escalate: {title}", title=title))
        if alarm.state is AlarmState.ACKNOWLEDGED:
            button(screen, screen.say("Close"), close, {"alarm": alarm.id}, name=screen.say("Close: {title}", title=title))


@console_page("/alarms/{alarm}", access=Permission.VIEW_ALARMS, title="Alarm", personal=True)
async def draw_alarm(screen: Screen) -> None:
    """Show one alarm with its history and what was told of it."""
    alarm = await screen.ask(service.alarm, screen.query["alarm"])
    sent = await screen.ask(service.deliveries, alarm.id)
    with page_head(alarm_title(screen, alarm), screen.term("alarm-mend", alarm.kind)):
        button_link(screen.say("All alarms"), at("/alarms"), picture="left")
    with tag("div", "split"):
        with card(screen.say("Alarm")):
            _facts(screen, alarm)
            if screen.may(Permission.HANDLE_ALARMS):
                _actions(screen, alarm)
        _deliveries(screen, sent)


def _facts(screen: Screen, alarm: Alarm) -> None:
    with tag("dl", "facts"):
        fact(screen.say("State"), screen.term("alarm-state", alarm.state))
        fact(screen.say("Severity"), screen.term("severity", alarm.severity))
        if alarm.detail:
            fact(screen.say("Details"), alarm.detail)
        moments = (
            (screen.say("Raised"), alarm.raised),
            (screen.say("Last seen"), alarm.last_seen),
            (screen.say("Escalated"), alarm.escalated),
            (screen.say("Acknowledged"), alarm.acknowledged),
            (screen.say("Well again since"), alarm.quiet_since),
            (screen.say("Closed"), alarm.closed),
        )
        for name, at_ in moments:
            if at_ is not None:
                fact(name, screen.speech.moment(at_))
        if alarm.acknowledged_by:
            fact(screen.say("Acknowledged by"), alarm.acknowledged_by, mono=True)
        if alarm.note:
            fact(screen.say("Note"), alarm.note)


def _deliveries(screen: Screen, sent: list[Delivery]) -> None:
    with card(screen.say("Told"), classes="flush"):
        if not sent:
            nothing(screen.say("Nobody was told"), screen.say("Set up mail or a webhook in the settings."), "alarms")
            return
        with tag("ul", "rows"):
            for delivery in sent:
                with tag("li"):
                    with tag("div", "grow"):
                        text("div", f"{screen.term('channel', delivery.channel)} · {screen.term('alarm-step', delivery.step)}", "strong")
                        text("div", delivery.problem or (screen.speech.moment(delivery.sent) if delivery.sent else ""), "quiet small")
                    badge(screen.term("delivery", delivery.state), {"sent": "good", "failed": "bad"}.get(delivery.state, "warn"))


@act(Permission.HANDLE_ALARMS)
async def acknowledge(screen: Screen, answers: Answers) -> None:
    """Say that the person signed in looks after an alarm."""
    await screen.ask(service.acknowledge, answers.need("alarm"), answers.one("note"))
    await screen.redraw()
    tell(screen, screen.say("You look after it."))


@act(Permission.HANDLE_ALARMS)
async def escalate(screen: Screen, answers: Answers) -> None:
    """Bring an alarm up to everyone again."""
    await screen.ask(service.escalate, answers.need("alarm"))
    await screen.redraw()
    tell(screen, screen.say("Everyone is told again."))


@act(Permission.HANDLE_ALARMS)
async def close(screen: Screen, answers: Answers) -> None:
    """Close an alarm."""
    await screen.ask(service.close, answers.need("alarm"))
    await screen.redraw()
    tell(screen, screen.say("The alarm is closed."))
